"""Telling an office by mail (HCP_MAIL, SMTP) or by webhook.

A POST that is signed with the receiver's own secret (kernel.webhooks), so that it can trust it.
"""

import json
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage, mailers

from haochaping.kernel import outbound, webhooks
from haochaping.kernel.words import chinese
from haochaping.notifications.actions import Digest
from haochaping.notifications.rules import Way


def send(digest: Digest, *, at: datetime) -> bool:
    """Send a digest; say whether it went out. What fails is tried again later."""
    return _mail(digest) if digest.way is Way.MAIL else _webhook(digest, at)


def mail_file(address: str, title: str, name: str, content: bytes) -> bool:
    """Mail a report as a file; say whether it went out."""
    body = chinese(f"{title}，见附件。\n\n取消订阅：{settings.PUBLIC_URL}/insight/reports\n")
    message = EmailMessage(
        chinese(f"好差评报告：{title}")[:120], body, settings.MAIL_FROM, [address]
    )
    message.attach(name, content, "application/pdf")
    return _mailed(message)


def _mail(digest: Digest) -> bool:
    body = chinese(f"{digest.says}。\n\n请登录好差评管理后台处理：{settings.PUBLIC_URL}/admin/\n")
    message = EmailMessage(
        chinese(f"好差评工单提醒：{digest.says}")[:120], body, settings.MAIL_FROM, [digest.address]
    )
    return _mailed(message)


def _mailed(message: EmailMessage) -> bool:
    if "default" not in mailers:
        return False
    try:
        return bool(mailers.default.send_messages([message]))
    except OSError:  # smtplib's errors are OSErrors
        return False


def _webhook(digest: Digest, at: datetime) -> bool:
    body = json.dumps({"upto": digest.upto, "says": digest.says}, ensure_ascii=False).encode()
    message = f"notice-{digest.contact_id}-{digest.upto}"
    headers = webhooks.signed(digest.secrets, message=message, at=at, body=body)
    try:
        # HTTP.
        return outbound.post(digest.address, headers=headers, content=body).status < 300  # noqa: PLR2004
    except outbound.Unreachable:
        return False
