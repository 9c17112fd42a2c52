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
RULES = "daybook/1"
RULES_TEXT = Path(__file__).with_name("daybook-1.txt").read_bytes()  # what every statement names
ROW = 42  # bytes: tag 32, cell 8, level 1, flags 1
FOLLOW_UP = 1  # a flag: 追评
DEPARTMENT = 10**15  # added to a department's number, it is a cell; regions are cells by their code
_LEVELS = (5, 4, 3, 2, 1)


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
    """Return the count of each cell by level as CSV: what anybody gets from the same rows."""
    counts: dict[int, Counter[int]] = {}
    for row in rows:
        counts.setdefault(int.from_bytes(row[32:40]), Counter())[row[40]] += 1
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["cell", "ratings", *(f"level{level}" for level in _LEVELS)])
    for cell, levels in sorted(counts.items()):
        writer.writerow([cell, levels.total(), *(levels[level] for level in _LEVELS)])
    return file.getvalue().encode()


def rolled_up(
    paths: Sequence[tuple[int, ...]], smallest: int = SMALLEST
) -> Mapping[int, int | None]:
    """Return for each finest cell the cell that is published for it, None where even all of them
    together are too few.

    A path leads from the finest cell to the widest. What is small goes up to its parent, together
    with what else is small there; where the widest is left with a few, the smallest published cell
    joins them, so that no cell has fewer rows than `smallest`.
    """
    own = Counter(path[0] for path in paths)
    parents = {lower: upper for path in paths for lower, upper in pairwise(path)}
    depth = {cell: len(path) - place for path in paths for place, cell in enumerate(path)}
    pools, goes_up = Counter(own), set[int]()
    for cell in sorted(depth, key=lambda one: (-depth[one], one)):
        if cell in parents and pools[cell] < smallest:
            goes_up.add(cell)
            pools[parents[cell]] += pools[cell]
    top = {path[-1] for path in paths}
    for widest in top:
        kept = sorted(
            (cell for cell in depth if cell not in goes_up and cell != widest and pools[cell]),
            key=lambda one: (pools[one], one),
        )
        while 0 < pools[widest] < smallest and kept:
            joins = kept.pop(0)
            goes_up.add(joins)
            pools[widest] += pools[joins]
            parents = {**parents, joins: widest}
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
