"""Huawei Cloud SMS (batchSendSms v1) with X-WSSE authentication as its documentation describes.

`huawei://app-key:app-secret@host:443/channel-number?sign=…&check=template-id&invite=…&callback=https://…`
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import SplitResult, parse_qsl, unquote

from haochaping.kernel import clock, outbound
from haochaping.kernel.moments import LOCAL, parse_moment
from haochaping.notifications.actions import Outgoing
from haochaping.notifications.rules import fate
from haochaping.notifications.senders.gateway import (
    Final,
    Passing,
    Push,
    field,
    take_receipt,
    take_reply,
)

# frequency and flow control, the platform's own trouble
_PASSING = frozenset(("E000503", "E000510", "E200015", "E200037", "E200040"))
_ORDER: Mapping[str, tuple[str, ...]] = {
    "check": ("code",),
    "invite": ("item", "link"),
    "thanks": ("receipt",),
    "reason": ("receipt",),
}


def wsse(key: str, secret: str, nonce: str, at: datetime) -> str:
    """Return the X-WSSE header.

    The digest is the base64 of the hexadecimal SHA-256, as Huawei's sample has it.
    """
    created = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    digest = base64.b64encode(
        hashlib.sha256(f"{nonce}{created}{secret}".encode()).hexdigest().encode()
    ).decode()
    return (
        f'UsernameToken Username="{key}",PasswordDigest="{digest}",'
        f'Nonce="{nonce}",Created="{created}"'
    )


class Huawei:
    """Sends through Huawei Cloud."""

    def __init__(self, address: SplitResult) -> None:
        self.key, self.secret = unquote(address.username or ""), unquote(address.password or "")
        query = dict(parse_qsl(address.query))
        place = f"{address.hostname or 'smsapi.cn-north-4.myhuaweicloud.com'}:{address.port or 443}"
        self.url = f"{query.pop('scheme', 'https')}://{place}/sms/batchSendSms/v1"
        self.channel = address.path.strip("/")
        self.sign, self.callback = query.pop("sign", ""), query.pop("callback", "")
        self.templates = query

    def send(self, message: Outgoing) -> str:
        """Hand the message over; raises Passing or Final."""
        template = self.templates.get(message.template)
        if template is None:
            raise Final(f"no approved template for {message.template}")
        form = {
            "from": self.channel,
            "to": f"+86{message.phone}",
            "templateId": template,
            "templateParas": json.dumps(
                [message.values[name] for name in _ORDER.get(message.template, ())],
                ensure_ascii=False,
            ),
            "extend": str(message.id),  # echoed in receipts
            **({"statusCallback": self.callback} if self.callback else {}),
            **({"signature": self.sign} if self.sign else {}),
        }
        headers = {
            "Authorization": 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"',
            "X-WSSE": wsse(self.key, self.secret, secrets.token_hex(16), clock.now()),
        }
        try:
            answer = outbound.post(self.url, form=form, headers=headers)
            told = json.loads(answer.body)
        except (outbound.Unreachable, ValueError) as trouble:
            raise Passing(str(trouble)) from None
        result = (told.get("result") or [{}])[0]
        code = str(result.get("status") or told.get("code", answer.status))
        if code == "000000":
            return str(result.get("smsMsgId", ""))
        # HTTP.
        raise (Passing if code in _PASSING or answer.status >= 500 else Final)(code)  # noqa: PLR2004

    def listen(self) -> None:
        """Receipts and replies are pushed to `/hooks/sms/…`."""


def take_receipts(push: Push) -> None:
    """Take in a receipt that Huawei Cloud pushes (statusCallback)."""
    status = field(push.form, "status", 30)
    take_receipt(
        provider_id=field(push.form, "smsMsgId", 64),
        own_id=field(push.form, "extend", 18),
        fate=fate(status),
        why=status,
    )


def take_replies(push: Push) -> None:
    """Take in a reply that Huawei Cloud pushes."""
    take_reply(
        phone=field(push.form, "from", 20),
        destination=field(push.form, "to", 32),
        content=field(push.form, "body"),
        sent_at=_utc(field(push.form, "createTime", 30)),
    )


def _utc(text: str) -> datetime | None:
    """Read a time; without a zone it is UTC, as Huawei documents."""
    moment = parse_moment(text)
    zoned = "Z" in text or "+" in text
    return moment if moment is None or zoned else moment.astimezone(LOCAL).replace(tzinfo=UTC)


HOOKS = {"receipts": take_receipts, "replies": take_replies}
