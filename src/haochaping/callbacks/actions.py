"""Taking calls in hand, and recording what came of them."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Q, When

from haochaping.audit import actions as audit
from haochaping.callbacks import events, models, queries, rules
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right
from haochaping.kernel import outbox
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.words import chinese
from haochaping.orders import actions as orders
from haochaping.orders import queries as order_queries
from haochaping.orders.rules import NotNow, Satisfaction, State, TooLate, Verb
from haochaping.policies import queries as policies
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


def erase(*, record_id: int) -> None:
    """Blank what agents noted down of calls about a service."""
    models.Call.objects.filter(record_id=record_id).exclude(note="").update(note="")


@transaction.atomic
def take(*, by: int, at: datetime) -> int:
    """Take calls in hand.

    First those that lie there and are due, then services that nobody has rated. Return how many.
    """
    reach = identity.reach(by, Right.CALL_BACK)
    scope = reach.scope
    free = Q(taken_by=None) | Q(taken_at__lt=at - rules.HELD_FOR)
    lying = models.Call.objects.select_for_update(skip_locked=True).filter(
        free, due_at__lte=at, region__range=scope
    )
    first = Case(
        *(When(kind=why, then=place) for place, why in enumerate(rules.Why)), default=len(rules.Why)
    )
    taken = [call.pk for call in lying.order_by(first, "due_at")[: rules.AT_ONCE]]
    models.Call.objects.filter(pk__in=taken).update(taken_by=by, taken_at=at)
    fresh = (
        queries.unrated(scope, at, rules.AT_ONCE - len(taken)) if len(taken) < rules.AT_ONCE else []
    )
    made = [
        models.Call(record_id=key, region=region, taken_by=by, taken_at=at, due_at=at)
        for key, region in fresh
    ]
    models.Call.objects.bulk_create(made, ignore_conflicts=True)
    audit.record(
        subject="call",
        subject_id=0,
        verb="take",
        details={"calls": len(taken) + len(made)},
        region=reach.low,
        by=by,
        at=at,
    )
    return len(taken) + len(made)


@transaction.atomic
def note(*, call_id: int, outcome: rules.Outcome, words: str, by: int, at: datetime) -> None:
    """Record a call that ended without a rating.

    Who does not want to rate is never called again.
    """
    call = _mine(call_id, by)
    call.outcome, call.note = outcome, words.strip()[:500]
    call.tries += 1
    call.due_at = rules.next_call(call.tries, at) if outcome is rules.Outcome.UNREACHED else None
    call.taken_by = None if call.due_at else by
    call.done_at = None if call.due_at else at
    call.save(update_fields=["tries", "outcome", "note", "due_at", "taken_by", "done_at"])
    if call.kind == rules.Why.ORDER and call.due_at is None:
        _settle(call, _SAID[outcome], call.note, by, at)
    audit.record(
        subject="call",
        subject_id=call.pk,
        verb="call",
        details={"outcome": outcome},
        region=call.region,
        by=by,
        at=at,
    )


@transaction.atomic
def rate(  # noqa: PLR0913 - a rating is these facts
    *,
    record_id: int,
    level: int,
    codes: list[int],
    words: str,
    kind: rating.Kind,
    verified: bool,
    by: int,
    at: datetime,
) -> str:
    """Register what somebody says on the telephone and return the receipt number.

    A call that was about it is done. Raises NotVerified.
    """
    if not verified:
        raise rules.NotVerified
    receipt = evaluations.rate_by_phone(
        record_id=record_id, level=level, codes=codes, words=words, kind=kind, by=by, at=at
    )
    models.Call.objects.filter(record_id=record_id, kind=rules.Why.UNRATED).update(
        outcome=rules.Outcome.RATED, due_at=None, done_at=at
    )
    return receipt


@transaction.atomic
def reveal(*, call_id: int, reason: str, by: int, at: datetime) -> str:
    """Return the number to call, for a call in hand; the look is written down with its reason.

    Raises ReasonMissing.
    """
    call = _mine(call_id, by)
    if not reason.strip():
        raise rules.ReasonMissing
    details = {"reason": reason.strip()[:200]}
    audit.record(
        subject="call",
        subject_id=call.pk,
        verb="reveal_phone",
        details=details,
        region=call.region,
        by=by,
        at=at,
    )
    found = queries.number_of(call.pk)
    return found[0] if found else ""


@transaction.atomic
def answer(*, call_id: int, said: str, words: str, by: int, at: datetime) -> None:
    """Record what somebody said who was reached: of an order whether it is put right, of the sample
    a level. Raises AnswerMissing.

    Not satisfied for the department's own reasons opens the order again with a new clock;
    everything else closes it.
    """
    call = _mine(call_id, by)
    if call.kind != rules.Why.ORDER and said not in ("1", "2", "3", "4", "5"):
        raise rules.AnswerMissing
    if call.kind == rules.Why.ORDER:
        if said not in (Satisfaction.SATISFIED, Satisfaction.UNSATISFIED, Satisfaction.BEYOND) or (
            said != Satisfaction.SATISFIED and not words.strip()
        ):
            raise rules.AnswerMissing
        _settle(call, Satisfaction(said), words.strip(), by, at)
    else:
        call.level = int(said)
    call.tries += 1
    call.outcome, call.note, call.due_at, call.done_at = (
        rules.Outcome.ANSWERED,
        words.strip()[:500],
        None,
        at,
    )
    call.save(update_fields=["tries", "outcome", "note", "due_at", "done_at", "level"])
    audit.record(
        subject="call",
        subject_id=call.pk,
        verb="call",
        details={"outcome": "answered"},
        region=call.region,
        by=by,
        at=at,
    )


def _settle(call: models.Call, said: Satisfaction, words: str, by: int, at: datetime) -> None:
    """Move the order on by what the citizen said.

    An order that has moved on already needs nothing.
    """
    if call.order_id is None:
        return
    with suppress(NotNow), transaction.atomic():
        orders.advance(
            order_id=call.order_id,
            move=Verb.CALL_BACK,
            given={"satisfaction": said, "note": words[:1000]},
            by=by,
            at=at,
        )
        if said is Satisfaction.UNSATISFIED:
            orders.advance(
                order_id=call.order_id,
                move=Verb.REOPEN,
                given={"reason": chinese(f"回访不满意：{words[:900]}")},
                by=by,
                at=at,
            )
        else:
            with suppress(TooLate):  # an objection is undecided: it closes when that is
                orders.advance(order_id=call.order_id, move=Verb.CLOSE, given={}, by=by, at=at)


_SAID = {
    rules.Outcome.UNREACHED: Satisfaction.UNREACHED,
    rules.Outcome.DECLINED: Satisfaction.DECLINED,
    rules.Outcome.WRONG: Satisfaction.UNREACHED,
}


@transaction.atomic
def follow_order(*, order_id: int, at: datetime) -> None:
    """Have the citizen called once an order is answered.

    Where it has moved on without a call, nobody is called any more.
    """
    order = order_queries.briefly(order_id)
    if order is None:
        return
    if order.state == State.REPLIED:
        facts = {"order_id": order_id, "region": order.region, "due_at": at}
        models.Call.objects.get_or_create(
            kind=rules.Why.ORDER,
            record_id=order.evaluation_id,
            round=order.reopened,
            defaults=facts,
        )
    elif order.state != State.CALLED:
        waiting = models.Call.objects.filter(order_id=order_id, due_at__isnull=False)
        waiting.update(due_at=None, done_at=at, outcome=rules.Outcome.OBSOLETE)


@transaction.atomic
def draw_sample(*, seed: int, by: int = SYSTEM, at: datetime) -> int:
    """Draw last week's audit sample, once.

    The server picks, not the unit, some rated and some unrated services of each. Return how many
    calls.
    """
    week = rules.week_of(at)
    draw, fresh = models.Draw.objects.get_or_create(
        week=week, defaults={"seed": seed, "drawn": 0, "at": at}
    )
    if not fresh:
        return 0
    calls = _sampled(draw, at)
    models.Call.objects.bulk_create(calls, ignore_conflicts=True)
    draw.drawn = len(calls)
    draw.save(update_fields=["drawn"])
    details = {"week": week, "seed": draw.seed, "drawn": len(calls)}
    audit.record(
        subject="sample",
        subject_id=week,
        verb="draw",
        details=details,
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    return len(calls)


def _sampled(draw: models.Draw, at: datetime) -> list[models.Call]:
    """Return the calls of a week: of each department at most its quota, rated and unrated each."""
    begin = datetime.fromisocalendar(draw.week // 100, draw.week % 100, 1).replace(tzinfo=LOCAL)
    quotas: dict[int, int] = {}
    counted: Counter[tuple[int, bool]] = Counter()
    calls = []
    for row in queries.sample(begin, begin + timedelta(days=7), draw.seed, rules.MOST_SAMPLED):
        if row["region"] not in quotas:
            quotas[row["region"]] = policies.terms(row["region"], at).sample
        cell = row["department_id"], row["level"] is None
        if counted[cell] < quotas[row["region"]]:
            counted[cell] += 1
            facts = {
                "record_id": row["id"],
                "region": row["region"],
                "department_id": row["department_id"],
                "rated_level": row["level"],
            }
            calls.append(models.Call(kind=rules.Why.AUDIT, round=draw.week, due_at=at, **facts))
    return calls


@transaction.atomic
def dial(*, call_id: int, by: int, at: datetime) -> None:
    """Have the telephone system put an agent through to a citizen; the agent sees no number.

    The call is written down.
    """
    call = _mine(call_id, by)
    audit.record(
        subject="call",
        subject_id=call.pk,
        verb="dial",
        details={},
        region=call.region,
        by=by,
        at=at,
    )
    outbox.publish(events.CallWanted(call.pk, by))


def note_recording(*, call_id: int, recording: str) -> bool:
    """Note where the telephone system keeps the recording of a call.

    Say whether there is such a call.
    """
    return bool(models.Call.objects.filter(pk=call_id).update(recording=recording[:120]))


def _mine(call_id: int, by: int) -> models.Call:
    call = models.Call.objects.select_for_update().filter(pk=call_id).first()
    if call is None or call.taken_by != by or call.due_at is None:
        raise rules.TakenByAnother
    identity.require(by, Right.CALL_BACK, within=call.region)
    return call
