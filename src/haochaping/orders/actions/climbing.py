"""The sweep: every order whose next rung of the ladder is reached climbs it.

Set-based, so that 100 000 open orders are swept in seconds.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.calendar import queries as calendars
from haochaping.identity import rules as people
from haochaping.kernel import outbox
from haochaping.kernel.db import columns, rows, unnested
from haochaping.orders import events, models, rules
from haochaping.orders.actions import _saving
from haochaping.regions.rules import county_of

_DUE = """
SELECT id FROM orders_order WHERE climb_at <= $1 AND ($3::bigint IS NULL OR id = $3)
  ORDER BY climb_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_COLUMNS = (("id", "bigint"), ("rung", "smallint"), ("climb_at", "timestamptz"))
# Built from constants.
_CLIMB = f"""
UPDATE orders_order SET rung = given.rung, climb_at = given.climb_at FROM {unnested(_COLUMNS)}
 WHERE orders_order.id = given.id
"""  # noqa: S608 - built from constants


@transaction.atomic
def climb(
    *, limit: int = 500, order_id: int | None = None, by: int = people.SYSTEM, at: datetime
) -> int:
    """Let the orders that are due (or one of them) climb one rung each; return how many.

    Safe to repeat and to kill: a rung and its traces are one transaction.
    """
    keys = [row["id"] for row in rows(_DUE, at, limit, order_id)]
    if not keys:
        return 0
    orders = list(models.Order.objects.filter(pk__in=keys))
    climbed = [(order, rules.RUNGS[order.rung]) for order in orders]
    _move_on(orders, at)
    fresh = [
        models.Step(order=order, move=verb, state=order.state, by=by, at=at)
        for order, verb in climbed
    ]
    steps = models.Step.objects.bulk_create(fresh)
    audit.record_many(entries=[_entry(*one) for one in climbed], by=by, at=at)
    _open_tracks(climbed, by, at)
    _saving.tell_offices(climbed, at)
    outbox.publish(events.LadderClimbed([step.pk for step in steps]))
    return len(orders)


def _entry(order: models.Order, verb: str) -> tuple[str, int, str, dict[str, str], int]:
    due = order.due_at.isoformat() if order.due_at else ""
    return "order", order.pk, verb, {"due_at": due}, order.region


def _move_on(orders: Sequence[models.Order], at: datetime) -> None:
    moved = []
    counties = {county_of(order.region) for order in orders}
    known = {county: calendars.current(county) for county in counties}
    for order in orders:
        terms, calendar = _saving.terms_of(order), known[county_of(order.region)]
        next_one = rules.next_rung(order.due_at or at, at, order.rung + 1, terms, calendar)
        moved.append((order.pk, *next_one))
    rows(_CLIMB, *columns(moved, len(_COLUMNS)))


def _open_tracks(climbed: Sequence[tuple[models.Order, str]], by: int, at: datetime) -> None:
    """Open supervision and circulars beside the orders that do not have one yet."""
    made = [
        models.Track(
            order=order,
            kind=side,
            region=order.region,
            department_id=order.department_id,
            by=by,
            at=at,
        )
        for order, verb in climbed
        if (side := rules.MOVES[verb].opens) is not None
    ]
    models.Track.objects.bulk_create(made, ignore_conflicts=True)


def sweep(*, by: int = people.SYSTEM, at: datetime) -> int:
    """Climb until nothing is due any more; return how many rungs.

    Orders that waited long, because nobody swept, climb all theirs in order.
    """
    total = 0
    while climbed := climb(by=by, at=at):
        total += climbed
    return total
