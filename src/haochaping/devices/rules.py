"""What devices are, what the keys of a box mean, and what boxes and we say to each other."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

import msgspec

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import NotAllowed, Refusal
from haochaping.kernel.words import Words

CALL_SECONDS = 180  # how long “请评价” stands on the tablet
PAIRING_MINUTES = 10


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


class Said(IntEnum):
    """What boxes and we say to each other (docs/integrate/devices.md)."""

    HEARTBEAT = 40000
    LOGIN = 40001
    BAD_FORMAT = 40002
    KEY_PRESSED = 40100
    UNKNOWN_COMMAND = 50000
    OPEN_ADDRESS = 50100


class NotUnderstood(Refusal):
    """What a device sent is not as documented."""

    status = 400
    code = "bad_field"
    says = Words(
        "设备上报的内容格式有误，请升级页面后重试。",
        "What the device sent is malformed; reload the page and try again.",
    )


class WrongPairing(Refusal):
    """The pairing code is wrong, used or too old."""

    code = "wrong_pairing"
    says = Words(
        "配对码不正确或已过期，请在后台重新生成。",
        "The pairing code is wrong or has expired; make a new one in the back-office.",
    )


class NotOfThisWindow(NotAllowed):
    """The service was given elsewhere, by another department."""

    code = "not_of_this_window"
    says = Words(
        "该办件不是本窗口或本部门办理的，不能在此请评价。",
        "This service was not given at this window or by its department.",
    )


class KeyUnknown(Refusal):
    """A box reported a key that its model does not have."""

    code = "key_unknown"
    says = Words(
        "评价器型号或键值未登记，请对照 docs/integrate/devices.md。",
        "The model or its key is unknown; see docs/integrate/devices.md.",
    )


def level_of_key(model: str, key: int) -> int | None:
    """Return the level that a box's key means, None for “not rated”; raises KeyUnknown."""
    keys = BOX_KEYS.get(model)
    if keys is None or key not in keys:
        raise KeyUnknown
    return keys[key]


class Number(msgspec.Struct, frozen=True):
    """A sequence number of a device, and in which series: it counts from 1 again when it
    restarts.
    """

    series: int
    seq: int

    def __str__(self) -> str:
        return f"{self.series}-{self.seq}" if self.series else str(self.seq)


class Noted(msgspec.Struct, frozen=True):
    """What is remembered of a number: what it stood for and what was answered."""

    key: str
    content: int
    pressed_at: datetime
    answer: str
    refused: bool = False


@dataclass(frozen=True)
class Press:
    """A key that was pressed on a box.

    Its number in the box's series, the level it means (None: not rated), indicator codes, and how
    many seconds ago.
    """

    seq: int
    level: int | None
    codes: tuple[int, ...]
    seconds_ago: int


_LONGEST_AGO = 86400 * 30
_LARGEST = 1 << 53  # sequence numbers that every language counts exactly
_SAYS = frozenset(("seq", "key", "age", "codes", "model"))


def read_press(data: Mapping[str, Any]) -> Press:
    """Read what a box reports; raises KeyUnknown. A field that it knows nothing of is refused: it
    may say that nobody pressed the key.
    """
    if not data.keys() <= _SAYS:
        raise KeyUnknown
    try:
        seq, key, ago = int(data["seq"]), int(data["key"]), int(data.get("age", 0))
        parts = str(data.get("codes", "")).replace("|", ",").split(",")
        codes = tuple(int(part) for part in parts if part.strip())
    except (KeyError, ValueError, TypeError, OverflowError):
        raise KeyUnknown from None
    if not 0 <= seq < _LARGEST:
        raise KeyUnknown
    level = level_of_key(str(data.get("model", "standard")), key)
    return Press(seq, level, codes, max(0, min(ago, _LONGEST_AGO)))


def read_message(text: str | None) -> tuple[int, dict[str, Any]]:
    """Read a box's message into its code and data; BAD_FORMAT when it is none."""
    try:
        message = json.loads(text or "")
        data = message.get("data")
        return int(message["code"]), data if isinstance(data, dict) else {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return Said.BAD_FORMAT, {}


@dataclass(frozen=True)
class Health:
    """How a device is, for lists."""

    name: str  # alive | quiet | never
    says: Words


QUIET = timedelta(minutes=3)  # without a report


STATES: Mapping[str, Words] = {
    "alive": Words("在线", "Online"),
    "quiet": Words("失联", "Quiet"),
    "never": Words("未上线", "Never seen"),
    "disabled": Words("已停用", "Out of use"),
}


def health(seen_at: datetime | None, at: datetime) -> Health:
    """Return whether a device is alive: it reports each minute."""
    if seen_at is None:
        return Health("never", STATES["never"])
    name = "alive" if at - seen_at <= QUIET else "quiet"
    return Health(name, STATES[name])


class NoSuchDevice(Refusal):
    """A device that cannot be moved there."""

    code = "no_such_device"
    says = Words(
        "没有这台在用的设备，或它已在该窗口；设备号见下表第一列。",
        "No device in use has this number, or it stands there already; see the first column below.",
    )


# what the audit trail calls what is done here
TRAIL: Trail = {
    "window": Subject(
        Words("窗口", "window"),
        {
            "offer_pairing": Words("生成配对码", "Made a pairing code"),
            "call": Words("请评价", "Asked to rate"),
        },
    ),
    "device": Subject(
        Words("设备", "device"),
        {
            "pair": Words("设备配对", "Paired a device"),
            "move_device": Words("移动设备", "Moved a device"),
            "disable_device": Words("停用设备", "Disabled a device"),
            "enable_device": Words("恢复设备", "Put a device in use again"),
        },
    ),
}


def digits_of(key: str) -> str:
    """Return the four digits that a device shows behind the eight characters of a rating's key.

    They come from its secret part (`XXXXXXXX-hex`), so whoever has all twelve stood before it.
    """
    secret = key.partition("-")[2][:6]
    return f"{int(secret, 16) % 10_000:04d}" if len(secret) == 6 and _HEX(secret) else ""  # noqa: PLR2004


_HEX = re.compile("[0-9a-f]*").fullmatch
