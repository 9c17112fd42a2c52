"""Reading holds."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from haochaping.kernel.db import rows
from haochaping.screening import models

CURSOR = "screening"  # its name as a reader of the feed
# What other rooms' SQL may read: the ratings that wait for a person.
HELD = "(SELECT evaluation_id FROM screening_hold WHERE released_at IS NULL)"


def open_holds(scope: tuple[int, int]) -> QuerySet[models.Hold]:
    """Return the ratings that wait for a person within a range of regions, newest first."""
    return models.Hold.objects.filter(region__range=scope, released_at=None).order_by(
        "-held_at", "-pk"
    )


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
