"""What stands beside the work on orders: attachments, successors of departments, new deadlines."""

from dataclasses import replace
from datetime import datetime

import msgspec
from django.db import transaction

from haochaping.attachments import actions as attachments
from haochaping.calendar import queries as calendars
from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.orders import models, queries, rules
from haochaping.orders.actions import _saving
from haochaping.routing.rules import NoDepartment


@transaction.atomic
def attach(*, order_id: int, name: str, data: bytes, by: int, at: datetime) -> int:
    """Attach a file to an open order; return its id. Raises BadFile or NotNow."""
    order = _saving.lock(order_id)
    person = identity.person(by)
    right = next(
        (held for held in (Right.HANDLE, Right.CALL_BACK, Right.DISPATCH) if held in person.rights),
        Right.HANDLE,
    )
    identity.require(by, right, within=order.region, department_id=order.department_id)
    if order.state == rules.State.CLOSED:
        raise rules.NotNow
    return attachments.keep(
        order_id=order.pk, region=order.region, name=name, data=data, by=by, at=at
    )


@transaction.atomic
def succeed(*, department_id: int, successor_id: int, by: int, at: datetime) -> int:
    """Hand the open orders of a department that was dissolved or merged to its successor.

    The clock goes on. Return how many.
    """
    places = directory.department_regions({department_id, successor_id})
    if len(places) < 2:  # noqa: PLR2004 - the two
        raise NoDepartment
    for region in places.values():
        identity.require(by, Right.KEEP_DIRECTORY, within=region)
    found = (
        models.Order.objects.select_for_update(of=("self",))
        .filter(department_id=department_id)
        .exclude(state=rules.State.CLOSED)
        .order_by("pk")
    )
    for order in found:
        after = replace(queries.case_of(order), department_id=successor_id)
        _saving.write(
            order,
            after,
            rules.Verb.SUCCEED,
            {"department": str(successor_id)},
            by=by,
            at=max(at, order.moved_at),
        )
    return len(found)


@transaction.atomic
def redate_all(*, policy_id: int, by: int, at: datetime) -> int:
    """Give open orders the limits of a policy that has just come into force.

    Return how many got a new deadline, each with a step that says so.
    """
    found = queries.redated(policy_id)
    for one in found:
        order = _saving.lock(one.order.pk)
        order.terms = msgspec.to_builtins(one.terms)
        order.save(update_fields=["terms"])
        calendar = calendars.current(order.region)
        after = rules.dated(queries.case_of(order), at, one.terms, calendar)
        _saving.write(order, after, rules.Verb.REDATE, {}, by=by, at=at)
    return len(found)


@transaction.atomic
def redate(*, order_id: int, by: int, at: datetime) -> None:
    """Compute a deadline anew with today's calendar, because a person says so.

    A corrected calendar alone never moves it.
    """
    order = _saving.lock(order_id)
    identity.require(by, Right.KEEP_POLICY, within=order.region)
    if order.state == rules.State.CLOSED:
        raise rules.NotNow
    after = rules.dated(
        queries.case_of(order), at, _saving.terms_of(order), calendars.current(order.region)
    )
    _saving.write(order, after, rules.Verb.REDATE, {}, by=by, at=at)
