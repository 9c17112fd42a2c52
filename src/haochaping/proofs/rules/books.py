"""Day books 日账 (trust design §1.3): every rating of a day as one row that says where and how
good, in an order that says nothing of when; and the table that everybody gets who counts them.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

SMALLEST = 10  # rows of a cell: fewer could point at a person
RULES = "daybook/2"
RULES_TEXT = Path(__file__).with_name("daybook-2.txt").read_bytes()  # what every statement names
ROW = 42  # bytes: tag 32, cell 8, level 1, flags 1
FOLLOW_UP = 1  # a flag: 追评
DEPARTMENT = 10**15  # added to a department's number, it is a cell; regions are cells by their code
_LEVELS = (5, 4, 3, 2, 1)
COLUMNS = (
    "cell",
    "ratings",
    *(f"level{level}" for level in _LEVELS),
    "follow_ups",
    *(f"follow_up{level}" for level in _LEVELS),
)  # of the table


class Row(NamedTuple):
    """A rating in its day book."""

    tag: bytes
    cell: int
    level: int
    flags: int


def book(rows: Iterable[Row]) -> list[bytes]:
    """Return the rows as bytes in the book's order: by tag, which is as good as random."""
    return sorted(row.tag + row.cell.to_bytes(8) + bytes([row.level, row.flags]) for row in rows)


def read(data: bytes) -> list[bytes]:
    """Return the rows of a book; raises ValueError where it is no whole number of them, or they
    are out of order.
    """
    rows = [data[place : place + ROW] for place in range(0, len(data), ROW)]
    if len(data) % ROW or rows != sorted(set(rows)):
        raise ValueError("no day book")
    return rows


def table(rows: Iterable[bytes]) -> bytes:
    """Return the count of each cell by level as CSV, follow-ups beside first ratings: what anybody
    gets from the same rows.
    """
    counts: dict[int, tuple[Counter[int], Counter[int]]] = {}
    for row in rows:
        both = counts.setdefault(int.from_bytes(row[32:40]), (Counter(), Counter()))
        both[row[41] == FOLLOW_UP][row[40]] += 1
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cell, both in sorted(counts.items()):
        told = [[levels.total(), *(levels[level] for level in _LEVELS)] for levels in both]
        writer.writerow([cell, *told[0], *told[1]])
    return file.getvalue().encode()


def rolled_up(
    paths: Sequence[tuple[int, ...]], smallest: int = SMALLEST
) -> Mapping[int, int | None]:
    """Return for each finest cell the cell that is published for it, None where even all of them
    together are too few.

    A path leads from the finest cell to the widest. What is small goes up to its parent, together
    with what else is small there. Where a parent is left with a few, the smallest published cell
    directly below joins them: else they would be what is known of the parent minus the others. So
    each rating is told of the first cell on its path that is published, and no cell has fewer rows
    than `smallest`.
    """
    pools, goes_up = Counter(path[0] for path in paths), set[int]()
    parents = {lower: upper for path in paths for lower, upper in pairwise(path)}
    depth = {cell: len(path) - place for path in paths for place, cell in enumerate(path)}
    own, below = set(pools), {cell: set[int]() for cell in depth}  # published, none between them
    for cell in sorted(depth, key=lambda one: (-depth[one], one)):
        while 0 < pools[cell] < smallest and below[cell]:
            joins = min(below[cell], key=lambda one: (pools[one], one))
            below[cell] = (below[cell] - {joins}) | below[joins]
            goes_up.add(joins)
            pools[cell] += pools[joins]
            parents[joins] = cell
        if cell not in parents:
            continue
        if pools[cell] >= smallest:
            below[parents[cell]].add(cell)
            continue
        below[parents[cell]] |= below[cell]
        if pools[cell]:
            goes_up.add(cell)
            pools[parents[cell]] += pools[cell]
    return {cell: _published(cell, parents, goes_up, pools, smallest) for cell in own}


def _published(
    cell: int,
    parents: Mapping[int, int],
    goes_up: set[int],
    pools: Mapping[int, int],
    smallest: int,
) -> int | None:
    while cell in goes_up:
        cell = parents[cell]
    return cell if pools[cell] >= smallest else None
