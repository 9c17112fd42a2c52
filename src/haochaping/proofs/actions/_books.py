"""What closing a day and closing a month have in common."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from haochaping.feed.rules import Kind
from haochaping.kernel.files import put_all
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import Leaf, year_of
from haochaping.proofs import models, queries, rules
from haochaping.records.rules import Origin

_AT_ONCE = 5_000
_NAMED = 5  # of what was altered, in the reason
_RATINGS = (Kind.RATING, Kind.FOLLOW_UP)
TOO_FEW = {0: "too_few", rules.FOLLOW_UP: "too_few_follow_ups"}


def going() -> list[logs.Log]:
    """Return the logs of ratings that days and months are closed of: none that is frozen, for a
    book stays, and what was altered is put back first.
    """
    return [
        log
        for log in logs.logs()
        if not log.name.startswith(logs.AUDIT) and log.successor is None and not log.frozen
    ]


def next_day(log: logs.Log) -> date | None:
    """Return the first day with leaves that no book holds yet; None for what a log of an earlier
    year got since, the statement of its last day above all.
    """
    last = queries.last_day(log.pk)
    begin = last.end if last else 0
    first = models.Opening.objects.filter(log_id=log.pk, no__gte=begin).order_by("no").first()
    if first is None:
        return None
    day = business_day(first.at)
    if day.year > int(year_of(log.name)):
        return None
    return max(day, last.day + timedelta(days=1)) if last else day


def unaltered(log: logs.Log, some: Sequence[queries.Opened], when: str, at: datetime) -> bool:
    """Say whether facts are what their leaves commit to; freeze the log where not."""
    if wrong := queries.altered(some):
        reason = f"altered: {'; '.join(one.told for one in wrong[:_NAMED])} on {when}"
        ledger.freeze(log_id=log.pk, reason=reason, at=at)
    return not wrong


def opened(log: logs.Log, begin: int, end: int) -> Iterator[list[queries.Opened]]:
    """Yield the openings of leaves from a number to before another, some at once."""
    for start in range(begin, end, _AT_ONCE):
        yield queries.opened(log.pk, start, min(end, start + _AT_ONCE))


class Told(NamedTuple):
    """A rating that a book tells of."""

    salt: bytes  # of its row
    no: int  # of its leaf
    department: int
    level: int
    flags: int

    @property
    def row_tag(self) -> bytes:
        """The tag of its row in the book of its day."""
        return rules.row_tag(self.salt, self.no)


def told_of(openings: list[queries.Opened]) -> tuple[list[Told], Counter[str]]:
    """Return what the book tells of ratings, and why it does not tell of others."""
    told, excluded = list[Told](), Counter[str]()
    rated = [one for one in openings if one.what in _RATINGS and one.leaf == Leaf.SUBMITTED]
    facts = queries.found(
        {kind: [one.ref for one in rated if one.what == kind] for kind in _RATINGS}
    )
    for one in rated:
        fact = facts.get((one.what, one.ref))
        if fact is None or one.sealed is None:
            excluded["erased"] += 1
        elif fact["origin"] == Origin.SYNTHETIC:
            excluded["probe"] += 1
        else:
            flags = rules.FOLLOW_UP if one.what == Kind.FOLLOW_UP else 0
            place = fact["department_id"], fact["level"], flags
            told.append(Told(one.salts[1], one.no, *place))
    return told, excluded


def sha256(data: bytes) -> str:
    """Return a digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def named(rule: str, text: bytes) -> dict[str, Any]:
    """Return how a statement names the rules by which it was made."""
    return {"id": rule, "sha256": sha256(text), "smallest_cell": rules.SMALLEST}


def write(
    log: logs.Log,
    name: date | str,
    statement: Mapping[str, Any],
    files: Mapping[str, bytes],
    *,
    places: bytes,
    text: bytes,
) -> None:
    """Write the files of a day or month by kind, and the names of its cells and the text of its
    rules, to which the statement commits. It is the last thing before the commit: what is public
    may not fail to be entered behind it.
    """
    paths = {queries.path_of(log, name, kind): file for kind, file in files.items()}
    folder = logs.folder(log.name) / "daybook"
    shared = zip(queries.committed_files(statement), (places, text), strict=True)
    put_all({folder / one: file for one, file in shared} | paths)
