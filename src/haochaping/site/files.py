"""`hcp import`: files from the command line.

Records, ratings, regions and the tables of the directory.
"""

import csv
import json
import os
import sys
from collections import Counter
from pathlib import Path

import click
from django.db import transaction

from haochaping.directory import actions as directory
from haochaping.directory import rules as tables
from haochaping.directory.queries import known
from haochaping.evaluations.rules import HISTORY
from haochaping.identity.rules import EVERYWHERE, OURSELVES, SYSTEM, Reach
from haochaping.intake.imports import COLUMNS, RefusedRow, Report, take
from haochaping.kernel import clock
from haochaping.kernel.errors import Refusal
from haochaping.kernel.sheets import REFUSED, guarded, read_rows
from haochaping.kernel.words import Words
from haochaping.regions import actions as regions
from haochaping.regions.rules import scope

_SHOWN = 20
# columns before the row's own, which the next import leaves out
_REASON = [f"{REFUSED}{name}" for name in ("line", "row", "code", "reason_zh", "reason_en")]


def run(what: str, file: Path, *, dialect: str, dry_run: bool, region: int | None = None) -> Report:
    """Import a file and return what became of it. A table of the directory touches what lies in the
    region; without one it moves nothing from city to city.
    """
    if dry_run and what == "regions":
        raise Refusal(
            Words(
                "行政区划导入不支持预览；可重复导入，不会重复入库。",
                "There is no preview of regions; they can be imported again, nothing is stored "
                "twice.",
            )
        )
    if what == "regions":
        return Report(accepted=regions.import_table(rows=read_rows(file, regions.COLUMNS)))
    if what in tables.TABLES:
        return _directory(what, file, region=region, dry_run=dry_run)
    rows = read_rows(file, COLUMNS[what])
    if dry_run:  # the very statements, in one transaction that is taken back
        with transaction.atomic():
            report = take(what, rows, dialect=dialect, client=OURSELVES, watch=_count)
            transaction.set_rollback(True)
        return report
    return take(what, rows, dialect=dialect, client=OURSELVES, watch=_count)


def _directory(what: str, file: Path, *, region: int | None, dry_run: bool) -> Report:
    table = tables.TABLES[what]
    reach = EVERYWHERE if region is None else Reach(*scope(region))
    there = known(what, covers=reach.covers)
    good, errors = tables.read_table(
        table, read_rows(file, table.heading), there, moves=region is not None
    )
    report = Report(
        accepted=len(good),
        refused=[RefusedRow(error.number, what, error.says, "bad_row") for error in errors],
    )
    if not dry_run:
        directory.save_rows(rows=good, by=SYSTEM, at=clock.now())
    return report


def _count(report: Report) -> None:
    """Show how far the import is, where somebody looks."""
    if sys.stderr.isatty():
        done = report.accepted + report.duplicate + len(report.refused)
        click.echo(f"\r{done}", nl=False, err=True)


def show(report: Report, refused: Path) -> None:
    """Print the counts, the reasons by number, the first refused rows and where all of them
    are; last a line for programs.
    """
    click.echo(
        f"接收 accepted {report.accepted}   重复 duplicate {report.duplicate}   拒绝 refused "
        f"{len(report.refused)}"
    )
    for code, number in Counter(row.code for row in report.refused).most_common():
        click.echo(f"  {number:>6}  {code}")
    for row in report.refused[:_SHOWN]:
        click.echo(
            f"  第 {row.line} 行 line {row.line}  {row.names}  {row.says.zh} / {row.says.en}"
        )
    if report.refused:
        click.echo(f"被拒绝的行及原因 refused rows and reasons: {refused}")
    if report.history:
        click.echo(
            f"其中历史差评 {report.history} 条：给出已超过 {HISTORY.days} 天，计入统计，"
            f"不生成整改工单 / {report.history} bad ratings are older than {HISTORY.days} days: "
            "they count, and open no order"
        )
    counts: dict[str, int | str] = {
        "accepted": report.accepted,
        "duplicate": report.duplicate,
        "refused": len(report.refused),
        "history": report.history,
    }
    if report.unknown:
        click.echo(f"未识别的列 unknown columns: {', '.join(sorted(report.unknown))}")
    click.echo(
        json.dumps(
            counts | ({"refused_file": str(refused)} if report.refused else {}), ensure_ascii=False
        )
    )


def write(report: Report, path: Path) -> None:
    """Write every refused row with its reason, so that it can be mended there and imported.

    It may hold personal data: owner only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(name for row in report.refused for name in row.row)
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        "w",
        encoding="utf-8-sig",
        newline="",
    ) as file:
        table = csv.writer(file)
        table.writerow([*_REASON, *map(guarded, names)])
        table.writerows(
            [
                row.line,
                guarded(row.names),
                row.code,
                row.says.zh,
                row.says.en,
                *(guarded(row.row.get(name, "")) for name in names),
            ]
            for row in report.refused
        )
