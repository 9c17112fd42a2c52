"""`hcp import`: files of records and ratings in the national field names, and the tables of the
directory.

Rows go through the same rules and the same statements as every other door, in chunks of one
transaction each, so a killed import can be run again: what is stored is a duplicate, what is not is
stored.
"""

import csv
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click

from haochaping.directory import actions as directory
from haochaping.directory import rules as tables
from haochaping.directory.views import known
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.identity.rules import SYSTEM, Reach
from haochaping.indicators import queries as indicators
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Refusal
from haochaping.kernel.tables import UNREADABLE, read_rows
from haochaping.kernel.words import Words
from haochaping.records import actions as records
from haochaping.records import api as record_api
from haochaping.records import rules as record_rules
from haochaping.regions import actions as regions
from haochaping.regions import queries as region_queries

CHUNK = 1000
EVERYWHERE = Reach(0, 10**12 - 1)
_SHOWN = 20
_REASON = ("line", "row", "code", "reason_zh", "reason_en")  # columns before the row's own


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

    def show(self, refused: Path) -> None:
        """Print the counts, the reasons by number, the first refused rows and where all of them
        are; last a line for programs.
        """
        click.echo(
            f"接收 accepted {self.accepted}   重复 duplicate {self.duplicate}   拒绝 refused "
            f"{len(self.refused)}"
        )
        for code, number in Counter(row.code for row in self.refused).most_common():
            click.echo(f"  {number:>6}  {code}")
        for row in self.refused[:_SHOWN]:
            click.echo(
                f"  第 {row.line} 行 line {row.line}  {row.names}  {row.says.zh} / {row.says.en}"
            )
        if self.refused:
            click.echo(f"被拒绝的行及原因 refused rows and reasons: {refused}")
        counts: dict[str, int | str] = {
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "refused": len(self.refused),
        }
        click.echo(
            json.dumps(
                counts | ({"refused_file": str(refused)} if self.refused else {}),
                ensure_ascii=False,
            )
        )

    def write(self, path: Path) -> None:
        """Write every refused row with its reason, so that it can be mended there and imported.

        It may hold personal data: owner only.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        names = dict.fromkeys(name for row in self.refused for name in row.row)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            "w",
            encoding="utf-8-sig",
            newline="",
        ) as file:
            table = csv.writer(file)
            table.writerow([*_REASON, *names])
            table.writerows(
                [
                    row.line,
                    row.names,
                    row.code,
                    row.says.zh,
                    row.says.en,
                    *(row.row.get(name, "") for name in names),
                ]
                for row in self.refused
            )


def run(what: str, file: Path, *, dialect: str, dry_run: bool) -> Report:
    """Import a file and return what became of it."""
    if dry_run and what not in tables.TABLES:
        raise Refusal(
            Words(
                f"--dry-run 只用于部门、大厅、窗口、人员、事项表；{what} 导入可随时中断重来，"
                "不会重复入库。",
                f"--dry-run is for tables of the directory; an import of {what} can be stopped and "
                "repeated, nothing is stored twice.",
            )
        )
    if what == "regions":
        return Report(
            accepted=regions.import_table(rows=read_rows(file), by=SYSTEM, at=clock.now())
        )
    if what in tables.TABLES:
        return _directory(what, file, dry_run=dry_run)
    return take(what, file.name, read_rows(file), dialect=dialect, reach=EVERYWHERE, client_id=None)


def take(
    what: str,
    name: str,
    rows: Iterator[Mapping[str, str]],
    *,
    dialect: str,
    reach: Reach,
    client_id: int | None,
) -> Report:
    """Store the rows of a file of records or evaluations, in chunks of one transaction each, and
    return what became of them.
    """
    if what == "records":
        return _in_chunks(
            name,
            rows,
            lambda row: record_api.check(
                record_rules.from_national(row), region_queries.tree().resolve, reach, clock.now()
            ),
            lambda chunk: talk(
                records.register(records=chunk, client_id=client_id, by=SYSTEM, at=clock.now())
            ),
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
        lambda chunk: talk(
            evaluations.submit(
                ratings=chunk, reach=reach, client_id=client_id, by=SYSTEM, at=clock.now()
            )
        ),
    )


def _check_rating(row: Mapping[str, str], dialect: str) -> rating.Rating:
    return rating.accept(rating.from_national(row, dialect), indicators.catalogue(), clock.now())


def _in_chunks(
    name: str,
    rows: Iterator[Mapping[str, str]],
    check: Callable[[Mapping[str, str]], Any],
    store: Callable[[Sequence[Any]], Sequence[Any]],
) -> Report:
    report = Report()
    first = next(rows, None)
    if first is None or (UNREADABLE not in first and "projectNo" not in first):
        raise WrongColumns
    rows = chain([first], rows)
    numbered = enumerate(rows, start=1 if name.lower().endswith((".jsonl", ".ndjson")) else 2)
    with click.progressbar(
        _chunks(numbered),
        label=name,
        hidden=not sys.stdout.isatty(),
        show_eta=False,
        show_percent=False,
        item_show_func=lambda _: _counted(report),
    ) as chunks:
        for chunk in chunks:
            good = list(_checked(chunk, check, report))
            if good:
                for (line, row, _), stored in zip(
                    good, store([item for _, _, item in good]), strict=True
                ):
                    _note(report, line, row, stored)
    report.refused.sort(key=lambda row: row.line)
    return report


def _counted(report: Report) -> str:
    return f"{report.accepted + report.duplicate + len(report.refused)}"


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


def _directory(what: str, file: Path, *, dry_run: bool) -> Report:
    good, errors = tables.read_table(tables.TABLES[what], read_rows(file), known(EVERYWHERE.covers))
    report = Report(
        accepted=len(good),
        refused=[RefusedRow(error.number, what, error.says, "bad_row") for error in errors],
    )
    if not dry_run:
        directory.save_rows(rows=good, by=SYSTEM, at=clock.now())
    return report
