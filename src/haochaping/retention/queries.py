"""Reading terms."""

from collections.abc import Mapping
from datetime import date, timedelta

from haochaping.retention import models, rules


def terms() -> dict[str, timedelta]:
    """Return how long each kind is kept now."""
    usual = {key: timedelta(days=one.usual) for key, one in rules.TERMS.items()}
    agreed = models.Change.objects.filter(approved=True).order_by("decided_at", "pk")
    return usual | {key: timedelta(days=days) for key, days in agreed.values_list("key", "days")}


def term(key: str) -> timedelta:
    """Return how long one kind is kept now."""
    return terms()[key]


def blanked_to(key: str) -> date | None:
    """Return the last day whose facts of a kind have been blanked."""
    return models.Progress.objects.filter(pk=key).values_list("day", flat=True).first()


def waiting() -> Mapping[str, models.Change]:
    """Return the changes that wait for a second person, by key."""
    return {one.key: one for one in models.Change.objects.filter(decided_at=None)}
