"""Opening orders and moving them on. Reads like minutes: load and lock, require, decide, write, record, announce."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity import queries as identity
from haochaping.identity import rules as people
from haochaping.kernel import calendars, outbox
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.orders import events, models, rules
from haochaping.records import queries as records
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

_NEXT_NUMBER = """
INSERT INTO orders_counter (day, n) VALUES ($1::date, 1) ON CONFLICT (day) DO UPDATE SET n = orders_counter.n + 1 RETURNING n
"""


class NoDepartment(Refusal):
    """The department to dispatch to does not exist here."""

    code = "no_department"
    says = Words("责任单位不存在或不在本地区，请重新选择。", "The department does not exist or lies elsewhere; choose again.")


@transaction.atomic
def open_for(*, evaluation_id: int, by: int = people.SYSTEM, at: datetime) -> int:
    """Open the order for a bad rating, or return the one that is open already: the same rating never has two."""
    known = models.Order.objects.filter(evaluation_id=evaluation_id).values_list("pk", flat=True).first()
    if known is not None:
        return known
    rating = evaluations.rated({evaluation_id}).get(evaluation_id)
    if rating is None:
        raise NotFound
    policy, calendar, day = _policy(rating.region, at), calendars.current(), business_day(at)
    number = f"CP{day:%Y%m%d}-{rows(_NEXT_NUMBER, day)[0]['n']:04d}"
    order, made = models.Order.objects.get_or_create(
        evaluation_id=evaluation_id,
        defaults={
            "number": number,
            "level": rating.level,
            "region": rating.region,
            "city": rating.city,
            "item_id": rating.item_id,
            "department_id": rating.department_id,
            "state": rules.State.OPENED,
            "due_at": rules.due_at(rules.State.OPENED, at, None, _limits(policy), calendar),
            "calendar_version": calendar.version,
            "policy": policy,
            "opened_at": at,
            "moved_at": at,
        },
    )
    if made:
        models.Step.objects.create(order=order, move="open", state=order.state, by=by, at=at)
        audit.record(subject="order", subject_id=order.pk, verb="open", details={"number": order.number}, region=order.region, by=by, at=at)
        outbox.publish(events.OrderMoved(order.pk, "open", order.state))
    return order.pk


@transaction.atomic
def take_follow_up(*, evaluation_id: int, by: int = people.SYSTEM, at: datetime) -> int:
    """Put a bad follow-up 追评 right: open the order of a rating that had none, open a closed one again, tell the holder of an open one."""
    order = models.Order.objects.select_for_update().select_related("policy").filter(evaluation_id=evaluation_id).first()
    if order is None:
        return open_for(evaluation_id=evaluation_id, by=by, at=at)
    if models.Step.objects.filter(order=order, move__in=("revive", "follow_up")).exists():
        return order.pk  # a rating has one follow-up
    move = "revive" if order.state == rules.State.CLOSED else "follow_up"
    if move == "revive":  # a new clock, as after an unsatisfied call-back
        calendar, at = calendars.current(), max(at, order.moved_at)
        order.state, order.moved_at, order.dispatched_at, order.urged_at = rules.State.RECTIFYING, at, at, None
        order.due_at = rules.due_at(rules.State.RECTIFYING, at, at, _limits(order.policy), calendar)
        order.calendar_version, order.closed_at, order.satisfaction, order.reopened = calendar.version, None, None, order.reopened + 1
        fields = ["state", "moved_at", "dispatched_at", "urged_at", "due_at", "calendar_version", "closed_at", "satisfaction", "reopened"]
        order.save(update_fields=fields)
    models.Step.objects.create(order=order, move=move, state=order.state, by=by, at=at)
    audit.record(subject="order", subject_id=order.pk, verb=move, details={}, region=order.region, by=by, at=at)
    outbox.publish(events.OrderMoved(order.pk, move, order.state))
    return order.pk


@transaction.atomic
def reveal_phone(*, order_id: int, reason: str, by: int, at: datetime) -> str:
    """Return the number to call the citizen back on, to who may call now; the reason is written down. Raises NotAllowed, NotNow or Incomplete."""
    order = models.Order.objects.filter(pk=order_id).first()
    if order is None:
        raise NotFound
    identity.require(by, people.Right.CALL_BACK, within=order.region)
    if order.state not in (rules.State.REPLIED, rules.State.CALLED):
        raise rules.NotNow
    if not reason.strip():
        raise rules.Incomplete(Words("请填写查看理由。", "Say why you need the number."), field="reason")
    phone = evaluations.phone_of(order.evaluation_id) or records.phones_of({order.evaluation_id}).get(order.evaluation_id, "")
    details = {"reason": reason.strip()[:200], "found": bool(phone)}
    audit.record(subject="order", subject_id=order.pk, verb="reveal_phone", details=details, region=order.region, by=by, at=at)
    return phone


@transaction.atomic
def advance(*, order_id: int, move: str, given: Mapping[str, str], by: int, at: datetime) -> rules.State:
    """Make one move of rules.MOVES, or raise why not. Of two people at once one wins; the other is told that the order has moved on."""
    order = models.Order.objects.select_for_update().select_related("policy").filter(pk=order_id).first()
    if order is None:
        raise NotFound
    if move not in rules.MOVES:
        raise rules.NotNow
    identity.require(by, rules.MOVES[move].right, within=order.region, department_id=order.department_id)
    at = max(at, order.moved_at)  # a clock that was set back never puts a step before the one it follows
    before = rules.State(order.state)
    kept: dict[str, str] = {fact: given[fact].strip() for fact in rules.MOVES[move].needs if fact in given}
    after = rules.advance(before, move, kept, order.satisfaction)
    _note_facts(order, move, kept, at)
    calendar = calendars.current()
    order.state, order.moved_at, order.urged_at = after, at, None
    order.due_at = rules.due_at(after, at, order.dispatched_at, _limits(order.policy), calendar)
    order.calendar_version = calendar.version
    fields = ["state", "moved_at", "urged_at", "due_at", "calendar_version", "department_id", "dispatched_at", "replied_at", "closed_at"]
    order.save(update_fields=[*fields, "upheld", "satisfaction", "reopened", "declined"])
    models.Step.objects.create(order=order, move=move, state=after, given=kept, by=by, at=at)
    details = {"before": before, "after": after, "given": sorted(kept)}
    audit.record(subject="order", subject_id=order.pk, verb=move, details=details, region=order.region, by=by, at=at)
    outbox.publish(events.OrderMoved(order.pk, move, after))
    return after


def _note_facts(order: models.Order, move: str, given: Mapping[str, str], at: datetime) -> None:
    match move:
        case "dispatch":
            order.department_id, order.dispatched_at = _department(order, given[rules.Fact.DEPARTMENT]), at
        case "decline":
            order.declined += 1
            order.dispatched_at = None
        case "uphold" | "dismiss":
            order.upheld = move == "uphold"
        case "reply":
            order.replied_at = at
        case "call_back":
            order.satisfaction = given[rules.Fact.SATISFACTION]
        case "reopen":
            order.reopened += 1
            order.dispatched_at, order.satisfaction = at, None  # a new clock
        case "close":
            order.closed_at = at


def _department(order: models.Order, chosen: str) -> int:
    """Return a department of the order's own city or county, or of the province."""
    low = order.city * 10**6
    allowed = directory.departments((low, low + 10**8 - 1)).filter(pk=int(chosen)) if chosen.isdecimal() else None
    if allowed is None or not allowed.exists():
        raise NoDepartment
    return int(chosen)


def _policy(region: int, at: datetime) -> models.Policy:
    above = {region // 10**zeros * 10**zeros for zeros in (0, 3, 6, 8, 10)}
    found = models.Policy.objects.filter(Q(region__in=above), valid_from__lte=business_day(at)).order_by("-region", "-valid_from").first()
    return found or models.Policy.objects.order_by("valid_from")[:1].get()


def _limits(policy: models.Policy) -> rules.Limits:
    return rules.Limits(policy.contact, policy.ordinary, policy.complex, policy.call_back)


@transaction.atomic
def urge(*, order_id: int, by: int = people.SYSTEM, at: datetime) -> bool:
    """Urge the holder of an overdue order 催办, once per deadline; say whether it was still needed. The sweep only narrows."""
    order = models.Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None or order.due_at is None or order.due_at > at or order.urged_at is not None:
        return False
    order.urged_at = at
    order.save(update_fields=["urged_at"])
    models.Step.objects.create(order=order, move="urge", state=order.state, by=by, at=at)
    audit.record(subject="order", subject_id=order.pk, verb="urge", details={"due_at": order.due_at.isoformat()}, region=order.region, by=by, at=at)
    return True


def sweep(*, limit: int = 500, by: int = people.SYSTEM, at: datetime) -> int:
    """Urge every order whose deadline has passed; return how many. Safe to repeat and to kill."""
    overdue = list(models.Order.objects.filter(due_at__lte=at, urged_at=None).order_by("due_at").values_list("pk", flat=True)[:limit])
    return sum(urge(order_id=pk, by=by, at=at) for pk in overdue)


def adopt_default_policy(*, by: int = people.SYSTEM, at: datetime) -> int:  # noqa: ARG001 - every action says who and when
    """Make the default policy 1/5/15 where there is none; return its id. Jiangsu's own numbers are not known to us, and it says so."""
    found = models.Policy.objects.order_by("valid_from").first()
    if found is not None:
        return found.pk
    return models.Policy.objects.create(
        region=PROVINCE_OF_THE_PLATFORM,
        valid_from=date(2019, 10, 1),
        contact=1,
        ordinary=5,
        complex=15,
        call_back=3,
        source="默认 1/5/15（参照上海；江苏省规定待补充）",
    ).pk
