"""Opening hours of windows, and whether they are in use: proposed by one person, in force by
another, for both decide which ratings are held.
"""

from dataclasses import replace
from datetime import datetime, time

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import models, queries, rules
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right, SamePerson
from haochaping.kernel.errors import NotFound


def hours_kept(*, row: rules.Row, now: queries.There, by: int, at: datetime) -> rules.Row:
    """Propose new hours of a window, and return its row with those that hold."""
    if not isinstance(row, rules.WindowRow):
        return row
    opens, closes = (time.fromisoformat(now.facts[name]) for name in ("opens", "closes"))
    if (row.opens, row.closes) == (opens, closes):
        return row
    asked = models.HoursChange.objects.filter(window_id=now.id, decided_at=None, in_use=None)
    if asked.filter(opens=row.opens, closes=row.closes).exists():  # imported once more
        return replace(row, opens=opens, closes=closes)
    change = models.HoursChange.objects.create(
        window_id=now.id,
        region=now.region,
        was_opens=opens,
        was_closes=closes,
        opens=row.opens,
        closes=row.closes,
        proposed_by=by,
        proposed_at=at,
    )
    _proposed(change, "propose_hours", by, at)
    return row if by == SYSTEM else replace(row, opens=opens, closes=closes)


def _proposed(change: models.HoursChange, verb: str, by: int, at: datetime) -> None:
    _record(change, verb, by, at)
    if by == SYSTEM:
        decide_hours(change_id=change.pk, approve=True, by=SYSTEM, at=at)


@transaction.atomic
def set_in_use(*, window_id: int, in_use: bool, by: int, at: datetime) -> None:
    """Propose that a window is closed, or opened again: ratings from a closed one wait for a
    person. What waits to be decided already is not proposed again. Raises NotFound or NotAllowed.
    """
    window = models.Window.objects.select_for_update(of=("self",)).select_related("hall")
    found = window.filter(pk=window_id).first()
    if found is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=found.hall.region)
    waiting = models.HoursChange.objects.filter(window=found, in_use=in_use, decided_at=None)
    if found.in_use == in_use or waiting.exists():
        return
    change = models.HoursChange.objects.create(
        window=found,
        region=found.hall.region,
        was_opens=found.opens,
        was_closes=found.closes,
        opens=found.opens,
        closes=found.closes,
        in_use=in_use,
        proposed_by=by,
        proposed_at=at,
    )
    _proposed(change, "propose_open" if in_use else "propose_close", by, at)


@transaction.atomic
def decide_hours(*, change_id: int, approve: bool, by: int, at: datetime) -> None:
    """Put new hours of a window in force, or that it is in use, or drop what was proposed.

    Another person than the proposer must do it. Raises SamePerson, NotFound or NotAllowed.
    """
    change = (
        models.HoursChange.objects.select_for_update()
        .select_related("window")
        .filter(pk=change_id, decided_at=None)
        .first()
    )
    if change is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=change.region)
    if approve and by == change.proposed_by and by != SYSTEM:
        raise SamePerson
    window = change.window
    change.was_opens, change.was_closes = window.opens, window.closes
    if change.in_use is not None:  # the hours are those of this moment, whatever was meanwhile
        change.opens, change.closes = window.opens, window.closes
    change.decided_by, change.decided_at, change.approved = by, at, approve
    change.save(update_fields=_DECIDED)
    if approve:
        window.opens, window.closes = change.opens, change.closes
        window.in_use = window.in_use if change.in_use is None else change.in_use
        window.save(update_fields=["opens", "closes", "in_use"])
    done = {None: "change_hours", True: "open", False: "close"}[change.in_use]
    _record(change, done if approve else "reject_hours", by, at)


_DECIDED = ("was_opens", "was_closes", "opens", "closes", "decided_by", "decided_at", "approved")


def _record(change: models.HoursChange, verb: str, by: int, at: datetime) -> None:
    hours = {
        "before": f"{change.was_opens:%H:%M}-{change.was_closes:%H:%M}",
        "after": f"{change.opens:%H:%M}-{change.closes:%H:%M}",
    }
    audit.record(
        subject="window",
        subject_id=change.window_id,
        verb=verb,
        details=hours if change.in_use is None else {"code": change.window.code},
        region=change.region,
        by=by,
        at=at,
    )
