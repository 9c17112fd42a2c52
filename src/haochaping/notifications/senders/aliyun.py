"""Alibaba Cloud SMS (dysmsapi 2017-05-25), requests signed with ACS3-HMAC-SHA256 as its
documentation describes.

`aliyun://key-id:key-secret@host/sign-name?check=SMS_1&invite=SMS_2…`: the query maps our templates
to the approved ones.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote

from haochaping.kernel import clock, outbound
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.words import chinese
from haochaping.notifications.actions import Outgoing
from haochaping.notifications.rules import Fate
from haochaping.notifications.senders.gateway import (
    Final,
    Passing,
    Push,
    field,
    take_receipt,
    take_reply,
)

# Refusals that pass; whatever else is not OK is final. An unknown outcome is sent again: a second
# SMS is the lesser evil, receipts tell.
_PASSING = (
    "isv.BUSINESS_LIMIT_CONTROL",
    "isp.SYSTEM_ERROR",
    "Throttling",
    "ServiceUnavailable",
    "isv.OUT_OF_SERVICE",
    "isv.AMOUNT_NOT_ENOUGH",
)
_EMPTY = hashlib.sha256(b"").hexdigest()


def signed_headers(  # noqa: PLR0913 - what is signed
    *,
    key: str,
    secret: str,
    host: str,
    action: str,
    version: str,
    params: Mapping[str, str],
    at: datetime,
    nonce: str,
) -> dict[str, str]:
    """Return the headers of a signed call with an empty body (Alibaba Cloud, signature
    version 3).
    """
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": _EMPTY,
        "x-acs-date": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    query = "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in sorted(params.items())
    )
    names = ";".join(sorted(headers))
    signed = [f"{name}:{headers[name]}" for name in sorted(headers)]
    canonical = "\n".join(["POST", "/", query, *signed, "", names, _EMPTY])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    return {
        **headers,
        "Authorization": (
            f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}"
        ),
    }


class Aliyun:
    """Sends through Alibaba Cloud."""

    def __init__(self, address: SplitResult) -> None:
        self.key, self.secret = unquote(address.username or ""), unquote(address.password or "")
        self.host = address.hostname or "dysmsapi.aliyuncs.com"
        query = dict(parse_qsl(address.query))
        self.url = f"{query.pop('scheme', 'https')}://{self.host}" + (
            f":{address.port}" if address.port else ""
        )
        self.sign = unquote(address.path.strip("/"))
        self.templates = query

    def send(self, message: Outgoing) -> str:
        """Hand the message over; raises Passing or Final."""
        template = self.templates.get(message.template)
        if template is None:
            raise Final(f"no approved template for {message.template}")
        params = {
            "PhoneNumbers": message.phone,
            "SignName": self.sign,
            "TemplateCode": template,
            "TemplateParam": json.dumps(dict(message.values), ensure_ascii=False),
            "OutId": str(message.id),
            **({"SmsUpExtendCode": message.extension} if message.extension else {}),
        }
        headers = signed_headers(
            key=self.key,
            secret=self.secret,
            host=self.host,
            action="SendSms",
            version="2017-05-25",
            params=params,
            at=clock.now(),
            nonce=uuid.uuid4().hex,
        )
        try:
            answer = outbound.post(self.url, params=params, headers=headers)
            told = json.loads(answer.body)
        except (outbound.Unreachable, ValueError) as trouble:
            raise Passing(str(trouble)) from None
        code = str(told.get("Code", answer.status))
        if code == "OK":
            return str(told.get("BizId", ""))
        # HTTP.
        raise (Passing if code.startswith(_PASSING) or answer.status >= 500 else Final)(code)  # noqa: PLR2004

    def listen(self) -> None:
        """Receipts and replies are pushed to `/hooks/sms/…`."""


def take_receipts(push: Push) -> dict[str, Any]:
    """Take in the receipts that Alibaba Cloud pushes (SmsReport)."""
    for item in push.items():
        take_receipt(
            provider_id=field(item, "biz_id", 64),
            own_id=field(item, "out_id", 18),
            fate=Fate.DELIVERED if item.get("success") in (True, "true") else Fate.FAILED,
            why=field(item, "err_code", 60),
        )
    return _TAKEN


def take_replies(push: Push) -> dict[str, Any]:
    """Take in the replies that Alibaba Cloud pushes (SmsUp)."""
    for item in push.items():
        take_reply(
            phone=field(item, "phone_number", 20),
            destination=field(item, "dest_code", 32),
            content=field(item, "content"),
            sent_at=parse_moment(field(item, "send_time", 30)),
        )
    return _TAKEN


_TAKEN = {"code": 0, "msg": chinese("接收成功")}
HOOKS = {"receipts": take_receipts, "replies": take_replies}
