"""Shandong's clients: `{"txnBodyCom": {appMark, time, sign, params: {evaluate: [...]}}}`, sign =
SM2(time + appMark + appWord) (domain §1.2).

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

from haochaping.exchange.rules import NotReadable, NotSigned
from haochaping.kernel import crypto
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import LOCAL

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
        common = json.loads(body)["txnBodyCom"]
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
                parts = (
                    json.loads(item)
                    if item.lstrip()[:1] in ("{", "[")
                    else json.loads(crypto.sm2_open(private_key, _bytes(item)))
                )
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
