"""Reading the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from haochaping.audit import models
from haochaping.kernel.moments import LOCAL

type Entry = models.Entry


@dataclass(frozen=True)
class Asked:
    """What is looked for in the trail; nothing is everything."""

    subject: str = ""
    verb: str = ""
    subject_id: int | None = None
    by: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def latest(
    scope: tuple[int, int], asked: Asked, before: int | None = None
) -> QuerySet[models.Entry]:
    """Return the entries within a range of regions, newest first, from the one before
    `before` on.
    """
    wanted = {
        "subject": asked.subject or None,
        "verb": asked.verb or None,
        "subject_id": asked.subject_id,
        "by": asked.by,
        "at__gte": asked.since,
        "at__lt": asked.until,
        "pk__lt": before,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    return models.Entry.objects.filter(region__range=scope, **given).order_by("-pk")


def by_day(scope: tuple[int, int], since: datetime) -> dict[date, int]:
    """Return how many entries of a range of regions each day has since a moment."""
    found = models.Entry.objects.filter(region__range=scope, at__gte=since)
    days = found.values_list(TruncDate("at", tzinfo=LOCAL)).order_by()
    return dict(days.annotate(Count("pk")))


def numbered(numbers: Sequence[int]) -> list[models.Entry]:
    """Return entries by number."""
    return list(models.Entry.objects.filter(pk__in=numbers))


_GAP = 10_000  # numbers that a transaction may hold while later ones are committed


def after(pk: int, *, limit: int) -> list[models.Entry]:
    """Return the entries after a number, in order, and those shortly before it: a number is given
    before its entry is committed, so some come late.
    """
    return list(models.Entry.objects.filter(pk__gt=pk - _GAP).order_by("pk")[: limit + _GAP])


def of(subject: str, subject_id: int) -> list[models.Entry]:
    """Return everything done to one thing, oldest first."""
    return list(
        models.Entry.objects.filter(subject=subject, subject_id=subject_id).order_by("at", "pk")
    )


def happened(subject: str, verb: str) -> bool:
    """Say whether something was ever done."""
    return models.Entry.objects.filter(subject=subject, verb=verb).exists()
