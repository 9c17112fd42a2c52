"""Asking about one's data, and answering. An erasure takes two persons."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from haochaping.audit import actions as audit
from haochaping.calendar import queries as calendar
from haochaping.callbacks import actions as callbacks
from haochaping.evaluations import actions as evaluations
from haochaping.feed.rules import Kind as Fact
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right, SamePerson
from haochaping.kernel import marks
from haochaping.kernel.errors import NotFound
from haochaping.kernel.ids import receipt_number
from haochaping.notifications import actions as notifications
from haochaping.notifications.rules import Telling, Topic
from haochaping.privacy import models
from haochaping.privacy.rules import (
    LONGEST,
    WAITING,
    WORKING_DAYS,
    Answered,
    AskedBefore,
    Kind,
    State,
    Unsaid,
)
from haochaping.proofs import actions as proofs
from haochaping.publication import actions as publication
from haochaping.records import actions as records
from haochaping.regions.rules import city_of


@transaction.atomic
def ask(*, evaluation_id: int, region: int, kind: Kind, words: str, at: datetime) -> None:
    """Take a request of whoever proved to have rated; raises AskedBefore or Unsaid."""
    if kind == Kind.CORRECT and not words.strip():
        raise Unsaid(field="words")
    try:
        with transaction.atomic():
            request = models.Request.objects.create(
                evaluation_id=evaluation_id,
                region=region,
                kind=kind,
                words={"words": words.strip()[:LONGEST]},
                asked_at=at,
                due_at=calendar.current(region).after(at, WORKING_DAYS),
                state=State.OPEN,
            )
    except IntegrityError:
        raise AskedBefore from None
    _note(request, "ask", {"kind": kind}, SYSTEM, at)
    notifications.tell(tellings=[_telling(request)], at=at)


def _telling(request: models.Request) -> Telling:
    return Telling(
        office=city_of(request.region),
        right=Right.PRIVACY,
        department_id=None,
        topic=Topic.PRIVACY,
        subject_id=request.pk,
        label=receipt_number(request.evaluation_id),
    )


def remind(*, at: datetime) -> int:
    """Tell the offices of requests that are due in three days and of those that became overdue, of
    each once; return how many.
    """
    begins = at - _EACH
    soon = Q(due_at__gt=begins + _BEFORE, due_at__lte=at + _BEFORE)
    late = Q(due_at__gt=begins, due_at__lte=at)
    found = models.Request.objects.filter(soon | late, state__in=WAITING)
    tellings = [_telling(one) for one in found]
    notifications.tell(tellings=tellings, at=at)
    return len(tellings)


_EACH, _BEFORE = timedelta(days=1), timedelta(days=3)  # how often it is looked, and how early


@transaction.atomic
def note_copy(*, evaluation_id: int, region: int, at: datetime) -> None:
    """Leave in the trail that a citizen took a copy."""
    audit.record(
        subject="privacy",
        subject_id=evaluation_id,
        verb="copy",
        details={"receipt": receipt_number(evaluation_id)},
        region=region,
        by=SYSTEM,
        at=at,
    )


@transaction.atomic
def decide(
    *, request_id: int, agree: bool, answer: str, seen: str | None = None, by: int, at: datetime
) -> State:
    """Answer a request; return its state. The first who agrees to an erasure proposes it, with the
    answer to the citizen; another person carries it out: the words, the name, the telephone number
    and what opens the ledger's leaf are destroyed; what was counted stays counted. `seen` is the
    state that the page showed.

    Raises NotFound, NotAllowed, Answered, Unsaid, SamePerson or ChangedMeanwhile.
    """
    request = models.Request.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise NotFound
    identity.require(by, Right.PRIVACY, within=request.region)
    if request.answered_at is not None:
        raise Answered
    if seen is not None and seen != request.state:  # what only proposed a moment ago destroys now
        raise marks.ChangedMeanwhile
    erasing = agree and request.kind == Kind.ERASE
    # what the proposer wrote is the answer, where the second person writes no other
    answer = answer.strip()[:LONGEST] or (request.answer if erasing else "")
    if not answer:
        raise Unsaid(field="answer")
    if erasing and request.proposed_by is None:
        request.state, request.proposed_by, request.answer = State.PROPOSED, by, answer
        request.save(update_fields=["state", "proposed_by", "answer"])
        _note(request, "propose", {}, by, at)
        return State.PROPOSED
    if erasing:
        if request.proposed_by == by:
            raise SamePerson
        _erase(request, by, at)
    request.state = State.DONE if agree else State.DECLINED
    request.answered_by, request.answered_at, request.answer = by, at, answer
    request.save(update_fields=["state", "answered_by", "answered_at", "answer", "words"])
    _note(request, "answer", {"agreed": agree, "answer": answer}, by, at)
    return State(request.state)


@transaction.atomic
def erase(*, evaluation_id: int, reason: str, by: int, at: datetime) -> int:
    """Destroy whatever is personal in a rating and what opens its leaves, wherever it is kept;
    return of how many leaves.
    """
    publication.erase(evaluation_id=evaluation_id, at=at)
    kinds = (Fact.RATING, Fact.FOLLOW_UP, Fact.REPLACED)
    done = proofs.forget(evaluation_ids=[evaluation_id], kinds=kinds, at=at)
    evaluations.erase(evaluation_id=evaluation_id, reason=reason, by=by, at=at)
    records.erase(record_id=evaluation_id)
    notifications.erase(record_id=evaluation_id, at=at)
    callbacks.erase(record_id=evaluation_id)
    return done


def _erase(request: models.Request, by: int, at: datetime) -> None:
    key, reason = request.evaluation_id, f"request {request.pk}"
    erase(evaluation_id=key, reason=reason, by=by, at=at)
    for earlier in models.Request.objects.filter(evaluation_id=key).exclude(pk=request.pk):
        earlier.words = {}
        earlier.save(update_fields=["words"])
    request.words = {}


def _note(
    request: models.Request, verb: str, details: dict[str, object], by: int, at: datetime
) -> None:
    audit.record(
        subject="privacy",
        subject_id=request.pk,
        verb=verb,
        details={"receipt": receipt_number(request.evaluation_id), **details},
        region=request.region,
        by=by,
        at=at,
    )
