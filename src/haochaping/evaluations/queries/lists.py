"""Lists of ratings, narrowed and page by page. Words come masked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Length

from haochaping.evaluations import models
from haochaping.evaluations.queries.ratings import Rated, shown
from haochaping.indicators.rules import LEVELS
from haochaping.kernel.ids import first_key, key_of_receipt
from haochaping.kernel.moments import begin_of
from haochaping.regions.rules import narrowed


@dataclass(frozen=True)
class Filter:
    """What a list of ratings is narrowed to; None is everything."""

    levels: tuple[int, ...] = ()
    channel: int | None = None
    city: int | None = None
    since: date | None = None
    until: date | None = None
    search: str = ""
    departments: Sequence[int] | None = None
    items: Sequence[int] | None = None


def praised(limit: int, key: int | None = None) -> list[Rated]:
    """Return the last ratings of level 5 that hold a sentence and that still count, the newest
    service first, or one alone where it is such a rating.
    """
    found = models.Evaluation.objects.annotate(length=Length("words"))
    found = found if key is None else found.filter(pk=key)
    good = found.filter(level=max(LEVELS), length__gte=_SENTENCE).defer("rater_index", "phone")
    good = good.exclude(pk__in=models.Replacement.objects.values_list("pk", flat=True))
    good = good.exclude(pk__in=models.SetAside.objects.values_list("pk", flat=True))
    return shown(good.order_by("-pk")[:limit])


_SENTENCE = 8  # characters


def page(scope: tuple[int, int], chosen: Filter, *, before: int | None, size: int) -> list[Rated]:
    """Return one page of ratings, newest service first, from the one before `before` on.

    A keyset, so page 10 000 is as fast as page 1.
    """
    found = _filtered(scope, chosen)
    if before is not None:
        found = found.filter(pk__lt=before)
    return shown(found.order_by("-pk")[:size])


def every(scope: tuple[int, int], chosen: Filter) -> Iterator[list[Rated]]:
    """Yield all the ratings that a filter finds, newest service first, some hundreds at a time."""
    before = None
    while found := page(scope, chosen, before=before, size=_AT_ONCE):
        yield found
        before = found[-1].id


_AT_ONCE = 500
_DAY = timedelta(days=1)


def _filtered(scope: tuple[int, int], chosen: Filter) -> QuerySet[models.Evaluation]:
    found = models.Evaluation.objects.filter(region__range=scope).defer("rater_index", "phone")
    if chosen.levels:
        found = found.filter(level__in=chosen.levels)
    if chosen.channel is not None:
        found = found.filter(channel=chosen.channel)
    if chosen.city is not None:
        found = found.filter(city=chosen.city, region__range=narrowed(scope, chosen.city))
    if chosen.since is not None:
        found = found.filter(day__gte=chosen.since)
    if chosen.until is not None:
        # nothing is rated before it was given: what is later by its key is not looked at
        found = found.filter(day__lte=chosen.until, pk__lt=first_key(begin_of(chosen.until + _DAY)))
    if chosen.departments is not None:
        found = found.filter(department_id__in=chosen.departments)
    if chosen.items is not None:
        found = found.filter(item_id__in=chosen.items)
    if chosen.search:
        key = key_of_receipt(chosen.search)
        found = (
            found.filter(pk=key) if key is not None else found.filter(words__contains=chosen.search)
        )
    return found
