"""Fujian's clients: a token for MD5(appCode + timestamp), then SOAP whose argument is an XML
document in SM4, key MD5(appCode) (domain §1.2).

MD5 and ECB are the dialect's, not ours: the key is good for its region only, and behind it
everything is idempotent.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from haochaping.exchange.rules import NotReadable, NotSigned
from haochaping.kernel import crypto
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import whole

OPERATIONS = ("getSaveEvaluation", "getEvaluationSupplement")  # report, late report 补报
_SKEW = timedelta(minutes=5)
_NAME = re.compile(r"[A-Za-z]\w{0,40}")
_LONGEST = 200_000


def check_token(code: str, timestamp: str, sign: str, at: datetime) -> None:
    """Raise NotSigned unless the sign is MD5(appCode + timestamp in milliseconds) and fresh."""
    expected = hashlib.md5(f"{code}{timestamp}".encode(), usedforsecurity=False).hexdigest()
    milliseconds = whole(timestamp, digits=14) or 0
    fresh = abs(at.timestamp() - milliseconds / 1000) <= _SKEW.total_seconds()
    if not fresh or not crypto.same(expected, sign.lower()):
        raise NotSigned


def key_of(code: str) -> bytes:
    """Return the SM4 key of an application."""
    return hashlib.md5(code.encode(), usedforsecurity=False).digest()


def call(body: bytes, code: str) -> tuple[str, dict[str, str]]:
    """Return the operation and the row of a SOAP call; raises NotReadable."""
    root = _xml(body)
    for element in root.iter():
        operation = element.tag.rsplit("}", 1)[-1]
        if operation in OPERATIONS:
            cipher = "".join("".join(element.itertext()).split())
            try:
                document = crypto.sm4_ecb_open(
                    key_of(code), base64.b64decode(cipher, validate=True)
                )
            except (ValueError, binascii.Error):
                raise NotReadable from None
            fields = [
                child
                for child in _xml(document).iter()
                if _NAME.fullmatch(child.tag) and not len(child)
            ]
            return operation, {field.tag: (field.text or "").strip() for field in fields}
    raise NotReadable


def _xml(text: bytes) -> ET.Element:
    if (
        len(text) > _LONGEST or b"<!DOCTYPE" in text or b"<!ENTITY" in text
    ):  # no entities, so no bombs and no outside files
        raise NotReadable
    try:
        return ET.fromstring(text)  # noqa: S314 - guarded above
    except (ET.ParseError, ValueError, RecursionError):
        raise NotReadable from None


def answer(
    operation: str, refusal: Refusal | None, values: Mapping[str, str] | None = None
) -> bytes:
    """Return a SOAP answer with `<code>200</code>` or the reason."""
    code, said = ("200", "success") if refusal is None else (str(refusal.status), refusal.says.zh)
    data = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in (values or {}).items())
    inner = (
        f"<result><code>{code}</code><message>{escape(said)}</message><data>{data}</data></result>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
        f'<ns:{operation}Response xmlns:ns="http://linewell.com/ws/"><return>{escape(inner)}</return></ns:{operation}Response>'
        "</soapenv:Body></soapenv:Envelope>"
    ).encode()
