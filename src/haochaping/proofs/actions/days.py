"""Closing days: the book, its table and the statement, as files that stay (trust design §1.3)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from haochaping.devices import queries as devices
from haochaping.directory import queries as directory
from haochaping.feed.rules import Kind
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.files import put
from haochaping.kernel.moments import begin_of, business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import Leaf, leaf_hash, root
from haochaping.notifications import queries as messages
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
from haochaping.proofs.actions.enter import state_event, state_into
from haochaping.records import queries as records
from haochaping.regions.rules import city_of


@transaction.atomic
def close_days(*, at: datetime) -> int:
    """Close every day that is over; return how many days were closed. Of a log that is frozen none:
    a book stays, and what was altered is put back first. What nobody has noticed yet is noticed
    here, before a book is written.
    """
    one_at_a_time("close days")
    done = 0
    for log in going():
        while (day := next_day(log)) is not None and day < business_day(at):
            if not _holds(log, day, at):
                break
            _close(log, day, at)
            done += 1
        if done:
            cells = msgspec.json.encode(queries.cells())
            put(logs.folder(log.name) / "daybook" / "cells.json", cells)
    return done


def _holds(log: logs.Log, day: date, at: datetime) -> bool:
    """Say whether the facts of a day are what its leaves commit to; freeze the log where not."""
    last = queries.last_day(log.pk)
    begin = last.end if last else 0
    if last and not queries.row_holds(log, last):
        reason = f"the row of the day {last.day} was changed, before {day} is closed"
        ledger.freeze(log_id=log.pk, reason=reason, at=at)
        return False
    if silent := queries.silent(log.pk, begin, log.size):  # its statement, where its row is gone
        reason = f"nothing says what the public leaf {silent[0]} commits to, before {day} is closed"
        ledger.freeze(log_id=log.pk, reason=reason, at=at)
        return False
    return all(unaltered(log, some, str(day), at) for some in opened(log, begin, _end(log, day)))


def _close(log: logs.Log, day: date, at: datetime) -> None:
    """Write the book, the table and the statement of a day, and enter the statement."""
    last = queries.last_day(log.pk)
    begin, end = last.end if last else 0, _end(log, day)
    found = _counted(log, begin, end)
    book = rules.book(found.rows)
    table, data = rules.table(book), b"".join(book)
    over, places = root(map(leaf_hash, book)), msgspec.json.encode(queries.cells())
    texts = _texts(log, begin, end)
    statement: dict[str, Any] = {
        "v": 1,
        "day": str(day),
        "log": {
            "origin": log.origin,
            "from": begin,
            "to": end,
            "root": logs.root_of(log, end).hex(),
        },
        "leaves": {f"{kind:02x}": number for kind, number in sorted(found.leaves.items())},
        "daybook": {"rows": len(book), "root": over.hex(), "sha256": sha256(data)},
        "table_sha256": sha256(table),
        "cells_sha256": sha256(places),
        "said_sha256": sha256(texts),
        "rules": named(rules.RULES, rules.RULES_TEXT),
        "excluded": dict(sorted(found.excluded.items())),
        "invitations": _invitations(log, day, (begin, end), found),
        "terminals": devices.counted(),
        "previous_sha256": _before(day),
    }
    said = rules.canonical(statement)
    of_book = {"v": 1, "kind": "daybook", "day": str(day), **statement["daybook"]}
    state_into(log_id=log.pk, said=of_book, kind=Leaf.DAYBOOK, at=at)
    no = state_event(log_id=log.pk, kind=Leaf.STATEMENT, data=said, at=at)
    facts = {"begin": begin, "end": end, "rows": len(book), "root": over, "no": no}
    models.Day.objects.create(log_id=log.pk, day=day, statement=said.decode(), **facts)
    files = {"rows": data, "csv": table, "json": said, "said": texts}
    write(log, day, statement, files, places=places, text=rules.RULES_TEXT)


def _texts(log: logs.Log, begin: int, end: int) -> bytes:
    """Return what the public leaves of a day say, and what was said since of leaves that came back
    from a mirror: they may be of this day.
    """
    said = queries.texts_between(log.pk, begin, end)
    return rules.texts_file(said | queries.restated_between(log.pk, end, log.size))


def _end(log: logs.Log, day: date) -> int:
    """Return the number before which the leaves of a day end."""
    midnight = begin_of(day + timedelta(days=1))
    later = models.Opening.objects.filter(log_id=log.pk, at__gte=midnight).order_by("no")
    found = later.values_list("no", flat=True).first()
    return log.size if found is None else found


def _before(day: date) -> str:
    """Return the SHA-256 of the statement before a day's, of an earlier year's log too; "" for the
    first.
    """
    last = models.Day.objects.filter(day__lt=day).order_by("-day", "-log_id").first()
    return sha256(last.statement.encode()) if last else ""


def _invitations(
    log: logs.Log, day: date, leaves: tuple[int, int], found: "_Counted"
) -> dict[str, Any]:
    """Return the denominators of a day (trust design §1.6): how many services could be rated by its
    leaves and how many were, both sums from the first day of all logs on, and by city how many were
    completed, asked about by SMS, reached by it, and rated.
    """
    rated = sum(found.rated.values())
    batches = models.Invited.objects.filter(log_id=log.pk, no__gte=leaves[0], no__lt=leaves[1])
    services = sum(batches.values_list("services", flat=True))
    before = _sums_before(log, day, leaves[0])
    since, until = begin_of(day), begin_of(day + timedelta(days=1))
    completed, invited = records.completed(since, until), messages.invited(since, until)
    cities = sorted({*completed, *invited, *found.rated})
    return {
        "services": services,
        "ratings": len(found.rows),
        "services_so_far": before[0] + services,
        "rated_so_far": before[1] + rated,
        "cities": [
            {
                "city": str(city),
                "completed": completed.get(city, 0),
                "asked": invited.get(city, (0, 0))[0],
                "delivered": invited.get(city, (0, 0))[1],
                "rated": found.rated[city],
            }
            for city in cities
        ],
    }


def _sums_before(log: logs.Log, day: date, begin: int) -> tuple[int, int]:
    """Return how many services could be rated and how many were before a day, by the last statement
    or, where that has no sums, by the openings of all leaves until then.
    """
    last = models.Day.objects.filter(day__lt=day).order_by("-day").first()
    told = msgspec.json.decode(last.statement)["invitations"] if last else {}
    if "services_so_far" in told:
        return told["services_so_far"], told["rated_so_far"]
    earlier = Q(log_id__lt=log.pk) | Q(log_id=log.pk, no__lt=begin)
    services = sum(models.Invited.objects.filter(earlier).values_list("services", flat=True))
    rated = models.Opening.objects.filter(earlier, what=Kind.RATING, leaf=Leaf.SUBMITTED)
    return services, rated.count()


@dataclass(frozen=True)
class _Counted:
    """The rows of a day, why others are missing, how many leaves there are by kind, and how many
    services were rated by city.
    """

    rows: list[rules.Row]
    excluded: Counter[str]
    leaves: Counter[int]
    rated: Counter[int]


def _counted(log: logs.Log, begin: int, end: int) -> _Counted:
    """Count the leaves of a day."""
    told: list[Told] = []
    excluded: Counter[str] = Counter()
    leaves = Counter(body[1] for body in logs.entries(log.pk, begin, end))
    for some in opened(log, begin, end):
        found, missing = told_of(some)
        told += found
        excluded += missing
    orphans = leaves[Leaf.SUBMITTED] - len(told) - excluded.total()
    if orphans:
        excluded["orphan"] = orphans  # they came back from a mirror, and nothing opens them
    regions = directory.department_regions({one.department for one in told})
    rows = list[rules.Row]()
    for flags, few in TOO_FEW.items():  # the levels of a few who rated again are theirs, too
        kind = [one for one in told if one.flags == flags]
        paths = [queries.path_to(one.department, regions[one.department]) for one in kind]
        cells = rules.rolled_up(paths)
        for one, path in zip(kind, paths, strict=True):
            cell = cells[path[0]]
            if cell is None:
                excluded[few] += 1
            else:
                rows.append(rules.Row(one.row_tag, cell, one.level, flags))
    rated = Counter(city_of(regions[one.department]) for one in told if not one.flags)
    return _Counted(rows, excluded, leaves, rated)


def _index(log: logs.Log) -> None:
    """Write which days there are that anybody can check: those that are proved."""
    there = models.Day.objects.filter(log_id=log.pk).order_by("day").values_list("day", flat=True)
    proved = [str(day) for day in there if queries.path_of(log, day, "tlog-proof").exists()]
    put(logs.folder(log.name) / "daybook" / "index.json", msgspec.json.encode(proved))


def prove_days(*, at: datetime) -> int:
    """Write the proof of each statement that a signed checkpoint covers now, and again until enough
    witnesses have signed that checkpoint, where there are any; return how many are final.
    """
    done = 0
    for day in models.Day.objects.filter(proved_at=None).order_by("day"):
        log = next(one for one in logs.logs() if one.pk == day.log_id)
        if log.successor is not None:
            continue  # its files may be gone
        proof = logs.prove(day.log_id, day.no)
        if proof is not None:
            put(queries.path_of(log, day.day, "tlog-proof"), proof.encode())
            _index(log)
            cover = logs.covering(day.log_id, day.no)
            if not settings.LEDGER_WITNESSES or (cover is not None and cover.cosigned_at):
                models.Day.objects.filter(pk=day.pk).update(proved_at=at)
                done += 1
    return done
