"""Orders as the rules see them, and what a policy would change."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from haochaping.calendar import queries as calendars
from haochaping.calendar.rules import WorkingCalendar, remaining
from haochaping.kernel.errors import NotFound
from haochaping.orders import models, rules
from haochaping.policies import queries as policies
from haochaping.policies.events import Affected
from haochaping.policies.rules import Terms
from haochaping.regions.rules import county_of, scope


def case_of(order: models.Order) -> rules.Case:
    """Return an order as the rules see it."""
    tracks = order.open_tracks
    columns = {name: getattr(order, name) for name in rules.COLUMNS}
    columns["state"] = rules.State(order.state)
    objection = next((track for track in tracks if track.kind == rules.Side.OBJECTION), None)
    extension = next((track for track in tracks if track.kind == rules.Side.EXTENSION), None)
    opinion = (
        (objection.first_by, bool(objection.first_upheld))
        if objection and objection.first_by is not None
        else None
    )
    sides = frozenset(rules.Side(track.kind) for track in tracks)
    return rules.Case(
        **columns,
        sides=sides,
        opinion=opinion,
        asked_days=int(extension.given.get("days", 0)) if extension else 0,
    )


@dataclass(frozen=True)
class Redated:
    """An open order whose deadline a policy would move."""

    order: models.Order
    terms: Terms
    due_at: datetime | None


def would_change(policy_id: int, at: datetime) -> list[Affected]:
    """Return the open orders whose deadline a policy would move, as its preview shows them."""
    found = []
    for one in redated(policy_id):
        pressing, words = remaining(one.due_at, at)
        found.append(
            Affected(
                reverse("orders:one", args=[one.order.pk]),
                one.order.number,
                rules.STATES[rules.State(one.order.state)],
                one.order.due_at,
                one.due_at,
                pressing,
                words,
            )
        )
    return found


def redated(policy_id: int) -> list[Redated]:
    """Return the open orders within a policy's region that would get another deadline by it.

    The most pressing first.
    """
    policy = policies.one(policy_id)
    if policy is None:
        raise NotFound
    low, high = scope(policy.region)
    found = []
    known: dict[int, Terms] = {}
    working: dict[int, WorkingCalendar] = {}
    for order in (
        models.Order.objects.filter(region__range=(low, high))
        .exclude(state=rules.State.CLOSED)
        .order_by("due_at")
    ):
        if order.region not in known:
            known[order.region] = policies.with_proposal(policy, order.region)
        terms = known[order.region]
        county = county_of(order.region)
        if county not in working:
            working[county] = calendars.current(order.region)
        order.open_tracks = []  # a deadline does not depend on them
        due = rules.due_at(case_of(order), terms, working[county])
        if due != order.due_at or terms != Terms(**order.terms):
            found.append(Redated(order, terms, due))
    return found
