"""What asking people knows.

Kinds of QR codes and devices, codes that people type, and the limits that keep strangers out.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

LINK_DAYS = 90  # a link is good for so long; a region's policy may shorten it later
ASK_WITHIN = timedelta(days=3)  # a service that is registered later is not asked about by SMS
CALL_SECONDS = 180  # how long “请评价” stands on the tablet
PAIRING_MINUTES = 10
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


class DeviceKind(StrEnum):
    """What collects at a window."""

    TABLET = "tablet"  # 平板评价器: our own page
    TERMINAL = "terminal"  # 自助终端: our own page in terminal mode
    BOX = "box"  # 硬件评价器: opens our address, or reports the key that was pressed


DEVICES: Mapping[DeviceKind, Words] = {
    DeviceKind.TABLET: Words("平板评价器", "Tablet"),
    DeviceKind.TERMINAL: Words("自助终端", "Terminal"),
    DeviceKind.BOX: Words("硬件评价器", "Hardware box"),
}

# Keys of hardware boxes come unordered (domain §1.5.5): what each model reports, and the level it
# means. None is “not rated” 未评价.
BOX_KEYS: Mapping[str, Mapping[int, int | None]] = {
    "standard": {5: 5, 4: 4, 3: 3, 2: 2, 1: 1, -2: None},
    "keypad-0": {3: 5, 2: 4, 1: 3, 0: 2, 5: 1, -2: None},  # five keys, numbered as wired
    "keypad-4": {
        1: 4,
        2: 3,
        3: 2,
        4: 1,
        -2: None,
    },  # four keys, in reverse; there is no “very satisfied”
    "gwq": {
        1: 5,
        2: 4,
        3: 3,
        4: 2,
        5: 1,
        -2: None,
    },  # LCD terminal: order of the veryGood…veryPleased lists
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


class WrongPairing(Refusal):
    """The pairing code is wrong, used or too old."""

    code = "wrong_pairing"
    says = Words(
        "配对码不正确或已过期，请在后台重新生成。",
        "The pairing code is wrong or has expired; make a new one in the back-office.",
    )


class CodeDisabled(Refusal):
    """The QR code was taken out of use."""

    status = 410
    code = "code_disabled"
    says = Words(
        "该二维码已停用。请扫描窗口现场的新码，或拨打 12345。",
        "This QR code is out of use. Scan the new one at the window, or call 12345.",
    )


class KeyUnknown(Refusal):
    """A box reported a key that its model does not have."""

    code = "key_unknown"
    says = Words(
        "评价器型号或键值未登记，请对照 docs/integrate/devices.md。",
        "The model or its key is unknown; see docs/integrate/devices.md.",
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
    for limit, span in (
        (1, timedelta(minutes=1)),
        (5, timedelta(hours=1)),
        (10, timedelta(days=1)),
    ):
        recent = sorted(moment for moment in sent if moment > at - span)
        if len(recent) >= limit:
            return recent[-limit] + span - at
    return None


def level_of_key(model: str, key: int) -> int | None:
    """Return the level that a box's key means, None for “not rated”; raises KeyUnknown."""
    keys = BOX_KEYS.get(model)
    if keys is None or key not in keys:
        raise KeyUnknown
    return keys[key]


@dataclass(frozen=True)
class Health:
    """How a device is, for lists."""

    name: str  # alive | quiet | never
    says: Words


def health(seen_at: datetime | None, at: datetime) -> Health:
    """Return whether a device is alive: it reports each minute."""
    if seen_at is None:
        return Health("never", Words("未上线", "Never seen"))
    if at - seen_at <= timedelta(minutes=3):
        return Health("alive", Words("在线", "Online"))
    return Health("quiet", Words("失联", "Quiet"))
