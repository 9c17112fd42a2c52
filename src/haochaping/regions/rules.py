"""Region codes 行政区划代码: 12 digits, 2 province + 2 city + 2 county + 3 street + 3 village,
zeros below the level.

The code itself is the region's place in the tree, so a region and everything in it is one range of
numbers (ADR 0002).
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

PROVINCE_OF_THE_PLATFORM = 320000000000  # 江苏省
_LENGTHS = (6, 12)


class Level(IntEnum):
    """The levels of the tree, with the number of zeros that a code of the level ends in."""

    PROVINCE = 10  # 省
    CITY = 8  # 设区市
    COUNTY = 6  # 县（市、区）
    STREET = 3  # 乡镇（街道）
    VILLAGE = 0  # 村（社区）


@dataclass(frozen=True)
class Place:
    """The codes that every fact carries.

    GB/T 2260 city and county in 6 digits, street in 9, the whole in 12.
    """

    region: int
    city: int
    county: int
    street: int


def parse_code(text: str) -> int | None:
    """Return the 12-digit code of 6 or 12 digits (six are padded with zeros), or None when it is
    neither.
    """
    return (
        int(text.ljust(12, "0"))
        if len(text) in _LENGTHS and text.isascii() and text.isdigit()
        else None
    )


@lru_cache(maxsize=10_000)
def level_of(code: int) -> Level:
    """Return the level that the trailing zeros tell. Asked of each of thousands of departments."""
    return next(level for level in Level if code % 10**level == 0)


def scope(code: int) -> tuple[int, int]:
    """Return the first and last code of a region and everything in it."""
    return code, code + 10 ** level_of(code) - 1


def city_of(code: int) -> int:
    """Return the 12-digit code of the city (or of the province) in which a region lies."""
    return code - code % int(10**Level.CITY)


def city_range(code: int) -> tuple[int, int]:
    """Return the first and last code of the city in which a region lies.

    A province's own services are a city of their own 省本级.
    """
    return city_of(code), city_of(code) + int(10**Level.CITY) - 1


def narrowed(within: tuple[int, int], city: int | None) -> tuple[int, int]:
    """Return the part of a range that lies in a city of six digits, empty where none does; the
    range itself where no city is asked for.
    """
    if city is None:
        return within
    low, high = city_range(city * 10**6)
    return max(within[0], low), min(within[1], high)


def county_of(code: int) -> int:
    """Return the 12-digit code of the county in which a region lies; a city's own is itself."""
    return code - code % int(10**Level.COUNTY)


def above(code: int) -> list[int]:
    """Return the regions in which a region lies, the widest first, and itself at last."""
    return sorted({code - code % int(10**level) for level in Level})


def place(code: int) -> Place:
    """Split a code.

    A city's own services have the city's code as county: 市本级 is counted as a county of its own.
    """
    return Place(code, code // 10**8 * 100, code // 10**6, code // 10**3)


def parent_of(code: int) -> int | None:
    """Return the code one level up, None for a province."""
    level = level_of(code)
    if level is Level.PROVINCE:
        return None
    above = list(Level)[list(Level).index(level) - 1]
    return code // int(10**above) * int(10**above)
