"""A page of figures as PDF, to print and to send."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from haochaping.insight.rules.measure import Measure, Value
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.tables import Table, written
from haochaping.kernel.typeset import typeset
from haochaping.kernel.words import Words

_SOURCE = Path(__file__).parent / "report.typ"
_LINES = 60  # of a table on paper


def pdf(
    *,
    title: Words,
    lead: str,
    tiles: Sequence[tuple[Measure, Value, float | None]],
    tables: Sequence[Table],
    at: datetime,
    english: bool,
) -> bytes:
    """Return a page as PDF; raises FontMissing."""
    data = {
        "title": _word(title, english=english),
        "lead": lead,
        "made": f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}",
        "tiles": [_tile(measure, value, english=english) for measure, value, _ in tiles],
        "tables": [_table(table, english=english) for table in tables],
    }
    return typeset(_SOURCE, data)


def _word(words: Words, *, english: bool) -> str:
    return words.en if english else words.zh


def _tile(measure: Measure, value: Value, *, english: bool) -> dict[str, str]:
    told = (value.value, value.low, value.high)
    said, low, high = (_word(measure.say(one), english=english) for one in told)
    return {
        "name": _word(measure.name, english=english),
        "value": said,
        "of": f"{value.part:,.0f} / {value.whole:,.0f}",
        "interval": "" if value.low is None else f"{low} – {high}",
    }


def _table(table: Table, *, english: bool) -> dict[str, object]:
    lines = list(table.lines)
    return {
        "name": _word(table.says, english=english),
        "note": _word(table.note, english=english) if table.note else "",
        "heading": [_word(column.says, english=english) for column in table.columns],
        "lines": [
            [
                written(cell, column.kind, english=english)
                for cell, column in zip(line.cells, table.columns, strict=True)
            ]
            for line in lines[:_LINES]
        ],
        "more": max(0, len(lines) - _LINES),
    }
