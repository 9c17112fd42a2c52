"""Closing months: what their days rolled up comes again (`rules.months`), as files that stay.

A month is counted outside any transaction, for it may take minutes; entering it takes a moment.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from haochaping.directory import queries as directory
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.files import put
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import Leaf, leaf_hash, parse, parse_proof, root
from haochaping.proofs import models, queries, rules
from haochaping.proofs.actions._books import (
    TOO_FEW,
    Told,
    going,
    named,
    next_day,
    opened,
    sha256,
    told_of,
    unaltered,
    write,
)
from haochaping.proofs.actions.enter import state_into


def close_months(*, at: datetime) -> int:
    """Close every month that is over and whose days are closed; return how many. Of a log that is
    frozen none, as of days.
    """
    done = 0
    for log in going():
        for days in _due(log, at):
            again = _counted(log, days, at)
            if again is None:
                break
            done += _enter(log, days, again, at)
    return done


def months_due(*, at: datetime) -> bool:
    """Say whether a month waits to be closed."""
    return any(True for log in going() for _ in _due(log, at))


def _due(log: logs.Log, at: datetime) -> Iterator[list[models.Day]]:
    """Yield the days of each month that is over, whose days are closed by the rules of now, of
    which nothing was lost or altered, and which is not closed.
    """
    closed = {one.month for one in queries.months_of(log.pk)}
    waits = next_day(log)
    by_month: dict[str, list[models.Day]] = {}
    for day in models.Day.objects.filter(log_id=log.pk).order_by("day"):
        by_month.setdefault(_month(day.day), []).append(day)
    for month, days in by_month.items():
        over = _after(days[-1].day)
        if month in closed or business_day(at) < over or (waits is not None and waits < over):
            continue
        known = {msgspec.json.decode(day.statement)["rules"]["id"] for day in days}
        lost = queries.is_admitted(log.pk, days[0].begin, days[-1].end)
        if known == {rules.RULES} and not lost:
            yield days


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _after(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _counted(log: logs.Log, days: Sequence[models.Day], at: datetime) -> rules.Again | None:
    """Return what is told of a month; None where its days or their facts are not what they were:
    then the log is frozen.
    """
    rolled, told = list[rules.Rolled](), Counter[rules.Place]()
    for day in days:
        found = _rolled(log, day, at)
        if found is None:
            return None
        rolled += found.rolled
        told += found.told
    return rules.told_again(rolled, told)


@transaction.atomic
def _enter(log: logs.Log, days: Sequence[models.Day], again: rules.Again, at: datetime) -> bool:
    """Enter the statement of a month and write its files, unless another did meanwhile or the log
    was frozen.
    """
    one_at_a_time("close days")
    month = _month(days[0].day)
    if log.pk not in {one.pk for one in going()} or month in {
        one.month for one in queries.months_of(log.pk)
    }:
        return False
    table, data = rules.month_table(again.rows), b"".join(again.rows)
    places, over = msgspec.json.encode(queries.cells()), root(map(leaf_hash, again.rows))
    statement: dict[str, Any] = {
        "v": 1,
        "kind": queries.MONTH_BOOK,
        "month": month,
        "log": {"origin": log.origin, "from": days[0].begin, "to": days[-1].end},
        "days": {str(day.day): sha256(day.statement.encode()) for day in days},
        "book": {"rows": len(again.rows), "root": over.hex(), "sha256": sha256(data)},
        "table_sha256": sha256(table),
        "cells_sha256": sha256(places),
        "rules": named(rules.MONTHS, rules.MONTHS_TEXT),
        "missing": [{**_place(one), "rows": n} for one, n in sorted(again.missing.items())],
        "withheld": [_place(one) for one in again.withheld],
        "excluded": {TOO_FEW[flags]: n for flags, n in sorted(again.too_few.items())},
    }
    state_into(log_id=log.pk, said=statement, kind=Leaf.STATEMENT, at=at)
    files = {"rows": data, "csv": table, "json": rules.canonical(statement)}
    write(log, month, statement, files, places=places, text=rules.MONTHS_TEXT)
    return True


def _place(place: rules.Place) -> dict[str, Any]:
    cell, flags = place
    return {"cell": str(cell), "flags": flags}


@dataclass(frozen=True)
class _OfDay:
    """The ratings of a day that its book tells of no office's own cell, and how many rows it has of
    each such cell.
    """

    rolled: list[rules.Rolled]
    told: Counter[rules.Place]


def _rolled(log: logs.Log, day: models.Day, at: datetime) -> _OfDay | None:
    """Return what a day rolled up; None where the day or a fact is not what it was: then the log is
    frozen.
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
    paths = {key: queries.path_to(key, region) for key, region in regions.items()}
    rolled = [_again(one, paths, rows.get(one.row_tag)) for one in every]
    return _OfDay(rolled, told)


def _again(one: Told, paths: Mapping[int, tuple[int, ...]], row: bytes | None) -> rules.Rolled:
    came, level = (int.from_bytes(row[32:40]), row[40]) if row else (rules.UNTOLD, one.level)
    tag = rules.month_tag(one.salt, one.no)
    return rules.Rolled(tag, paths[one.department], came, level, one.flags)


def prove_months() -> int:
    """Write the proof of each statement that a signed checkpoint covers now, and again until enough
    witnesses have signed, where there are any; return how many were written. The list of months
    names those that are proved.
    """
    done = 0
    for log in logs.logs():
        closed = queries.months_of(log.pk) if log.successor is None else []
        for one in closed:
            path = queries.path_of(log, one.month, "tlog-proof")
            proof = None if _is_final(log, path) else logs.prove(log.pk, one.no)
            if proof is not None and not (path.exists() and path.read_text() == proof):
                put(path, proof.encode())
                done += 1
        if closed:
            list_months(log=log, closed=closed)
    return done


def _is_final(log: logs.Log, path: Path) -> bool:
    """Say whether a proof is there, signed by as many witnesses as are wanted."""
    try:
        signed = parse(parse_proof(path.read_text()).checkpoint).signatures
    except (OSError, ValueError):
        return False  # it is not there, or somebody touched it
    others = {one.name for one in signed if one.name != log.origin}
    return len(others) >= (settings.LEDGER_ENOUGH if settings.LEDGER_WITNESSES else 0)


def list_months(*, log: logs.Log, closed: Sequence[queries.Month]) -> None:
    """Write which months there are that anybody can check."""
    there = [one.month for one in closed if queries.path_of(log, one.month, "tlog-proof").exists()]
    path, data = queries.path_of(log, "months", "json"), msgspec.json.encode(sorted(there))
    if not path.exists() or path.read_bytes() != data:
        put(path, data)
