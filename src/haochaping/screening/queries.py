"""Reading holds."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from haochaping.indicators.rules import BAD
from haochaping.kernel.db import rows
from haochaping.regions.rules import city_range
from haochaping.screening import models, rules

CURSOR = "screening"  # its name as a reader of the feed
# What other rooms' SQL may read: the ratings that wait for a person.
HELD = "(SELECT evaluation_id FROM screening_hold WHERE released_at IS NULL)"


def open_holds(scope: tuple[int, int]) -> QuerySet[models.Hold]:
    """Return the ratings that wait for a person within a range of regions, newest first."""
    return models.Hold.objects.filter(
        region__range=scope, released_at=None, refuted_at=None
    ).order_by("-held_at", "-pk")


@dataclass(frozen=True)
class Asked:
    """Which held ratings are looked for; nothing is all that wait."""

    state: rules.State = rules.State.WAITS
    reason: str = ""
    bad: bool = False
    city: int | None = None  # six digits
    since: datetime | None = None
    until: datetime | None = None


_OF_STATE: Mapping[rules.State, Mapping[str, Any]] = {
    rules.State.WAITS: {"released_at": None, "refuted_at": None},
    rules.State.DOUBTED: {"released_at": None, "refuted_at": None, "doubted_at__isnull": False},
    rules.State.REFUTED: {"refuted_at__isnull": False, "released_at": None},
    rules.State.RELEASED: {"released_at__isnull": False},
}


def found(scope: tuple[int, int], asked: Asked) -> QuerySet[models.Hold]:
    """Return the held ratings that are looked for within a range of regions, newest first."""
    holds = models.Hold.objects.filter(region__range=scope, **_OF_STATE[asked.state])
    if asked.reason:
        holds = holds.filter(reasons__contains=[asked.reason])
    if asked.bad:
        holds = holds.filter(level__lte=max(BAD))
    if asked.city is not None:
        holds = holds.filter(region__range=city_range(asked.city * 10**6))
    if asked.since is not None:
        holds = holds.filter(held_at__gte=asked.since)
    if asked.until is not None:
        holds = holds.filter(held_at__lt=asked.until)
    return holds.order_by("-held_at", "-pk")


def hold_of(evaluation_id: int) -> models.Hold | None:
    """Return the hold of a rating, released or not."""
    return models.Hold.objects.filter(evaluation_id=evaluation_id).first()


def held(evaluation_ids: Collection[int]) -> set[int]:
    """Return those of these ratings that were ever held."""
    found = models.Hold.objects.filter(evaluation_id__in=evaluation_ids)
    return set(found.values_list("evaluation_id", flat=True))


def reasons_held(
    scope: tuple[int, int], since: datetime, until: datetime
) -> list[tuple[str, int, int]]:
    """Return each reason, how many ratings were held for it in a period, and how many of them were
    released, the most frequent first.
    """
    found = rows(_REASONS, *scope, since, until)
    return [(row["reason"], row["held"], row["released"]) for row in found]


_REASONS = """
SELECT reason, count(*) AS held, count(released_at) AS released
  FROM screening_hold CROSS JOIN unnest(reasons) AS reason
 WHERE region BETWEEN $1 AND $2 AND held_at >= $3 AND held_at < $4
 GROUP BY reason ORDER BY held DESC, reason
"""


# --- sensitive words

_FRESH = 30.0  # seconds for which a list is good


@dataclass
class _Kept:
    """The list as it was read last."""

    finder: rules.Finder | None = None
    read_at: float = float("-inf")


_kept = _Kept()


def sensitive_words() -> dict[str, rules.Category]:
    """Return the list in force: word by category, in order."""
    words = {word: category for category, some in rules.STARTER.items() for word in some}
    for one in models.SensitiveWord.objects.all():
        words.pop(one.word, None)
        if not one.removed:
            words[one.word] = rules.Category(one.category)
    return dict(sorted(words.items(), key=lambda pair: (pair[1], pair[0])))


def finder() -> rules.Finder:
    """Return what finds the words of the list, as it was half a minute ago at most."""
    now = time.monotonic()
    if _kept.finder is None or now - _kept.read_at > _FRESH:
        _kept.finder, _kept.read_at = rules.Finder(sensitive_words()), now
    return _kept.finder


def forget_words() -> None:
    """Read the list anew when it is asked for next."""
    _kept.read_at = float("-inf")
