"""One way to load, move and write an order.

Lock, rules, row, tracks, step, audit, notices, event, in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from haochaping.audit import actions as audit
from haochaping.calendar import queries as calendars
from haochaping.calendar.rules import WorkingCalendar
from haochaping.directory import queries as directory
from haochaping.evaluations import actions as rated
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.kernel import outbox
from haochaping.kernel.errors import NotFound
from haochaping.notifications import actions as notifications
from haochaping.notifications.rules import Telling
from haochaping.orders import events, models, queries, rules
from haochaping.policies.rules import Terms


def lock(order_id: int) -> models.Order:
    """Return an order, locked; raises NotFound."""
    order = models.Order.objects.select_for_update(of=("self",)).filter(pk=order_id).first()
    if order is None:
        raise NotFound
    return order


def terms_of(order: models.Order) -> Terms:
    """Return the policy's terms that hold for an order."""
    return Terms(**order.terms)


def calendar_of(order: models.Order) -> WorkingCalendar:
    """Return the working calendar of an order's place."""
    return calendars.current(order.region)


def record(
    order: models.Order, verb: str, details: Mapping[str, object], *, by: int, at: datetime
) -> None:
    """Write down in the audit trail what was done to an order."""
    audit.record(
        subject="order",
        subject_id=order.pk,
        verb=verb,
        details=details,
        region=order.region,
        by=by,
        at=at,
    )


def write(
    order: models.Order,
    case: rules.Case,
    verb: str,
    given: Mapping[str, str],
    *,
    by: int,
    at: datetime,
    undoable: bool = False,
) -> None:
    """Write a case back over the order it came from: row, tracks, step, audit, notices, event."""
    before = rules.State(order.state)
    earlier = _write_row(order, case, verb, at)
    if case.state is rules.State.CLOSED:
        # who followed a lead that ended without a reply is worked on by itself
        models.Order.objects.filter(lead=order).update(lead=None)
    if "set_aside" in earlier:
        rated.set_aside(evaluation_ids=[order.evaluation_id], ground="objection", at=at)
    _write_tracks(order, case, verb, given, by, at)
    kept = {name: _plain(value) for name, value in earlier.items()} if undoable else {}
    step = models.Step.objects.create(
        order=order, move=verb, state=case.state, given=dict(given), before=kept, by=by, at=at
    )
    details = {"before": before, "after": case.state, "given": sorted(given)}
    record(order, verb, details, by=by, at=at)
    tell_offices([(order, verb)], at)
    if said := rules.ROWS[verb].citizen:
        rated.tell_citizen(evaluation_id=order.evaluation_id, region=order.region, says=said, at=at)
    outbox.publish(events.OrderMoved(order.pk, step.pk, verb, case.state))
    feed.announce(kind=Kind.ORDER, refs=[order.pk])


def _write_row(order: models.Order, case: rules.Case, verb: str, at: datetime) -> dict[str, object]:
    """Write the columns that a case changes; return them as they were."""
    earlier = {
        name: was for name in rules.COLUMNS if (was := getattr(order, name)) != getattr(case, name)
    }
    for name in earlier:
        setattr(order, name, getattr(case, name))
    changed = list(earlier)
    if verb == rules.Verb.CLOSE and order.terms["second_opinion"]:
        order.ask_again_at = at + timedelta(days=order.terms["second_opinion"])
        changed.append("ask_again_at")
    if changed:
        order.save(update_fields=changed)
    return earlier


def _write_tracks(
    order: models.Order,
    case: rules.Case,
    verb: str,
    given: Mapping[str, str],
    by: int,
    at: datetime,
) -> None:
    for track in order.open_tracks:
        if track.kind not in case.sides:
            track.ended_by, track.ended_at, track.ended_as = by, at, verb
            track.save(update_fields=["ended_by", "ended_at", "ended_as"])
        elif (
            track.kind == rules.Side.OBJECTION
            and case.opinion is not None
            and track.first_by is None
        ):
            track.first_by, track.first_upheld = case.opinion
            track.save(update_fields=["first_by", "first_upheld"])
    there = {track.kind for track in order.open_tracks}
    models.Track.objects.bulk_create(
        models.Track(
            order=order,
            kind=side,
            region=order.region,
            department_id=order.department_id,
            given=dict(given),
            by=by,
            at=at,
        )
        for side in case.sides
        if side not in there
    )


def tell_offices(steps: Sequence[tuple[models.Order, str]], at: datetime) -> None:
    """Tell whoever must act after each step, and those above when it is a matter for them."""
    told = [(order, verb, topic) for order, verb in steps if (topic := rules.ROWS[verb].tells)]
    if not told:
        return
    departments = {order.department_id for order, _, _ in told}
    regions = directory.department_regions(departments)
    units = directory.department_names(departments)
    items = directory.item_names({order.item_id for order, _, _ in told})
    tellings = [
        Telling(
            office,
            right,
            department_id,
            topic,
            order.pk,
            order.number,
            about=items.get(order.item_id, ""),
            unit=units.get(order.department_id, ""),
            due_at=order.due_at,
        )
        for order, verb, topic in told
        for office, right, department_id in queries.told(
            order, verb, regions.get(order.department_id, queries.desk_of(order))
        )
    ]
    notifications.tell(tellings=tellings, at=at)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def restored(case: rules.Case, before: Mapping[str, object]) -> rules.Case:
    """Return a case with the columns that a step has changed as they were."""
    moments = {"due_at", "moved_at", "dispatched_at", "replied_at", "closed_at", "climb_at"}
    moments |= {"answer_due_at", "call_due_at"}
    old = {
        name: datetime.fromisoformat(str(value)) if name in moments and value is not None else value
        for name, value in before.items()
    }
    if "state" in old:
        old["state"] = rules.State(str(old["state"]))
    return replace(case, **old)  # type: ignore[arg-type]
