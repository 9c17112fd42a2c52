"""Reading announcements."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from haochaping.announcements import models
from haochaping.announcements.rules import Audience
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.regions.rules import above


def told(
    audience: Audience, at: datetime, *, region: int | None = None, most: int = 20
) -> Sequence[models.Announcement]:
    """Return what is announced to some now, of a region and those that it lies in where one is
    given, the newest first.
    """
    today = business_day(at)
    found = models.Announcement.objects.filter(
        approved=True,
        withdrawn_at=None,
        since__lte=today,
        until__gte=today,
        audience__contains=[audience],
    )
    if region is not None:
        found = found.filter(region__in=above(region))
    return list(found.order_by("-decided_at", "-pk")[:most])


def title_of(one: models.Announcement) -> Words:
    """Return the title in both languages."""
    return Words(one.title, one.title_en or one.title)


def body_of(one: models.Announcement) -> Words:
    """Return the text in both languages."""
    return Words(one.body, one.body_en or one.body)


def state_of(one: models.Announcement, today: date) -> Words:
    """Say how an announcement stands."""
    if one.withdrawn_at:
        return Words("已撤下", "Withdrawn")
    if one.approved:
        return Words("已结束", "Over") if one.until < today else Words("已发布", "Published")
    return Words("已退回", "Turned down") if one.decided_at else Words("待发布", "Waits")


def written(scope: tuple[int, int]) -> QuerySet[models.Announcement]:
    """Return what was written within a range of regions, the newest first."""
    return models.Announcement.objects.filter(region__range=scope).order_by("-proposed_at", "-pk")


def to_decide(scope: tuple[int, int], *, besides: int) -> int:
    """Return how many announcements wait for another person than the one who wrote them."""
    return written(scope).filter(decided_at=None).exclude(proposed_by=besides).count()
