"""Opening orders: for a bad rating, for a bad follow-up, and what the citizen says later."""

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import Q

from haochaping.audit import actions as audit
from haochaping.calendar import queries as calendars
from haochaping.evaluations import queries as evaluations
from haochaping.identity import rules as people
from haochaping.indicators.rules import BAD
from haochaping.kernel import outbox
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.orders import events, models, queries, rules
from haochaping.orders.actions import _saving, moving
from haochaping.policies import queries as policies
from haochaping.policies.rules import Terms
from haochaping.regions.rules import above

_PRESSED_WITHIN = timedelta(hours=48)
_NEXT_NUMBER = """
INSERT INTO orders_counter (day, n) VALUES ($1::date, 1) ON CONFLICT (day)
  DO UPDATE SET n = orders_counter.n + 1 RETURNING n
"""


@transaction.atomic
def open_for(*, evaluation_id: int, by: int = people.SYSTEM, at: datetime) -> int:
    """Open the order for a bad rating, or return the one that is open already.

    The same rating never has two. Dispatch it where a rule says.
    """
    known = (
        models.Order.objects.filter(evaluation_id=evaluation_id)
        .values_list("pk", flat=True)
        .first()
    )
    if known is not None:
        return known
    rating = evaluations.rated({evaluation_id}).get(evaluation_id)
    if rating is None:
        raise NotFound
    terms, calendar, day = (
        policies.terms(rating.region, at),
        calendars.current(rating.region),
        business_day(at),
    )
    case = rules.opened(rating.department_id, at, terms, calendar)
    order, made = models.Order.objects.get_or_create(
        evaluation_id=evaluation_id,
        defaults={
            "number": f"CP{day:%Y%m%d}-{rows(_NEXT_NUMBER, day)[0]['n']:04d}",
            "level": _level(evaluation_id, rating.level),
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
    if made:
        step = models.Step.objects.create(
            order=order, move=rules.Verb.OPEN, state=order.state, by=by, at=at
        )
        audit.record(
            subject="order",
            subject_id=order.pk,
            verb=rules.Verb.OPEN,
            details={"number": order.number},
            region=order.region,
            by=by,
            at=at,
        )
        outbox.publish(events.OrderMoved(order.pk, step.pk, rules.Verb.OPEN, order.state))
        department = _rule_for(order, terms)
        if department is not None:
            moving.advance(
                order_id=order.pk,
                move=rules.Verb.DISPATCH,
                given={"department": str(department)},
                by=people.SYSTEM,
                at=at,
            )
    return order.pk


def _level(evaluation_id: int, first: int) -> int:
    """Return the level that counts: the citizen's last word."""
    replaced = evaluations.replacement(evaluation_id)
    return replaced.level if replaced is not None else first


def _rule_for(order: models.Order, terms: Terms) -> int | None:
    """Return the department to which a rule dispatches an order: the rule that says most wins.

    None: somebody decides.
    """
    fits = Q(rated_department_id__in=[order.rated_department_id]) | Q(rated_department_id=None)
    fits &= Q(item_id=order.item_id) | Q(item_id=None)
    found = models.Rule.objects.filter(fits, region__in=above(order.region), retired_at=None)
    best = max(
        found,
        key=lambda rule: (
            rule.item_id is not None,
            rule.rated_department_id is not None,
            rule.region,
            rule.pk,
        ),
        default=None,
    )
    if best is not None:
        return best.department_id
    return order.rated_department_id if terms.auto_dispatch else None


@transaction.atomic
def take_follow_up(*, evaluation_id: int, by: int = people.SYSTEM, at: datetime) -> int:
    """Put a bad follow-up 追评 right.

    Open the order of a rating that had none, open a closed one again, tell the holder of an open
    one.
    """
    order_id = (
        models.Order.objects.filter(evaluation_id=evaluation_id)
        .values_list("pk", flat=True)
        .first()
    )
    if order_id is None:
        return open_for(evaluation_id=evaluation_id, by=by, at=at)
    order = _saving.lock(order_id)
    if models.Step.objects.filter(
        order=order, move__in=(rules.Verb.REVIVE, rules.Verb.FOLLOW_UP), given__follow_up="1"
    ).exists():
        return order.pk  # a rating has one follow-up
    _revive(order, rules.Verb.FOLLOW_UP, {"follow_up": "1"}, by, max(at, order.moved_at))
    return order.pk


@transaction.atomic
def take_replacement(
    *, evaluation_id: int, before: int, level: int, by: int = people.SYSTEM, at: datetime
) -> None:
    """Follow a citizen who replaced a rating: a bad one opens an order, a good one ends it.

    One that was changed to good within two days of contact is flagged instead, and the order goes
    on to its call-back (trust design D16).
    """
    order_id = (
        models.Order.objects.filter(evaluation_id=evaluation_id)
        .values_list("pk", flat=True)
        .first()
    )
    if order_id is None:
        if level in BAD:
            open_for(evaluation_id=evaluation_id, by=by, at=at)
        return
    order = _saving.lock(order_id)
    if order.state == rules.State.CLOSED or level in BAD or before not in BAD:
        return
    at = max(at, order.moved_at)
    tracks = queries.open_tracks(order.pk)
    case = queries.case_of(order, tracks)
    if models.Step.objects.filter(
        order=order, move=rules.Verb.CONTACT, at__gt=at - _PRESSED_WITHIN
    ).exists():
        _saving.write(order, case, tracks, rules.Verb.FLAG, {}, by=by, at=at)
    else:
        _saving.write(
            order, rules.withdrawn(case, at), tracks, rules.Verb.WITHDRAW, {}, by=by, at=at
        )


@transaction.atomic
def judge(
    *, evaluation_id: int, satisfied: bool, words: str = "", by: int = people.SYSTEM, at: datetime
) -> rules.State:
    """Take the citizen's own word on the handling, from the progress page: satisfied closes the
    order, not satisfied opens it again.

    Raises NotNow where nothing is answered yet, TooLate after the policy's days, Incomplete where
    what is wrong was not said.
    """
    order = _answered(evaluation_id, at)
    if not satisfied and not words.strip():
        raise rules.Incomplete(
            Words(
                "请写几句还有什么没解决，我们会重新办理。",
                "Say what is still wrong, so that it can be put right.",
            ),
            field="words",
        )
    given = {
        "satisfaction": "satisfied" if satisfied else "unsatisfied",
        **({"note": words.strip()[:1000]} if words.strip() else {}),
    }
    if order.state == rules.State.CLOSED:
        if satisfied:
            return rules.State.CLOSED
        _revive(order, rules.Verb.JUDGE, given, by, at)
        return rules.State(order.state)
    if order.state == rules.State.REPLIED:
        moving.advance(order_id=order.pk, move=rules.Verb.CALL_BACK, given=given, by=by, at=at)
    if not satisfied:
        return moving.advance(
            order_id=order.pk,
            move=rules.Verb.REOPEN,
            given={"reason": f"群众在进度页评判不满意：{words.strip()[:900]}"},
            by=by,
            at=at,
        )
    if rules.Side.OBJECTION in {track.kind for track in queries.open_tracks(order.pk)}:
        return rules.State.CALLED  # closes once the objection is decided
    return moving.advance(order_id=order.pk, move=rules.Verb.CLOSE, given={}, by=by, at=at)


@transaction.atomic
def ask_again(*, evaluation_id: int, words: str, by: int = people.SYSTEM, at: datetime) -> None:
    """Take a question of the citizen to whoever works on the order 追问; the reply answers it.

    Raises NotNow, Incomplete.
    """
    order = _of_rating(evaluation_id)
    if order.state == rules.State.CLOSED:
        raise rules.NotNow
    if not words.strip():
        raise rules.Incomplete(
            Words("请写下您想追问的内容。", "Write what you want to ask."), field="words"
        )
    tracks = queries.open_tracks(order.pk)
    case = queries.case_of(order, tracks)
    asked = models.Step.objects.filter(order=order, move=rules.Verb.ASK_AGAIN).count()
    if asked >= 5:  # noqa: PLR2004 - enough for one order; the telephone remains
        raise rules.TooLate(
            Words("追问次数已用完，请拨打 12345。", "You have asked often enough here; call 12345.")
        )
    after = replace(case, sides=case.sides | {rules.Side.QUESTION})
    _saving.write(
        order,
        after,
        tracks,
        rules.Verb.ASK_AGAIN,
        {"note": words.strip()[:1000]},
        by=by,
        at=max(at, order.moved_at),
    )


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
        _saving.tell_citizen(order, "", at, template="again")
    return len(due)


def _of_rating(evaluation_id: int) -> models.Order:
    order_id = (
        models.Order.objects.filter(evaluation_id=evaluation_id)
        .values_list("pk", flat=True)
        .first()
    )
    if order_id is None:
        raise NotFound
    return _saving.lock(order_id)


def _answered(evaluation_id: int, at: datetime) -> models.Order:
    order = _of_rating(evaluation_id)
    if (
        order.state not in (rules.State.REPLIED, rules.State.CALLED, rules.State.CLOSED)
        or order.set_aside
    ):
        raise rules.NotNow
    terms = _saving.terms_of(order)
    until = (order.closed_at or at) + timedelta(
        days=max(terms.change, terms.second_opinion + terms.change if terms.second_opinion else 0)
    )
    if at > until:
        raise rules.TooLate(
            Words(
                "评判期限已过，如仍有问题请拨打 12345 或追加评价。",
                "The time to judge is over; call 12345 or add a follow-up.",
            )
        )
    return order


def _revive(
    order: models.Order, why: rules.Verb, given: dict[str, str], by: int, at: datetime
) -> None:
    """Open a closed order again with a new clock.

    Of an open one only note what the citizen said.
    """
    tracks = queries.open_tracks(order.pk)
    case = queries.case_of(order, tracks)
    verb = why
    if order.state == rules.State.CLOSED:
        verb, terms, calendar = (
            rules.Verb.REVIVE,
            policies.terms(order.region, at),
            calendars.current(order.region),
        )
        order.terms = msgspec.to_builtins(terms)
        order.ask_again_at = None
        order.save(update_fields=["terms", "ask_again_at"])
        case = rules.revived(case, at, terms, calendar)
    _saving.write(order, case, tracks, verb, given, by=by, at=at)
