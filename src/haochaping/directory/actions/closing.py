"""Closing departments, halls, items and staff, and opening them again: proposed by one person, in
force by another.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from haochaping.audit import actions as audit
from haochaping.directory import events, models, queries, rules
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right, SamePerson
from haochaping.kernel import outbox
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.regions.rules import city_range


@transaction.atomic
def propose_closing(
    *, kind: str, key: int, closes: bool, successor: str = "", by: int, at: datetime
) -> None:
    """Propose that an entry is closed, or opened again. A department may be succeeded by another of
    its city, named by its credit code. What waits to be decided already is not proposed again.
    Raises NoSuccessor, NotFound or NotAllowed.
    """
    entry, region = _entry(kind, key)
    identity.require(by, Right.KEEP_DIRECTORY, within=region)
    follows = _successor(entry, successor, by) if kind == "departments" and successor else None
    waits = models.Closing.objects.filter(kind=kind, entry_id=key, decided_at=None)
    if (entry.closed_on is not None) == closes or waits.exists():
        return
    made = models.Closing.objects.create(
        kind=kind,
        entry_id=key,
        region=region,
        closes=closes,
        successor=follows,
        proposed_by=by,
        proposed_at=at,
    )
    _record(made, "propose_reopen" if not closes else "propose_closing", by, at)


def _entry(kind: str, key: int) -> tuple[Any, int]:
    """Return an entry, locked, and its region."""
    if kind not in rules.CLOSED:
        raise NotFound
    model, _, region = queries.OWNED[kind]
    rows: QuerySet[Any] = QuerySet(model).select_for_update(of=("self",)).filter(pk=key)
    found = rows.first()
    if found is None:
        raise NotFound
    where: int = QuerySet(model).filter(pk=key).values_list(region, flat=True)[0]
    return found, where


def _successor(gone: Model, uscc: str, by: int) -> models.Department:
    """Return the department that takes over, of the same city and within one's own place."""
    assert isinstance(gone, models.Department)  # noqa: S101 - for the type
    near = queries.still_open(queries.departments(city_range(gone.region)))
    found = near.filter(uscc=uscc).exclude(pk=gone.pk).first()
    if found is None:
        raise rules.NoSuccessor
    identity.require(by, Right.KEEP_DIRECTORY, within=found.region)
    return found


@transaction.atomic
def decide_closing(*, closing_id: int, approve: bool, by: int, at: datetime) -> None:
    """Close an entry or open it again as somebody else proposed, or drop the proposal. A
    department's windows, items, staff and open orders go to its successor.

    Raises SamePerson, NoSuccessor, NotFound or NotAllowed.
    """
    waiting = models.Closing.objects.select_for_update(of=("self",)).filter(decided_at=None)
    closing = waiting.filter(pk=closing_id).first()
    if closing is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=closing.region)
    if approve and by == closing.proposed_by and by != SYSTEM:
        raise SamePerson
    if approve:
        _put(closing, by, at)
    closing.decided_by, closing.decided_at, closing.approved = by, at, approve
    closing.save(update_fields=["decided_by", "decided_at", "approved"])
    done = "close_entry" if closing.closes else "reopen_entry"
    _record(closing, done if approve else "reject_closing", by, at)


@transaction.atomic
def put_closing(
    *, kind: str, key: int, closes: bool, successor: str, by: int, at: datetime
) -> None:
    """Close an entry, or open it again, as an upstream catalogue says and a person has approved.
    What waited to be decided about it is overtaken. Raises NoSuccessor, NotFound or NotAllowed.
    """
    models.Closing.objects.filter(kind=kind, entry_id=key, decided_at=None).delete()
    propose_closing(kind=kind, key=key, closes=closes, successor=successor, by=SYSTEM, at=at)
    for made in models.Closing.objects.filter(kind=kind, entry_id=key, decided_at=None):
        decide_closing(closing_id=made.pk, approve=True, by=by, at=at)


def _put(closing: models.Closing, by: int, at: datetime) -> None:
    entry, _ = _entry(closing.kind, closing.entry_id)
    entry.closed_on = business_day(at) if closing.closes else None
    changed = ["closed_on"]
    if closing.kind == "departments":
        follows = closing.successor
        # it may have been closed since this was proposed
        entry.successor = _successor(entry, follows.uscc, by) if follows else None
        changed.append("successor")
    entry.save(update_fields=changed)
    if closing.successor is not None:
        _hand_over(entry, closing.successor, by, at)


def _hand_over(gone: models.Department, to: models.Department, by: int, at: datetime) -> None:
    models.Department.objects.filter(successor=gone).update(successor=to)
    for of in (models.Window, models.Staff, models.Item):
        of._default_manager.filter(department=gone).update(department=to)  # noqa: SLF001
    outbox.ask(events.DepartmentSucceeded(gone.pk, to.pk, gone.uscc, to.uscc, by, at))


def _record(closing: models.Closing, verb: str, by: int, at: datetime) -> None:
    details: dict[str, object] = {"kind": closing.kind}
    if closing.successor is not None:
        details["successor"] = closing.successor.uscc
    entry = ("directory", closing.entry_id, verb, details, closing.region)
    audit.record_many(entries=[entry], by=by, at=at)
