"""Month books 月账 (trust design §1.3): what the books of a month's days told of a wider place than
its own office, because too few had rated there that day, comes again of the finest cell that has
enough of it in the whole month.

A row says of which cell its day told it (`came`), and no cell has fewer rows than `SMALLEST` among
those that came from one: so the rows that came from a cell add up, level by level, to what the days
told of it, and whoever subtracts one from the other finds nothing that is smaller than a cell.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from haochaping.proofs.rules.books import SMALLEST, rolled_up, table

MONTHS = "monthbook/1"
MONTHS_TEXT = Path(__file__).with_name("monthbook-1.txt").read_bytes()
UNTOLD = 0  # of rows that no day told: all of the province had too few that day
_TAG = b"hcp/v1/month-row\0"

type Place = tuple[int, int]  # the cell that a day told, and the flags: first rating or follow-up


class Rolled(NamedTuple):
    """A rating that its day told of a wider cell than its own, or of none (`UNTOLD`)."""

    tag: bytes
    path: Sequence[int]  # the cells that it falls into, the finest first
    came: int
    level: int
    flags: int


class Again(NamedTuple):
    """What a month book tells, and how many ratings are too few for any cell, by flags."""

    rows: list[bytes]  # 50 each: tag 32, cell 8, the cell that its day told 8, level 1, flags 1
    missing: Mapping[Place, int]  # rows that days told and nothing opens now, where others are told
    withheld: Sequence[Place]  # of which nothing is told
    too_few: Counter[int]


def month_tag(salt: bytes, no: int) -> bytes:
    """Return the tag of a rating's row in its month book: another than in the book of its day, so
    that nobody without the salt can tell on which day it was given.
    """
    return hashlib.sha256(_TAG + salt + no.to_bytes(8)).digest()


def _is_withheld(told: int, left: int) -> bool:
    """Say whether nothing is told of what came from a cell: so few of its rows are missing, or so
    few are left, that who subtracts would read their levels.
    """
    return told > left and (told - left < SMALLEST or left < SMALLEST)


def told_again(rolled: Iterable[Rolled], told: Mapping[Place, int]) -> Again:
    """Return what the month book tells of such ratings; `told` is how many rows days told of each
    cell that is no office's own.
    """
    groups: dict[Place, list[Rolled]] = defaultdict(list)
    for one in rolled:
        groups[one.came, one.flags].append(one)
    withheld = sorted(place for place, n in told.items() if _is_withheld(n, len(groups[place])))
    missing = {
        place: gone
        for place, n in told.items()
        if (gone := n - len(groups[place])) and place not in withheld
    }
    rows, too_few = list[bytes](), Counter[int]()
    for place, some in groups.items():
        if place in withheld:
            continue
        paths = [_within(one.path, one.came) for one in some]
        cells = rolled_up(paths)
        for one, path in zip(some, paths, strict=True):
            cell = cells[path[0]]
            if cell is None:
                too_few[one.flags] += 1
            else:
                place_bytes = cell.to_bytes(8) + one.came.to_bytes(8)
                rows.append(one.tag + place_bytes + bytes([one.level, one.flags]))
    return Again(sorted(rows), missing, withheld, too_few)


def _within(path: Sequence[int], came: int) -> tuple[int, ...]:
    """Return the way from an office to the cell that its day told; that cell alone where the office
    has moved elsewhere since.
    """
    if came == UNTOLD:
        return tuple(path)
    return (*takewhile(lambda cell: cell != came, path), came) if came in path else (came,)


def month_table(rows: Iterable[bytes]) -> bytes:
    """Return the count of each cell by level as CSV, whatever cell its rows came from: a row
    without that is one of a day.
    """
    return table(row[:40] + row[48:] for row in rows)
