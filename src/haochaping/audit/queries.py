"""Reading the trail."""

from django.db.models import QuerySet

from haochaping.audit import models


def latest(scope: tuple[int, int]) -> QuerySet[models.Entry]:
    """Return the entries within a range of regions, newest first."""
    return models.Entry.objects.filter(region__range=scope).order_by("-at", "-pk")


def of(subject: str, subject_id: int) -> list[models.Entry]:
    """Return everything done to one thing, oldest first."""
    return list(models.Entry.objects.filter(subject=subject, subject_id=subject_id).order_by("at", "pk"))
