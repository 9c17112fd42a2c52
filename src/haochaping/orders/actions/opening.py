"""Opening orders for bad ratings, and following what their citizens do later."""

from dataclasses import replace
from datetime import datetime

import msgspec
from django.db import transaction

from haochaping.calendar import queries as calendars
from haochaping.directory import queries as directory
from haochaping.evaluations import actions as rated
from haochaping.evaluations import queries as evaluations
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.identity import rules as people
from haochaping.indicators.rules import BAD
from haochaping.kernel import outbox
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.orders import events, models, queries, rules
from haochaping.orders.actions import _saving, moving
from haochaping.policies import queries as policies
from haochaping.routing import queries as routing

_NEXT_NUMBER = """
INSERT INTO orders_counter (day, n) VALUES ($1::date, 1) ON CONFLICT (day)
  DO UPDATE SET n = orders_counter.n + 1 RETURNING n
"""


@transaction.atomic
def open_for(*, evaluation_id: int, by: int = people.SYSTEM, at: datetime) -> int:
    """Open the order for a bad rating, or return the one that is open already.

    The same rating never has two. Dispatch it where a rule says.
    """
    known = queries.of_rating(evaluation_id)
    if known is not None:
        return known.pk
    rating = evaluations.rated({evaluation_id}).get(evaluation_id)
    if rating is None:
        raise NotFound
    order, made = _open(rating, at)
    if made:
        verb = rules.Verb.OPEN
        step = models.Step.objects.create(order=order, move=verb, state=order.state, by=by, at=at)
        _saving.record(order, verb, {"number": order.number}, by=by, at=at)
        outbox.publish(events.OrderMoved(order.pk, step.pk, verb, order.state))
        feed.announce(kind=Kind.ORDER, refs=[order.pk])
        department = _department_for(order)
        if department is not None:
            given = {"department": str(department)}
            verb = rules.Verb.DISPATCH
            moving.advance(order_id=order.pk, move=verb, given=given, by=people.SYSTEM, at=at)
    return order.pk


def heal_missing(*, at: datetime) -> int:
    """Open the orders that bad ratings should have and have not; return how many.

    Whatever went wrong between the rating and its order, nothing bad stays without one.
    """
    keys = queries.missing(at)
    for key in keys:
        open_for(evaluation_id=key, at=at)
    return len(keys)


def _open(rating: evaluations.Rated, at: datetime) -> tuple[models.Order, bool]:
    """Return the order of a rating, and whether it was made now."""
    terms, day = policies.terms(rating.region, at), business_day(at)
    holder = directory.now(rating.department_id)
    case = rules.opened(holder, at, terms, calendars.current(rating.region))
    return models.Order.objects.get_or_create(
        evaluation_id=rating.id,
        defaults={
            "number": f"CP{day:%Y%m%d}-{rows(_NEXT_NUMBER, day)[0]['n']:04d}",
            "level": _level(rating.id, rating.level),
            "region": rating.region,
            "city": rating.city,
            "item_id": rating.item_id,
            "window_id": rating.window_id,
            "rated_department_id": rating.department_id,
            "terms": msgspec.to_builtins(terms),
            "opened_at": at,
            **{name: getattr(case, name) for name in rules.COLUMNS},
        },
    )


def _level(evaluation_id: int, first: int) -> int:
    """Return the level that counts: the citizen's last word."""
    replaced = evaluations.replacement(evaluation_id)
    return replaced.level if replaced is not None else first


def _department_for(order: models.Order) -> int | None:
    """Return the department to which an order goes at once; None: somebody decides."""
    ruled = routing.department_for(
        region=order.region, rated_department_id=order.rated_department_id, item_id=order.item_id
    )
    auto = _saving.terms_of(order).auto_dispatch
    if ruled is not None:
        return directory.now(ruled)
    return order.department_id if auto else None


@transaction.atomic
def take_follow_up(*, evaluation_id: int, by: int = people.SYSTEM, at: datetime) -> int:
    """Put a bad follow-up 追评 right.

    Open the order of a rating that had none, open a closed one again, tell the holder of an open
    one.
    """
    known = queries.of_rating(evaluation_id)
    if known is None:
        return open_for(evaluation_id=evaluation_id, by=by, at=at)
    order = _saving.lock(known.pk)
    taken = models.Step.objects.filter(
        order=order, move__in=(rules.Verb.REVIVE, rules.Verb.FOLLOW_UP)
    )
    if any(step.given.get("follow_up") == "1" for step in taken):
        return order.pk  # a rating has one follow-up
    revive(order_id=order.pk, why=rules.Verb.FOLLOW_UP, given={"follow_up": "1"}, by=by, at=at)
    return order.pk


@transaction.atomic
def take_replacement(
    *, evaluation_id: int, before: int, level: int, by: int = people.SYSTEM, at: datetime
) -> None:
    """Follow a citizen who replaced a rating: a bad one opens an order, a good one ends it.

    Once a department has had the order it might have pressed the citizen, by a contact that it
    noted or not: the change is flagged, and the order goes on to its call-back, which asks (trust
    design D16).
    """
    known = queries.of_rating(evaluation_id)
    if known is None:
        if level in BAD:
            open_for(evaluation_id=evaluation_id, by=by, at=at)
        return
    order = _saving.lock(known.pk)
    if order.state == rules.State.CLOSED or level in BAD or before not in BAD:
        return
    at = max(at, order.moved_at)
    case = queries.case_of(order)
    if order.dispatched_at is not None or queries.times(order.pk, rules.Verb.DISPATCH):
        _saving.write(order, case, rules.Verb.FLAG, {}, by=by, at=at)
    else:
        _saving.write(order, rules.withdrawn(case, at), rules.Verb.WITHDRAW, {}, by=by, at=at)


@transaction.atomic
def ask_second_opinion(*, limit: int = 200, at: datetime) -> int:
    """Ask citizens whose orders were closed some weeks ago whether it is still put right.

    Return how many. Each is asked once.
    """
    due = (
        models.Order.objects.select_for_update(skip_locked=True)
        .filter(ask_again_at__lte=at)
        .order_by("ask_again_at")[:limit]
    )
    for order in due:
        order.ask_again_at = None
        order.save(update_fields=["ask_again_at"])
        key, region = order.evaluation_id, order.region
        rated.tell_citizen(evaluation_id=key, region=region, says="", template="again", at=at)
    return len(due)


@transaction.atomic
def revive(
    *, order_id: int, why: rules.Verb, given: dict[str, str], by: int, at: datetime
) -> rules.State:
    """Open a closed order again with a new clock, because the citizen is not satisfied after all.

    Of an open one only note what the citizen said.
    """
    order = _saving.lock(order_id)
    at = max(at, order.moved_at)
    case = queries.case_of(order)
    if order.state == rules.State.CLOSED:
        terms, why = policies.terms(order.region, at), rules.Verb.REVIVE
        order.terms = msgspec.to_builtins(terms)
        order.ask_again_at = None
        order.save(update_fields=["terms", "ask_again_at"])
        case = rules.revived(case, at, terms, _saving.calendar_of(order))
    _saving.write(order, case, why, given, by=by, at=at)
    return case.state


@transaction.atomic
def question(*, order_id: int, words: str, by: int, at: datetime) -> None:
    """Put what the citizen asks before whoever works on the order; the reply answers it."""
    order = _saving.lock(order_id)
    if order.state == rules.State.CLOSED:
        raise rules.NotNow
    case = queries.case_of(order)
    after = replace(case, sides=case.sides | {rules.Side.QUESTION})
    verb, at = rules.Verb.ASK_AGAIN, max(at, order.moved_at)
    _saving.write(order, after, verb, {"note": words}, by=by, at=at)
