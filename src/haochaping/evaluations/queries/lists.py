"""Lists of ratings, narrowed and page by page. Words come masked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Length

from haochaping.evaluations import models
from haochaping.evaluations.queries.ratings import Rated, shown
from haochaping.indicators.rules import LEVELS
from haochaping.kernel.ids import first_key, key_of_receipt, moment_of
from haochaping.kernel.moments import begin_of, business_day
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


@dataclass(frozen=True)
class Page:
    """A page of ratings; before which key the next one begins, none at the end; and for a search in
    words, which is made month by month, since when services were looked at.
    """

    ratings: Sequence[Rated]
    before: int | None
    since: date | None = None


def page(scope: tuple[int, int], chosen: Filter, *, before: int | None, size: int) -> Page:
    """Return one page of ratings, newest service first, from the one before `before` on.

    A keyset, so page 10 000 is as fast as page 1. Words are in no index: a page looks at those of
    so many days, and says where to go on.
    """
    found = _filtered(scope, chosen)
    if before is not None:
        found = found.filter(pk__lt=before)
    since, low = None, None
    if chosen.search and key_of_receipt(chosen.search) is None:
        newest = _newest(before, chosen.until)
        if newest is None:
            return Page([], None)
        since = business_day(newest - _SEARCHED)
        low = first_key(begin_of(since))
        found = found.filter(pk__gte=low)
    there = shown(found.order_by("-pk")[: size + 1])
    if len(there) > size:
        return Page(there[:size], there[size - 1].id, since)
    more = low is not None and models.Evaluation.objects.filter(pk__lt=low).exists()
    return Page(there, low if more else None, since)


def _newest(before: int | None, until: date | None) -> datetime | None:
    """Return when the newest service was given that could stand on a page."""
    bounds = [before] if before is not None else []
    bounds += [first_key(begin_of(until + _DAY))] if until is not None else []
    newest = models.Evaluation.objects.order_by("-pk").values_list("pk", flat=True)
    key = (newest.filter(pk__lt=min(bounds)) if bounds else newest).first()
    return moment_of(key) if key is not None else None


def every(scope: tuple[int, int], chosen: Filter) -> Iterator[list[Rated]]:
    """Yield all the ratings that a filter finds, newest service first, some hundreds at a time."""
    before = None
    while True:
        found = page(scope, chosen, before=before, size=_AT_ONCE)
        if found.ratings:
            yield list(found.ratings)
        if found.before is None:
            return
        before = found.before


_AT_ONCE = 500
_DAY = timedelta(days=1)
_SEARCHED = timedelta(days=31)  # of services whose ratings a search in words looks at for a page


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
