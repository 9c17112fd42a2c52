"""Files of records and ratings in the national field names.

Rows go through the same rules and the same statements as every other door, in chunks of one
transaction each, so a killed import can be run again: what is stored is a duplicate, what is not is
stored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.feed import actions as feed
from haochaping.identity.rules import Client
from haochaping.indicators import queries as indicators
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Refusal
from haochaping.kernel.headings import Columns
from haochaping.kernel.sheets import UNREADABLE, Row, UnreadableTable
from haochaping.kernel.words import Words, printable
from haochaping.records import actions as records
from haochaping.records import api as record_api
from haochaping.records import rules as record_rules
from haochaping.regions import queries as region_queries

CHUNK = 1000


COLUMNS = {"records": record_rules.COLUMNS, "evaluations": rating.COLUMNS}


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken.

    Its line in the file, what names it, why, and the row itself.
    """

    line: int
    names: str
    says: Words
    code: str
    row: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Report:
    """What became of a file."""

    accepted: int = 0
    duplicate: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    # fields that are none of the interface's: kept beside a record, left out of a rating
    unknown: set[str] = field(default_factory=set)
    # bad ratings, among those accepted, that are too old to open an order: nobody can put right now
    # what was given so long ago
    history: int = 0


def take(
    what: str,
    rows: Iterator[Row],
    *,
    dialect: str,
    client: Client,
    watch: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Store the rows of a file of records or evaluations and return what became of them.

    They go in chunks of one transaction each; `watch` is shown the counts after each.
    """
    if what == "records":
        return _in_chunks(
            rows,
            COLUMNS[what],
            lambda row: record_api.check(
                record_rules.from_national(row), region_queries.tree().resolve, client, clock.now()
            ),
            lambda chunk: talk(records.register(records=chunk, client=client)),
            watch,
        )
    if dialect not in rating.DIALECTS:
        raise Refusal(
            Words("方言应为 gg、zj 或 v1。", "The dialect must be gg, zj or v1."),
            code="dialect",
            field="dialect",
        )
    return _in_chunks(
        rows,
        COLUMNS[what],
        lambda row: _check_rating(row, dialect),
        lambda chunk: talk(evaluations.submit(ratings=chunk, client=client)),
        watch,
    )


def _check_rating(row: Mapping[str, str], dialect: str) -> rating.Rating:
    return rating.accept(rating.from_national(row, dialect), indicators.catalogue(), clock.now())


def _in_chunks(
    rows: Iterator[Row],
    columns: Columns,
    check: Callable[[Row], Any],
    store: Callable[[Sequence[Any]], Sequence[Any]],
    watch: Callable[[Report], None],
) -> Report:
    report, end = Report(), _End()
    for chunk in _chunks(end.of(rows)):
        good = list(_checked(chunk, columns, check, report))
        if good:
            outcomes = store([item for _, item in good])
            for (row, item), stored in zip(good, outcomes, strict=True):
                _note(report, row, stored)
                report.history += stored.outcome == "accepted" and _is_history(item)
            feed.rouse()
        watch(report)
    if end.broken is not None:
        _refuse(report, Row(end.line + 1, {}), end.broken)
    report.refused.sort(key=lambda row: row.line)
    return report


class _End:
    """Where a file ends that can be read to a place only: what stands before it is stored, and the
    rest is told as refused.
    """

    def __init__(self) -> None:
        self.line = 0
        self.broken: UnreadableTable | None = None

    def of(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield the rows up to there; raises UnreadableTable where there is none."""
        try:
            for row in rows:
                self.line = row.line
                yield row
        except UnreadableTable as broken:
            if not self.line:
                raise
            self.broken = broken


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _checked(
    chunk: Sequence[Row], columns: Columns, check: Callable[[Row], Any], report: Report
) -> Iterator[tuple[Row, Any]]:
    for row in chunk:
        try:
            if UNREADABLE in row:
                raise Refusal(_UNREADABLE[row[UNREADABLE]], code=row[UNREADABLE])
            for name in row.keys() - columns.known:
                _note_unknown(name, columns, report)
            yield row, check(row)
        except Refusal as refusal:
            _refuse(report, row, refusal)


def _note_unknown(name: str, columns: Columns, report: Report) -> None:
    """Remember a field that is none of the interface's; raises Refusal for one mistyped."""
    if name in report.unknown:
        return
    columns.check(name)
    if len(report.unknown) < _UNKNOWN:
        report.unknown.add(printable(name)[:60])


_UNKNOWN = 100  # names that are told

_UNREADABLE = {
    "not_json": Words(
        "该行不是 UTF-8 编码的 JSON 对象（字段名不能重复）。",
        "The line is not a JSON object in UTF-8 that says each name once.",
    ),
    "too_many_cells": Words(
        "该行的单元格多于表头的列（文字里的逗号请加引号），请核对后重报。",
        "The row has more cells than the heading has columns: put text with commas in quotation "
        "marks.",
    ),
    "other_columns": Words(
        "另一个工作表的列与第一个不同，该表未导入；请改成相同的列，或单独导入。",
        "Another sheet has other columns than the first and was not read: give it the same, or "
        "import it by itself.",
    ),
    "open_quote": Words(
        "该行有未闭合的引号，把后面的行也读了进来，请核对后重报。",
        "A quotation mark in this row was never closed and has taken in the rows after it.",
    ),
    "bad_encoding": Words(
        "该行有无法识别的字节（可能被截断，或编码与其他行不同），请核对后重报。",
        "The row holds bytes that are no text: it was cut, or is in another encoding than the "
        "others.",
    ),
}


def _refuse(report: Report, row: Row, refusal: Refusal) -> None:
    shown = {name: printable(value) for name, value in row.items() if name != UNREADABLE}
    names = f"{shown.get('projectNo', '')}#{shown.get('serviceNumber', '')}"
    report.refused.append(RefusedRow(row.line, names, refusal.says, refusal.code, shown))


def _is_history(item: Any) -> bool:
    return (
        isinstance(item, rating.Rating)
        and rating.is_bad(item.level)
        and clock.now() - item.rated_at > rating.HISTORY
    )


def _note(report: Report, row: Row, stored: Any) -> None:
    refusal = getattr(stored, "refusal", None)
    if refusal is None and stored.outcome is records.Outcome.CONFLICT:
        refusal = Refusal(
            Words("同一次服务已登记且内容不同", "this service is registered with other content"),
            code="already_registered",
        )
    if refusal is not None:
        _refuse(report, row, refusal)
    elif stored.outcome == "accepted":
        report.accepted += 1
    else:
        report.duplicate += 1
