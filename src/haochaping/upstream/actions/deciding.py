"""Deciding what of a catalogue is taken, and putting it in force on its day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from haochaping.directory import actions as directory
from haochaping.directory import queries as places
from haochaping.directory.rules import TABLES, read_table
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right, SamePerson
from haochaping.kernel.errors import Refusal
from haochaping.kernel.marks import ChangedMeanwhile
from haochaping.kernel.moments import business_day
from haochaping.kernel.sheets import Row
from haochaping.kernel.words import Words
from haochaping.regions import actions as regions
from haochaping.regions import queries as tree
from haochaping.upstream import models, queries, rules
from haochaping.upstream.actions._source import locked, note


@dataclass(frozen=True)
class Decided:
    """What became of the changes that were decided."""

    done: int = 0
    later: int = 0  # approved; their day is to come
    stuck: int = 0  # could not be put in force: each says why


@transaction.atomic
def decide(
    *,
    source_id: int,
    changes: Collection[int],
    approve: bool,
    seen_at: datetime | None = None,
    by: int,
    at: datetime,
) -> Decided:
    """Approve changes of a catalogue, which are put in force at once or on their day, or reject
    them; a rejected one is not proposed again until upstream says something else. `seen_at` is when
    the page was made on which they were looked at.

    Raises SamePerson for who uploaded them, and, of windows' hours and closings, for who said where
    they are read; ChangedMeanwhile, NotFound or NotAllowed.
    """
    source = locked(source_id, by)
    waiting = queries.waiting(source_id).filter(pk__in=changes)[: rules.MOST]
    mine = list(waiting.select_for_update())
    if approve and any(by == (one.proposed_by or _behind(source, one)) for one in mine):
        raise SamePerson
    _check(mine, seen_at, by)
    today = business_day(at)
    now = [
        one for one in mine if approve and (one.effective_on is None or one.effective_on <= today)
    ]
    stuck = _take(source, now, by, at)
    settled = [one for one in mine if one.pk not in stuck]
    if approve:  # what was approved before for a later day is overtaken
        queries.coming(source_id).filter(code__in=[one.code for one in settled]).delete()
    for one in settled:
        one.decided_by, one.decided_at, one.approved = by, at, approve
    models.Change.objects.bulk_update(
        settled, ["decided_by", "decided_at", "approved", "done_at"], batch_size=500
    )
    if settled:
        _note(source, "approve" if approve else "reject", settled, by, at)
    later = len(mine) - len(now) if approve else 0
    return Decided(len(now) - len(stuck), later, len(stuck))


@transaction.atomic
def take_due(*, at: datetime) -> int:
    """Put in force what was approved for this day or an earlier one; return how much."""
    due = list(queries.due(business_day(at)).select_for_update(of=("self",)))
    done = 0
    for source in {one.source_id: one.source for one in due}.values():
        mine = [one for one in due if one.source_id == source.pk]
        stuck = _take(source, mine, SYSTEM, at)
        taken = [one for one in mine if one.pk not in stuck]
        models.Change.objects.bulk_update(taken, ["done_at"], batch_size=500)
        if taken:
            _note(source, "take", taken, SYSTEM, at)
        done += len(taken)
    return done


def _note(
    source: models.Source, verb: str, changes: Sequence[models.Change], by: int, at: datetime
) -> None:
    shown = [one.code for one in changes[:50]]
    note(source, verb, {"rows": len(changes), "codes": shown}, by, at)


def _take(
    source: models.Source, changes: Sequence[models.Change], by: int, at: datetime
) -> set[int]:
    """Make the directory as upstream has it; return which changes could not be, each with why."""
    if source.kind == "regions":
        stuck = _regions(changes, at)
    else:
        facts = [one for one in changes if one.what != rules.What.CLOSE]
        stuck = _rows(source.kind, facts, by, at)
        for one in changes:
            if one.what in (rules.What.CLOSE, rules.What.REOPEN) and one.pk not in stuck:
                stuck |= _closed(source.kind, one, by, at)
    for one in changes:
        if one.pk not in stuck:
            one.done_at, one.trouble = at, []
    models.Change.objects.bulk_update([one for one in changes if one.pk in stuck], ["trouble"])
    return stuck


def _check(mine: Sequence[models.Change], seen_at: datetime | None, by: int) -> None:
    """Raise ChangedMeanwhile where another reading put something else in the place of what was
    seen, and NotAllowed where it lies elsewhere.
    """
    if seen_at is not None and any(one.found_at > seen_at for one in mine):
        raise ChangedMeanwhile
    for region in {one.region for one in mine}:
        identity.require(by, Right.KEEP_DIRECTORY, within=region)


def _behind(source: models.Source, one: models.Change) -> int:
    """Return who stands behind a change that was read by itself, of those that take two persons
    wherever else they are made.
    """
    heavy = source.kind == "windows" or one.what == rules.What.CLOSE or one.successor
    return source.changed_by if heavy else 0


def _rows(kind: str, changes: Sequence[models.Change], by: int, at: datetime) -> set[int]:
    """Write the rows of changes; what they refer to may have gone since they were proposed."""
    table = TABLES[kind]
    rows = [
        Row(number, {table.columns[0]: one.code, **(one.after or {})})
        for number, one in enumerate(changes)
    ]
    reach = identity.reach(by, Right.KEEP_DIRECTORY)
    good, errors = read_table(table, rows, places.known(kind, covers=reach.covers))
    for error in errors:
        changes[error.number].trouble = list(error.says)
    # two have agreed: who uploaded a file or started the catalogue, and who approves. New hours of
    # a window need no third
    directory.save_rows(rows=good, by=SYSTEM if kind == "windows" else by, at=at)
    return {changes[error.number].pk for error in errors}


def _closed(kind: str, one: models.Change, by: int, at: datetime) -> set[int]:
    """Close an entry, or open it again."""
    closes = one.what == rules.What.CLOSE
    try:
        there = places.there(kind, [one.code]).get(one.code)
        if there is None:
            raise Refusal(_GONE)
        with transaction.atomic():
            if kind == "windows":
                directory.set_in_use(window_id=there.id, in_use=not closes, by=SYSTEM, at=at)
            else:
                directory.put_closing(
                    kind=kind, key=there.id, closes=closes, successor=one.successor, by=by, at=at
                )
    except Refusal as refusal:
        one.trouble = list(refusal.says)
        return {one.pk}
    return set()


_GONE = Words("该编码已不存在。", "This code is gone.")


def _regions(changes: Sequence[models.Change], at: datetime) -> set[int]:
    """Write regions: all of them or none, for they hang together."""
    if not changes:
        return set()
    codes = [int(one.code) for one in changes]
    since = {one.code: one.valid_from for one in tree.entries((min(codes), max(codes)))}
    rows = [
        {
            "code": one.code,
            "name": str((one.after or one.before or {})["name"]),
            "valid_from": str(since.get(int(one.code), one.effective_on) or ""),
            "valid_to": str(one.effective_on or business_day(at))
            if one.what == rules.What.CLOSE
            else "",
            "successor": one.successor if one.what == rules.What.CLOSE else "",
        }
        for one in changes
    ]
    try:
        with transaction.atomic():
            regions.import_table(rows=sorted(rows, key=lambda row: row["code"]))
    except regions.BadTable as refusal:
        for one in changes:
            one.trouble = list(refusal.says)
        return {one.pk for one in changes}
    return set()
