"""Codes of the directory: 统一社会信用代码 (GB 32100-2015) and 事项编码 (GB/T 39554.1-2020)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from haochaping.kernel.words import Words

_USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # 31: no I, O, S, V, Z
_USCC_LENGTH = 18
_ITEM_LENGTH, _HANDLING_LENGTH = 31, 33
_CODE = re.compile(r"[0-9A-Z]+")

TASKS: Mapping[str, Words] = {  # 事项类型, domain §1.5.4
    "01": Words("行政许可", "administrative permit"),
    "05": Words("行政给付", "administrative payment"),
    "07": Words("行政确认", "administrative confirmation"),
    "08": Words("行政奖励", "administrative reward"),
    "09": Words("行政裁决", "administrative ruling"),
    "10": Words("其他行政权力", "other administrative power"),
    "20": Words("公共服务", "public service"),
    "99": Words("其他", "other"),
}


class ItemLevel(IntEnum):
    """Which level exercises the power 行使层级: the 19th character of an item code."""

    NATION = 1
    PROVINCE = 2
    CITY = 3
    COUNTY = 4
    TOWN = 5
    VILLAGE = 6


@dataclass(frozen=True)
class ItemCode:
    """An implementation code of 31 characters and, where 33 were given, the handling item's code
    业务办理项编码.
    """

    task: str
    handling: str | None
    uscc: str
    level: ItemLevel


def uscc_check_character(first_17: str) -> str:
    """Return the check character: weights 3^i mod 31, GB 32100-2015."""
    total = sum(
        _USCC_CHARACTERS.index(character) * pow(3, place, 31)
        for place, character in enumerate(first_17)
    )
    return _USCC_CHARACTERS[(31 - total % 31) % 31]


def is_uscc(text: str) -> bool:
    """Say whether a text is a unified social credit code with a right check character."""
    return (
        len(text) == _USCC_LENGTH
        and all(character in _USCC_CHARACTERS for character in text)
        and uscc_check_character(text[:17]) == text[17]
    )


def parse_item(text: str) -> ItemCode | None:
    """Split an item code of 31 or 33 characters.

    Department 18, level 1, basic code 12, and 2 of the handling item; None if it is neither.
    """
    if (
        len(text) not in (_ITEM_LENGTH, _HANDLING_LENGTH)
        or not _CODE.fullmatch(text)
        or not is_uscc(text[:_USCC_LENGTH])
    ):
        return None
    if text[_USCC_LENGTH] not in "123456":
        return None
    return ItemCode(
        text[:_ITEM_LENGTH],
        text if len(text) == _HANDLING_LENGTH else None,
        text[:_USCC_LENGTH],
        ItemLevel(int(text[_USCC_LENGTH])),
    )
