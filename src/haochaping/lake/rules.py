"""The columns of the lake: plain types only, so that any engine reads them (data design §3, §4).

A row is what a fact changes: a rating adds 1 (`sign`), what was set aside or replaced is said by
`gone` and `come`; nothing is ever changed, every figure is a sum.
"""

from collections.abc import Mapping
from datetime import date

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

COLUMNS: Mapping[str, str] = {
    "day": "date32",
    "county": "int32",
    "city": "int32",
    "department_id": "int32",
    "item_id": "int32",
    "window_id": "int32",
    "staff_id": "int32",
    "party": "int16",
    "channel": "int16",
    "hour": "int16",
    "sign": "int16",
    "level": "int16",
    "gone": "int16",
    "come": "int16",
    "follow_up": "int16",
    "improved": "int16",
    "worsened": "int16",
    "aside": "int16",
    "codes": "list<int16>",
    "codes_gone": "list<int16>",
    "codes_come": "list<int16>",
    "service": "int16",
    "rated": "int16",
}


def _ones(what: str, sign: str) -> str:
    return f"CAST(SUM(CASE WHEN {what} THEN {sign} ELSE 0 END) AS BIGINT)"


# the sums that every measure is made of (`analytics.rules.Counts`), in SQL that all engines speak
SUMS: Mapping[str, str] = {
    **{f"n{level}": _ones(f"level = {level}", "sign") for level in range(5, 0, -1)},
    **{
        f"x{level}": f"{_ones(f'gone = {level}', '1')} - {_ones(f'come = {level}', '1')}"
        for level in range(5, 0, -1)
    },
    "follow_ups": "CAST(SUM(follow_up) AS BIGINT)",
    "improved": "CAST(SUM(improved) AS BIGINT)",
    "worsened": "CAST(SUM(worsened) AS BIGINT)",
    "set_aside": "CAST(SUM(aside) AS BIGINT)",
    "services": "CAST(SUM(service) AS BIGINT)",
    "rated": "CAST(SUM(rated) AS BIGINT)",
}


def sums_by(column: str) -> str:
    """Return the question for the sums of each place, department, item or channel; on a cluster it
    is asked of the same files as here, and gives the same measures.
    """
    if column not in COLUMNS:
        raise ValueError(column)
    sums = ", ".join(f"{what} AS {name}" for name, what in SUMS.items())
    return f"SELECT {column}, {sums} FROM ratings GROUP BY {column} ORDER BY {column}"  # noqa: S608


SECONDS, MEMORY, ROWS = 20, "512MB", 1000  # that one question may take, and give


class BadQuestion(Refusal):
    """The SQL was not answered."""

    code = "bad_sql"


def refused(error: str) -> BadQuestion:
    """Return the refusal of a question with what the engine said of it."""
    said = error.splitlines()[0][:300] if error else ""
    return BadQuestion(
        Words(
            f"查询未能执行：{said}。只能查询视图 ratings，每次最多 {SECONDS} 秒。",
            f"The question was not answered: {said}. Ask the view ratings, {SECONDS} s at most.",
        )
    )


def month_of(day: date) -> int:
    """Return the month of a day as folders are named: 202611."""
    return day.year * 100 + day.month


def path_of(month: int, no: int, first: int | None = None) -> str:
    """Return the path of a file within the lake: of a batch, or of the batches of a day."""
    name = f"batch={no:012d}" if first is None else f"batches={first:012d}-{no:012d}"
    return f"ratings/ym={month}/{name}.parquet"
