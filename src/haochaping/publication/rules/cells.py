"""Which cells of a table may be shown: none that is small, and none that others give away."""

from collections.abc import Collection, Sequence
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


def suppressed(
    table: Sequence[Sequence[int]], hidden: Collection[int] = ()
) -> set[tuple[int, int]]:
    """Return the cells (row, column) that are blanked in a table whose totals are known, but for
    those of the columns in `hidden`, which are blanked above.

    Small cells are, but for empty ones, and a whole row where all of it is small. Wherever a row or
    a column has a single blank, which is its total minus the rest, its smallest other cell is
    blanked too (complementary suppression, Cox 1980), until no blank stands alone; and one cell is
    in a column whose total is hidden, for all of it would add up to that.
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
    told = [False] * len(table) + [column in hidden for column in range(len(lines) - len(table))]

    def bare(line: list[tuple[int, int]], secret: bool) -> bool:
        return len(blank & set(line)) == (0 if secret else 1)

    while alone := [one for one in zip(lines, told, strict=True) if bare(*one)]:
        before = len(blank)
        for line, secret in alone:
            others = [cell for cell in line if cell not in blank]
            if bare(line, secret) and others:
                blank.add(min(others, key=lambda cell: _cost(table, cell)))
        if len(blank) == before:
            break
    return blank


def _cost(table: Sequence[Sequence[int]], cell: tuple[int, int]) -> tuple[bool, int]:
    """Return what is lost with a cell: an empty one hides nothing, so it comes last."""
    count = table[cell[0]][cell[1]]
    return count == 0, count
