"""What was asked, and what a citizen gets as a copy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import CHANNELS
from haochaping.indicators.rules import LEVELS
from haochaping.privacy import models
from haochaping.privacy.rules import WAITING


def of_rating(evaluation_id: int) -> list[models.Request]:
    """Return the requests about a rating, the newest first."""
    return list(models.Request.objects.filter(evaluation_id=evaluation_id).order_by("-pk"))


def waiting(scope: tuple[int, int]) -> QuerySet[models.Request]:
    """Return what waits for an answer within a scope, the most urgent first."""
    found = models.Request.objects.filter(region__range=scope, state__in=WAITING)
    return found.order_by("due_at", "pk")


def every(scope: tuple[int, int]) -> QuerySet[models.Request]:
    """Return all requests within a scope, the newest first."""
    return models.Request.objects.filter(region__range=scope).order_by("-pk")


def to_decide(scope: tuple[int, int], *, besides: int) -> int:
    """Return how many wait for an answer, but for those that somebody has proposed already."""
    return waiting(scope).exclude(proposed_by=besides).count()


def answered(scope: tuple[int, int]) -> QuerySet[models.Request]:
    """Return what was answered within a scope, the last first."""
    found = models.Request.objects.filter(region__range=scope).exclude(state__in=WAITING)
    return found.order_by("-answered_at", "-pk")


def copy_of(evaluation_id: int) -> dict[str, Any]:
    """Return what is held of a citizen in a rating: for whoever proved to be the rater only."""
    rating = evaluations.rated({evaluation_id})[evaluation_id]
    more, replaced = evaluations.follow_up(evaluation_id), evaluations.replacement(evaluation_id)
    return {
        "receipt": rating.receipt,
        "level": _level(rating.level),
        "codes": [_both(says.zh, says.en) for _, says in rating.codes],
        "words": rating.words,
        "channel": _both(CHANNELS[rating.channel].zh, CHANNELS[rating.channel].en),
        "served_at": rating.served_at.isoformat(),
        "rated_at": rating.rated_at.isoformat(),
        "received_at": rating.received_at.isoformat(),
        "anonymous": rating.anonymous,
        "phone": evaluations.phone_of(evaluation_id),
        "names": evaluations.names_of(evaluation_id),
        "follow_up": more and _said(more.level, more.words, more.rated_at),
        "replaced_by": replaced and _said(replaced.level, replaced.words, replaced.at),
    }


def _said(level: int, words: str, at: datetime) -> dict[str, str]:
    return {"level": _level(level), "words": words, "at": at.isoformat()}


def _level(level: int) -> str:
    return _both(LEVELS[level].zh, LEVELS[level].en)


def _both(zh: str, en: str) -> str:
    return f"{zh} {en}"


def receipts(requests: Sequence[models.Request]) -> dict[int, evaluations.Rated]:
    """Return the ratings that requests are about."""
    return evaluations.rated({one.evaluation_id for one in requests})
