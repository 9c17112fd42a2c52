"""Fujian's SOAP, in both directions: a token for MD5(appCode + timestamp), then SOAP whose argument
is an XML document in SM4, key MD5(appCode) (domain §1.2).

MD5 and ECB are the dialect's, not ours: the key is good for its region only, and behind it
everything is idempotent.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from haochaping.exchange.partners.sending import (
    OK,
    Dialogue,
    Failed,
    Letter,
    Link,
    Request,
    Saying,
    of_json,
    of_words,
    one_by_one,
    ratings_only,
)
from haochaping.exchange.rules import NotReadable, NotSigned, Status, Told, fields
from haochaping.kernel import crypto
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.numbers import whole

OPERATIONS = ("getSaveEvaluation", "getEvaluationSupplement")  # report, late report 补报
_IN_TIME = timedelta(days=2)  # within which a rating is no late report
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
            found = [
                (child.tag, (child.text or "").strip())
                for child in _xml(document).iter()
                if _NAME.fullmatch(child.tag) and not len(child)
            ]
            return operation, fields(found)
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


# --- what we say to a platform that takes this

_FOLLOW_UP = "2"


def upload(letters: Sequence[Letter], link: Link) -> Dialogue:
    """Ask for a token, then send each rating with its service in one document: the dialect has no
    message for a service alone and none for rectification.
    """
    ratings = yield from ratings_only(letters)
    if not ratings:
        return
    token = str(of_json((yield _token(link))).get("access_token", ""))
    if not token:
        raise Failed("no access_token")

    def say(one: Letter) -> Saying:
        answer = yield _saved(one, token, link)
        return _read(one, answer.body if answer and answer.status == OK else b"")

    yield from one_by_one(ratings, say)


def _token(link: Link) -> Request:
    """Ask for a token: MD5(appCode + milliseconds)."""
    stamp = str(int(link.at.timestamp() * 1000))
    code = link.secret["app_code"]
    sign = hashlib.md5(f"{code}{stamp}".encode(), usedforsecurity=False).hexdigest()
    told = {"app_key": link.secret["kid"], "timestamp": stamp, "sign": sign}
    return Request(f"{link.url}/gateway/get-token", params=told)


def document(row: Mapping[str, str]) -> bytes:
    """Return a row as the XML that is encrypted, without line breaks."""
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><evaluation>{fields}</evaluation>'.encode()


def _saved(one: Letter, token: str, link: Link) -> Request:
    row = {**one.service, **one.document}
    if row.get("evaluateType") == _FOLLOW_UP:
        row["evaluateUnid"] = one.theirs  # a follow-up names the rating by the platform's number
    given = parse_moment(row.get("assessTime", ""))
    operation = OPERATIONS[given is not None and link.at - given > _IN_TIME]
    sealed = base64.b64encode(crypto.sm4_ecb_seal(key_of(link.secret["app_code"]), document(row)))
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:ws="http://linewell.com/ws/"><soapenv:Body>'
        f"<ws:{operation}><xml>{sealed.decode()}</xml></ws:{operation}>"
        "</soapenv:Body></soapenv:Envelope>"
    )
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": '""',
        "Authorization": f"Basic {token}",
    }
    return Request(f"{link.url}/services/evaluate", headers, body.encode())


def _read(one: Letter, body: bytes) -> Told:
    """Read an answer: `<code>200</code>`, or the reason; raises Failed."""
    try:
        found = _within(_xml(body))
    except NotReadable:
        raise Failed("no SOAP answer") from None
    if "code" not in found:
        raise Failed("no code")
    if found["code"] == "200":
        return Told(one.message, Status.ACKNOWLEDGED, theirs=found.get("evaluateUnid", ""))
    return of_words(one.message, f"{found['code']} {found.get('message', '')}".strip())


def _within(root: ET.Element) -> dict[str, str]:
    """Return the texts of the innermost elements, also of XML that lies in a text as Axis returns
    it.
    """
    found: dict[str, str] = {}
    for element in root.iter():
        text = (element.text or "").strip()
        if text.startswith("<"):
            found |= _within(_xml(text.encode()))
        elif not len(element):
            found[element.tag.rsplit("}", 1)[-1]] = text
    return found
