"""Taking calls in hand, and recording what came of them."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from haochaping.audit import actions as audit
from haochaping.callbacks import models, queries, rules
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.records import queries as records


@transaction.atomic
def take(*, by: int, at: datetime) -> int:
    """Take calls in hand: first those that lie there and are due, then services that nobody has rated. Return how many."""
    scope = identity.reach(by, Right.CALL_BACK).scope
    free = Q(taken_by=None) | Q(taken_at__lt=at - rules.HELD_FOR)
    lying = models.Call.objects.select_for_update(skip_locked=True).filter(free, due_at__lte=at, region__range=scope).order_by("due_at")
    taken = [call.pk for call in lying[: rules.AT_ONCE]]
    models.Call.objects.filter(pk__in=taken).update(taken_by=by, taken_at=at)
    fresh = queries.unrated(scope, at, rules.AT_ONCE - len(taken)) if len(taken) < rules.AT_ONCE else []
    made = [models.Call(record_id=key, region=region, taken_by=by, taken_at=at, due_at=at) for key, region in fresh]
    models.Call.objects.bulk_create(made, ignore_conflicts=True)
    return len(taken) + len(made)


@transaction.atomic
def note(*, call_id: int, outcome: rules.Outcome, words: str, by: int, at: datetime) -> None:
    """Record a call that ended without a rating. Who does not want to rate is never called again."""
    call = _mine(call_id, by)
    call.tries += 1
    call.outcome, call.note = outcome, words.strip()[:200]
    call.due_at = rules.next_call(call.tries, at) if outcome is rules.Outcome.UNREACHED else None
    call.taken_by = None if call.due_at else by
    call.save(update_fields=["tries", "outcome", "note", "due_at", "taken_by"])
    audit.record(subject="call", subject_id=call.pk, verb="call", details={"outcome": outcome}, region=call.region, by=by, at=at)


@transaction.atomic
def rate(  # noqa: PLR0913 - a rating is these facts
    *, record_id: int, level: int, codes: list[int], words: str, kind: rating.Kind, verified: bool, by: int, at: datetime
) -> str:
    """Register what somebody says on the telephone and return the receipt number; a call that was about it is done. Raises NotVerified."""
    if not verified:
        raise rules.NotVerified
    receipt = evaluations.rate_by_phone(record_id=record_id, level=level, codes=codes, words=words, kind=kind, by=by, at=at)
    models.Call.objects.filter(record_id=record_id).update(outcome=rules.Outcome.RATED, due_at=None)
    return receipt


@transaction.atomic
def reveal(*, call_id: int, by: int, at: datetime) -> str:
    """Return the number to call, for a call in hand; the look is written down."""
    call = _mine(call_id, by)
    details = {"reason": "call_back"}
    audit.record(subject="call", subject_id=call.pk, verb="reveal_phone", details=details, region=call.region, by=by, at=at)
    return records.phones_of({call.record_id}).get(call.record_id, "")


def _mine(call_id: int, by: int) -> models.Call:
    call = models.Call.objects.select_for_update().filter(pk=call_id).first()
    if call is None or call.taken_by != by or call.due_at is None:
        raise rules.TakenByAnother
    identity.require(by, Right.CALL_BACK, within=call.region)
    return call
