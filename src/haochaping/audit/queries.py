"""Reading the trail."""

from django.db.models import QuerySet

from haochaping.audit import models


def latest(
    scope: tuple[int, int], *, subject: str = "", verb: str = "", before: int | None = None
) -> QuerySet[models.Entry]:
    """Return the entries within a range of regions, newest first, from the one before
    `before` on.
    """
    found = models.Entry.objects.filter(region__range=scope)
    if subject:
        found = found.filter(subject=subject)
    if verb:
        found = found.filter(verb=verb)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def of(subject: str, subject_id: int) -> list[models.Entry]:
    """Return everything done to one thing, oldest first."""
    return list(
        models.Entry.objects.filter(subject=subject, subject_id=subject_id).order_by("at", "pk")
    )


def happened(subject: str, verb: str) -> bool:
    """Say whether something was ever done."""
    return models.Entry.objects.filter(subject=subject, verb=verb).exists()
