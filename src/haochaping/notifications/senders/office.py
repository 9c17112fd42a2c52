"""Telling an office by mail (HCP_MAIL, SMTP) or by webhook: a POST that is signed with HMAC-SHA256, so that the receiver can trust it."""

import hmac
import json
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from haochaping.kernel import outbound
from haochaping.notifications.actions import Digest
from haochaping.notifications.rules import Way


def send(digest: Digest) -> bool:
    """Send a digest; say whether it went out. What fails is tried again later."""
    return _mail(digest) if digest.way is Way.MAIL else _webhook(digest)


def _mail(digest: Digest) -> bool:
    if not settings.MAIL:
        return False
    parts = urlsplit(settings.MAIL)
    sender = dict(parse_qsl(parts.query)).get("from", f"haochaping@{parts.hostname}")
    connection = EmailBackend(
        host=parts.hostname,
        port=parts.port or (465 if parts.scheme == "smtps" else 25),
        username=unquote(parts.username or "") or None,
        password=unquote(parts.password or "") or None,
        use_ssl=parts.scheme == "smtps",
        timeout=20,
    )
    body = f"{digest.says}。\n\n请登录好差评管理后台处理：{settings.PUBLIC_URL}/admin/\n"
    message = EmailMessage(f"好差评工单提醒：{digest.says}"[:120], body, sender, [digest.address])
    try:
        return bool(connection.send_messages([message]))
    except OSError:  # smtplib's errors are OSErrors
        return False


def _webhook(digest: Digest) -> bool:
    body = json.dumps({"upto": digest.upto, "says": digest.says}, ensure_ascii=False).encode()
    signature = hmac.new(settings.WEBHOOK_SECRET.encode(), body, "sha256").hexdigest()
    headers = {"Content-Type": "application/json", "X-HCP-Signature": signature}
    try:
        return outbound.post(digest.address, headers=headers, content=body).status < 300  # noqa: PLR2004 - HTTP
    except outbound.Unreachable:
        return False
