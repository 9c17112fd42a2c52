"""Files of records and ratings in the national field names.

Rows go through the same rules and the same statements as every other door, in chunks of one
transaction each, so a killed import can be run again: what is stored is a duplicate, what is not is
stored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.identity.rules import Reach
from haochaping.indicators import queries as indicators
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Refusal
from haochaping.kernel.sheets import UNREADABLE
from haochaping.kernel.words import Words
from haochaping.records import actions as records
from haochaping.records import api as record_api
from haochaping.records import rules as record_rules
from haochaping.regions import queries as region_queries

CHUNK = 1000


class WrongColumns(Refusal):
    """The file is not what was asked for."""

    code = "wrong_columns"
    says = Words(
        "文件没有数据行，或缺少 projectNo 列：首行应为国家标准字段名，见 docs/integrate/。",
        "The file has no rows, or no column projectNo: the first line bears the national names, "
        "see docs/integrate/.",
    )


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken.

    Its line (the heading is line 1 of a table), what names it, why, and the row itself.
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


def take(
    what: str,
    name: str,
    rows: Iterator[Mapping[str, str]],
    *,
    dialect: str,
    reach: Reach,
    client_id: int | None,
    watch: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Store the rows of a file of records or evaluations and return what became of them.

    They go in chunks of one transaction each; `watch` is shown the counts after each.
    """
    if what == "records":
        return _in_chunks(
            name,
            rows,
            lambda row: record_api.check(
                record_rules.from_national(row), region_queries.tree().resolve, reach, clock.now()
            ),
            lambda chunk: talk(records.register(records=chunk, client_id=client_id)),
            watch,
        )
    if dialect not in rating.DIALECTS:
        raise Refusal(
            Words("方言应为 gg、zj 或 v1。", "The dialect must be gg, zj or v1."),
            code="dialect",
            field="dialect",
        )
    return _in_chunks(
        name,
        rows,
        lambda row: _check_rating(row, dialect),
        lambda chunk: talk(evaluations.submit(ratings=chunk, reach=reach, client_id=client_id)),
        watch,
    )


def _check_rating(row: Mapping[str, str], dialect: str) -> rating.Rating:
    return rating.accept(rating.from_national(row, dialect), indicators.catalogue(), clock.now())


def _in_chunks(
    name: str,
    rows: Iterator[Mapping[str, str]],
    check: Callable[[Mapping[str, str]], Any],
    store: Callable[[Sequence[Any]], Sequence[Any]],
    watch: Callable[[Report], None],
) -> Report:
    report = Report()
    first = next(rows, None)
    if first is None or (UNREADABLE not in first and "projectNo" not in first):
        raise WrongColumns
    numbered = enumerate(
        chain([first], rows), start=1 if name.lower().endswith((".jsonl", ".ndjson")) else 2
    )
    for chunk in _chunks(numbered):
        good = list(_checked(chunk, check, report))
        if good:
            outcomes = store([item for _, _, item in good])
            for (line, row, _), stored in zip(good, outcomes, strict=True):
                _note(report, line, row, stored)
        watch(report)
    report.refused.sort(key=lambda row: row.line)
    return report


def _chunks(
    rows: Iterator[tuple[int, Mapping[str, str]]],
) -> Iterator[list[tuple[int, Mapping[str, str]]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _checked(
    chunk: Sequence[tuple[int, Mapping[str, str]]],
    check: Callable[[Mapping[str, str]], Any],
    report: Report,
) -> Iterator[tuple[int, Mapping[str, str], Any]]:
    for line, row in chunk:
        try:
            if UNREADABLE in row:
                raise Refusal(
                    Words("该行不是 JSON 对象。", "The line is not a JSON object."), code="not_json"
                )
            yield line, row, check(row)
        except Refusal as refusal:
            report.refused.append(RefusedRow(line, _names(row), refusal.says, refusal.code, row))


def _names(row: Mapping[str, str]) -> str:
    return f"{row.get('projectNo', '')}#{row.get('serviceNumber', '')}"


def _note(report: Report, line: int, row: Mapping[str, str], stored: Any) -> None:
    refusal = getattr(stored, "refusal", None)
    if refusal is None and stored.outcome is records.Outcome.CONFLICT:
        refusal = Refusal(
            Words("同一次服务已登记且内容不同", "this service is registered with other content"),
            code="already_registered",
        )
    if refusal is not None:
        report.refused.append(RefusedRow(line, _names(row), refusal.says, refusal.code, row))
    elif stored.outcome == "accepted":
        report.accepted += 1
    else:
        report.duplicate += 1
