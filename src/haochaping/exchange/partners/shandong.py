"""Shandong's envelope, in both directions: `{"txnBodyCom": {appMark, time, sign, params: {evaluate:
[...]}}}`, sign = SM2(time + appMark + appWord) (domain §1.2).

The signature does not cover the content, which is the dialect's weakness and cannot be mended here:
it is good for five minutes and for the region of its key only, and everything behind it is
idempotent.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from haochaping.exchange.partners.sending import (
    NO_CHANGE,
    NO_OPERATION,
    Dialogue,
    Failed,
    Letter,
    Link,
    Request,
    Saying,
    is_change,
    of_json,
    of_words,
    one_by_one,
)
from haochaping.exchange.rules import Family, NotReadable, NotSigned, Status, Told
from haochaping.kernel import crypto
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.twins import once

_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Envelope:
    """A message: who sent it, its proof, and the rows, which may be ciphers."""

    app: str
    time: str
    sign: str
    evaluate: Sequence[Any]
    params: Mapping[str, Any]


def envelope(body: bytes) -> Envelope:
    """Read the envelope; raises NotReadable."""
    try:
        common = json.loads(body, object_pairs_hook=once)["txnBodyCom"]
        params = common.get("params") or {}
        rows = params.get("evaluate", [])
        return Envelope(
            str(common["appMark"]),
            str(common["time"]),
            str(common["sign"]),
            rows if isinstance(rows, list) else [rows],
            params,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotReadable from None


def check(message: Envelope, word: str, private_key: bytes, at: datetime) -> None:
    """Raise NotSigned unless the sign opens to time + appMark + appWord and is fresh."""
    try:
        sent = datetime.strptime(message.time, "%Y%m%d%H%M%S").replace(tzinfo=LOCAL)
        said = crypto.sm2_open(private_key, _bytes(message.sign)).decode()
    except (ValueError, UnicodeDecodeError):
        raise NotSigned from None
    if abs(at - sent) > _SKEW or not crypto.same(said, f"{message.time}{message.app}{word}"):
        raise NotSigned


def rows(message: Envelope, private_key: bytes) -> list[dict[str, str]]:
    """Return the rows of a message, each a JSON object or the SM2 cipher of one or of a list.

    Raises NotReadable.
    """
    found: list[dict[str, str]] = []
    for item in message.evaluate:
        parts: Any = item
        if isinstance(item, str):
            try:
                sealed = item.lstrip()[:1] not in ("{", "[")
                told = crypto.sm2_open(private_key, _bytes(item)) if sealed else item
                parts = json.loads(told, object_pairs_hook=once)
            except (ValueError, UnicodeDecodeError, RecursionError):
                raise NotReadable from None
        for part in parts if isinstance(parts, list) else [parts]:
            if not isinstance(part, dict):
                raise NotReadable
            found.append(
                {str(name): "" if value is None else str(value) for name, value in part.items()}
            )
    return found


def answer(refusal: Refusal | None, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the answer.

    The description is `success` or the reason, as these clients compare it.
    """
    said = "success" if refusal is None else refusal.says.zh
    return {
        "C-API-Status": "00",
        "C-Response-Code": "000000000000" if refusal is None else refusal.code,
        "C-Response-Desc": said,
        "C-Response-Body": {"success": refusal is None, "message": said, **(body or {})},
    }


def _bytes(text: str) -> bytes:
    """Return the bytes that hexadecimal or Base64 stands for."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError("neither hexadecimal nor Base64") from None


# --- what we say to a platform that takes this envelope

_OPERATIONS: Mapping[Family, str] = {
    Family.SERVICE: "addEvaluateService",
    Family.EVALUATION: "addEvaluate",
}
_TENANCY = "C-Tenancy-Id"


def upload(letters: Sequence[Letter], link: Link) -> Dialogue:
    """Send messages one by one: the envelope answers for a whole call. Rectification has no
    operation in it.
    """

    def say(one: Letter) -> Saying:
        if one.family not in _OPERATIONS:
            return Told(one.message, Status.LEFT_OUT, NO_OPERATION)
        if is_change(one):
            return Told(one.message, Status.LEFT_OUT, NO_CHANGE)
        return _told(one, of_json((yield _request(one, link))))

    yield from one_by_one(letters, say)


def _request(one: Letter, link: Link) -> Request:
    """Return a call with one record in it, encrypted for the platform as its proof is."""
    key, app = bytes.fromhex(link.secret["sm2_public"]), link.secret["kid"]
    time = link.at.astimezone(LOCAL).strftime("%Y%m%d%H%M%S")
    row = {**one.document, "name": one.service.get("userName", "")}
    if one.family == Family.EVALUATION:
        row["taskType"] = one.service.get("taskType", "99")
    cipher = crypto.sm2_seal(key, json.dumps([row], ensure_ascii=False).encode()).hex()
    proof = crypto.sm2_seal(key, f"{time}{app}{link.secret['app_word']}".encode()).hex()
    told = {"appMark": app, "time": time, "sign": proof, "params": {"evaluate": [cipher]}}
    body = json.dumps({"txnBodyCom": told, "txnCommCom": {}}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", _TENANCY: link.secret.get("tenancy", "")}
    return Request(f"{link.url}/{_OPERATIONS[one.family]}", headers, body)


def _told(one: Letter, answer: Mapping[str, Any]) -> Told:
    """Read an answer: a description of `success` may still carry a code or a body that says
    otherwise, and the body may be JSON within JSON.
    """
    said, body = str(answer.get("C-Response-Desc", "")), _body(answer.get("C-Response-Body"))
    if not said:
        raise Failed("no C-Response-Desc")
    code = str(answer.get("C-Response-Code") or "").strip("0")
    if said == "success" and not code and str(body.get("success", True)).lower() in _YES:
        ids = body.get("evaluateIds")
        theirs = str(ids[0]) if isinstance(ids, list) and ids else ""
        return Told(one.message, Status.ACKNOWLEDGED, theirs=theirs)
    if said == "success":
        said = str(body.get("message") or f"success, {code or body}")
    return of_words(one.message, said)


_YES = frozenset({"true", "1"})


def _body(said: object) -> Mapping[str, Any]:
    """Return the body of an answer, empty where there is none; raises Failed."""
    try:
        found = json.loads(said) if isinstance(said, str) and said.strip() else said
    except (ValueError, RecursionError):
        raise Failed(f"no JSON: {str(said)[:60]!r}") from None
    if found and not isinstance(found, dict):
        raise Failed(f"no JSON object: {str(said)[:60]!r}")
    return found if isinstance(found, dict) else {}
