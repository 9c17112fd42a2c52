"""What asking people knows.

Kinds of QR codes, codes that people type, and the limits that keep strangers out.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words

REPLY_DAYS = 7  # a reply by SMS that comes later is kept but does not count
LINK_DAYS = 90  # a link is good for so long; a region's policy may shorten it later
ASK_WITHIN = timedelta(days=3)  # a service that is registered later is not asked about by SMS
CHECK_MINUTES = 5  # how long a code sent to a phone is good
MAX_TRIES = 5
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads like something else
_SHORT = 8


class Place(StrEnum):
    """What a static QR code stands for."""

    WINDOW = "window"  # 窗口
    HALL = "hall"  # 大厅
    ITEM = "item"  # 事项
    DEPARTMENT = "department"  # 部门
    STAFF = "staff"  # 人员


KINDS: Mapping[Place, Words] = {
    Place.WINDOW: Words("窗口码", "Window"),
    Place.HALL: Words("大厅码", "Hall"),
    Place.ITEM: Words("事项码", "Item"),
    Place.DEPARTMENT: Words("部门码", "Department"),
    Place.STAFF: Words("人员码", "Staff"),
}


class BadAddress(Refusal):
    """An address that a client gave cannot be used."""

    code = "bad_address"
    says = Words(
        "back_url 和 embed 须为 https 地址（本机调试可用 http://localhost）。",
        "back_url and embed must be https addresses (http://localhost while you try).",
    )


def origin_of(address: str) -> str:
    """Return scheme and host of an address that may be shown or gone back to; raises BadAddress."""
    parts = urlsplit(address)
    local = parts.hostname in ("localhost", "127.0.0.1")
    plain = all(
        character.isascii() and character.isprintable() and character not in " ;,'\"<>\\"
        for character in address
    )
    if (
        not plain
        or not parts.hostname
        or parts.username
        or (parts.scheme != "https" and not (parts.scheme == "http" and local))
    ):
        raise BadAddress
    return f"{parts.scheme}://{parts.netloc}"


class WrongCode(Refusal):
    """The code that was typed is not the one that was sent, or is too old."""

    code = "wrong_code"
    says = Words(
        "验证码不正确或已过期，请核对后重试，或重新获取。",
        "The code is wrong or has expired; check it, or ask for a new one.",
    )


class TooManyPosters(Refusal):
    """A file of posters is one that a printer takes."""

    code = "too_many_posters"
    says = Words(
        "一次最多 1000 张，请按名称分批。", "A file holds 1,000 posters at most: search for fewer."
    )


class InUse(Conflict):
    """A place has one code in force at a time."""

    code = "code_in_use"
    says = Words(
        "该处已有新码在用，旧码不能恢复；请停用新码后再恢复，或换上新海报。",
        "Another code is in force for this place: disable it first, or put up new posters.",
    )


class CodeDisabled(Refusal):
    """The QR code was taken out of use."""

    status = 410
    code = "code_disabled"
    says = Words(
        "该二维码已停用。请扫描窗口现场的新码，或拨打 12345。",
        "This QR code is out of use. Scan the new one at the window, or call 12345.",
    )


def new_short() -> str:
    """Return the part of a QR code's address.

    Eight characters, 2^39 of them, so that guessing finds nothing.
    """
    return "".join(secrets.choice(_ALPHABET) for _ in range(_SHORT))


def new_digits() -> str:
    """Return six digits for a person to type."""
    return f"{secrets.randbelow(10**6):06d}"


def digits_hash(digits: str, of: bytes) -> bytes:
    """Return what is stored of six digits.

    Keyed with whom they are for, slow to reverse for nobody but useless elsewhere.
    """
    return hmac.digest(of, digits.strip().encode(), hashlib.sha256)


def wait_before_check(sent: Sequence[datetime], at: datetime) -> timedelta | None:
    """Return how long a phone must wait for its next code: one a minute, five an hour, ten a day.

    None when it may have one.
    """
    return _wait(
        sent, at, (1, timedelta(minutes=1)), (5, timedelta(hours=1)), (10, timedelta(days=1))
    )


# A hall's wireless network has one address for all its citizens; strangers' phones are many.
CODES_OF_AN_ADDRESS = (30, timedelta(minutes=10))
CODES_OF_ALL = (3000, timedelta(minutes=10))


def wait_before_more(there: Sequence[datetime], everywhere: int, at: datetime) -> timedelta | None:
    """Return how long an address must wait for another code, of whichever phone; None for not.

    `there` is what it asked for of late, `everywhere` how many codes all addresses asked for within
    the span of CODES_OF_ALL: whoever has many addresses costs others a minute, not the SMS budget.
    """
    if everywhere >= CODES_OF_ALL[0]:
        return timedelta(minutes=1)
    return _wait(there, at, CODES_OF_AN_ADDRESS)


def _wait(
    sent: Sequence[datetime], at: datetime, *limits: tuple[int, timedelta]
) -> timedelta | None:
    for limit, span in limits:
        recent = sorted(moment for moment in sent if moment > at - span)
        if len(recent) >= limit:
            return recent[-limit] + span - at
    return None


# what the audit trail calls what is done here
TRAIL: Trail = {
    "qr_code": Subject(
        Words("二维码", "QR code"),
        {
            "make_codes": Words("生成二维码", "Made QR codes"),
            "disable_code": Words("停用二维码", "Disabled a QR code"),
            "restore_code": Words("恢复二维码", "Put a QR code in use again"),
            "replace_code": Words("更换二维码", "Replaced a QR code"),
        },
    )
}
