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


def folder(no: int, day: date) -> tuple[int, str]:
    """Return the month and the path of a batch's file within the lake."""
    month = day.year * 100 + day.month
    return month, f"ratings/ym={month}/batch={no:012d}.parquet"
