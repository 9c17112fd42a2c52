"""Which cells of a table may be shown: none that is small, and none that others give away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from haochaping.analytics.rules import Figures, Funnel
from haochaping.kernel.words import Words

SMALLEST_CELL = 10  # fewer ratings than this in a cell could point at a person (trust design §1.3)


EXCLUDED = {
    "erased": Words("依法删除", "erased"),
    "orphan": Words("仅镜像有", "from a mirror alone"),
    "probe": Words("巡检", "probes"),
    "too_few": Words("过少不公开", "too few to show"),
}  # why a leaf is no row of a day book


@dataclass(frozen=True)
class Published:
    """What is published on a day: figures, how far orders have come, and the days they cover."""

    figures: Figures
    funnel: Funnel
    since: date
    until: date


def suppressed(table: Sequence[Sequence[int]]) -> set[tuple[int, int]]:
    """Return the cells (row, column) that are blanked in a table whose totals are known.

    Small cells are, but for empty ones, and a whole row where all of it is small. Wherever a row or
    a column has a single blank, which is its total minus the rest, its smallest other cell is
    blanked too (complementary suppression, Cox 1980), until no blank stands alone.
    """
    blank = {
        (row, column)
        for row, cells in enumerate(table)
        for column, count in enumerate(cells)
        if 0 < count < SMALLEST_CELL or 0 < sum(cells) < SMALLEST_CELL
    }
    lines = [[(row, column) for column in range(len(cells))] for row, cells in enumerate(table)]
    if table:
        lines += [[(row, column) for row in range(len(table))] for column in range(len(table[0]))]
    while alone := [line for line in lines if len(blank & set(line)) == 1]:
        before = len(blank)
        for line in alone:
            others = [cell for cell in line if cell not in blank]
            if len(blank & set(line)) == 1 and others:
                blank.add(min(others, key=lambda cell: _cost(table, cell)))
        if len(blank) == before:
            break
    return blank


def _cost(table: Sequence[Sequence[int]], cell: tuple[int, int]) -> tuple[bool, int]:
    """Return what is lost with a cell: an empty one hides nothing, so it comes last."""
    count = table[cell[0]][cell[1]]
    return count == 0, count
