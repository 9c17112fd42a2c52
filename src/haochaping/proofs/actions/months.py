"""Closing months: what their days rolled up comes again (`rules.months`), as files that stay."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from haochaping.directory import queries as directory
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.files import put, put_all
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import Leaf, leaf_hash, root
from haochaping.proofs import models, queries, rules
from haochaping.proofs.actions._books import (
    TOO_FEW,
    Told,
    next_day,
    opened,
    sha256,
    told_of,
    unaltered,
)
from haochaping.proofs.actions.enter import state_into


@transaction.atomic
def close_months(*, at: datetime) -> int:
    """Close every month that is over and whose days are closed; return how many. Of a log that is
    frozen none, as of days.
    """
    one_at_a_time("close days")
    done = 0
    for log in logs.logs():
        if log.name.startswith(logs.AUDIT) or log.successor is not None or log.frozen:
            continue
        for days in _due(log, at):
            if not _close(log, days, at):
                break
            done += 1
    return done


def _due(log: logs.Log, at: datetime) -> Iterator[list[models.Day]]:
    """Yield the days of each month that is over, whose days are closed, and which is not."""
    closed = {one.month for one in queries.months_of(log.pk)}
    waits = next_day(log)
    by_month: dict[str, list[models.Day]] = {}
    for day in models.Day.objects.filter(log_id=log.pk).order_by("day"):
        by_month.setdefault(_month(day.day), []).append(day)
    for month, days in by_month.items():
        over = _after(days[-1].day)
        if month not in closed and business_day(at) >= over and (waits is None or waits >= over):
            yield days


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _after(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _close(log: logs.Log, days: Sequence[models.Day], at: datetime) -> bool:
    """Write the book, the table and the statement of a month, and enter the statement; say whether
    its days and their facts are what they were, or else the log was frozen.
    """
    rolled, told = list[rules.Rolled](), Counter[rules.Place]()
    for day in days:
        found = _rolled(log, day, at)
        if found is None:
            return False
        rolled += found[0]
        told += found[1]
    again = rules.told_again(rolled, told)
    table, data = rules.month_table(again.rows), b"".join(again.rows)
    places, month = msgspec.json.encode(queries.cells()), _month(days[0].day)
    begin, end = days[0].begin, days[-1].end
    over = root(map(leaf_hash, again.rows))
    statement: dict[str, Any] = {
        "v": 1,
        "kind": queries.MONTH_BOOK,
        "month": month,
        "log": {"origin": log.origin, "from": begin, "to": end},
        "days": {str(day.day): sha256(day.statement.encode()) for day in days},
        "book": {"rows": len(again.rows), "root": over.hex(), "sha256": sha256(data)},
        "table_sha256": sha256(table),
        "cells_sha256": sha256(places),
        "rules": _rules(),
        "missing": _missing(again.missing),
        "excluded": {TOO_FEW[flags]: n for flags, n in sorted(again.too_few.items())},
    }
    said = rules.canonical(statement)
    files = {"rows": data, "csv": table, "json": said}
    paths = {queries.path_of(log, month, kind): file for kind, file in files.items()}
    folder = logs.folder(log.name) / "daybook"
    shared = zip(queries.committed_files(statement), (places, rules.MONTHS_TEXT), strict=True)
    put_all({folder / name: file for name, file in shared} | paths)
    state_into(log_id=log.pk, said=statement, kind=Leaf.STATEMENT, at=at)
    return True


def _rules() -> dict[str, Any]:
    named = {"id": rules.MONTHS, "sha256": sha256(rules.MONTHS_TEXT)}
    return {**named, "smallest_cell": rules.SMALLEST}


def _missing(found: Mapping[rules.Place, int]) -> list[dict[str, Any]]:
    return [
        {"cell": str(cell), "flags": flags, "rows": n, "withheld": rules.withheld(n)}
        for (cell, flags), n in sorted(found.items())
    ]


type _OfDay = tuple[list[rules.Rolled], Counter[rules.Place]]


def _rolled(log: logs.Log, day: models.Day, at: datetime) -> _OfDay | None:
    """Return the ratings of a day that its book tells of no office's own cell, and how many rows it
    has of each such cell; None where the day or a fact is not what it was: then the log is frozen.
    """
    if not queries.book_holds(log, day):
        reason = f"a file of the day {day.day} is not what its statement says"
        ledger.freeze(log_id=log.pk, reason=reason, at=at)
        return None
    book = rules.read(queries.path_of(log, day.day, "rows").read_bytes())
    rows = {row[:32]: row for row in book if int.from_bytes(row[32:40]) < rules.DEPARTMENT}
    told = Counter((int.from_bytes(row[32:40]), row[41]) for row in rows.values())
    own = {row[:32] for row in book} - rows.keys()
    every = list[Told]()
    for some in opened(log, day.begin, day.end):
        if not unaltered(log, some, str(day.day), at):
            return None
        every += [one for one in told_of(some)[0] if one.row_tag not in own]
    regions = directory.department_regions({one.department for one in every})
    rolled = [
        rules.Rolled(
            rules.month_tag(one.salt, one.no),
            queries.path_to(one.department, regions[one.department]),
            _came(rows.get(one.row_tag)),
            one.level,
            one.flags,
        )
        for one in every
    ]
    return rolled, told


def _came(row: bytes | None) -> int:
    return rules.UNTOLD if row is None else int.from_bytes(row[32:40])


def prove_months(*, at: datetime) -> int:
    """Write the proof of each statement that a signed checkpoint covers now, and again for a week,
    while witnesses may still sign; return how many were written.
    """
    done = 0
    for log in logs.logs():
        closed = queries.months_of(log.pk) if log.successor is None else []
        for one in closed:
            path = queries.path_of(log, one.month, "tlog-proof")
            final = not settings.LEDGER_WITNESSES or at - one.at > _WITNESSED
            if path.exists() and final:
                continue
            proof = logs.prove(log.pk, one.no)
            if proof is not None:
                put(path, proof.encode())
                done += 1
        if done:
            _index(log, closed)
    return done


_WITNESSED = timedelta(days=7)


def _index(log: logs.Log, closed: Sequence[queries.Month]) -> None:
    """Write which months there are that anybody can check."""
    there = [one.month for one in closed if queries.path_of(log, one.month, "tlog-proof").exists()]
    put(queries.path_of(log, "months", "json"), msgspec.json.encode(sorted(there)))
