"""Sealing what is published."""

from datetime import date, datetime, timedelta

import msgspec

from haochaping.analytics import queries as analytics
from haochaping.analytics.rules import Counts
from haochaping.kernel.moments import begin_of
from haochaping.publication import models, queries
from haochaping.publication.rules import Published, told_by_growth
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope

_DAY = timedelta(days=1)


def seal(*, today: date, at: datetime) -> Published:
    """Return what is published today, making it the first time it is asked for."""
    row = models.Sealed.objects.filter(pk=today).first()
    if row is None:
        made = {"figures": msgspec.msgpack.encode(_published(today)), "made_at": at}
        row, _ = models.Sealed.objects.get_or_create(day=today, defaults=made)
    return _read(row)


def _read(row: models.Sealed) -> Published:
    return msgspec.msgpack.decode(bytes(row.figures), type=Published)


def _published(today: date) -> Published:
    """Return the figures of a day; yesterday's stay where today's would tell how a few rated."""
    since, until = queries.period(today)
    start, end = begin_of(since), begin_of(until + _DAY)
    funnel = analytics.funnel(scope(PROVINCE_OF_THE_PLATFORM), start, end, end)
    made = Published(queries.figures_before(today), funnel, since, until)
    last = models.Sealed.objects.filter(day__lt=today).order_by("-day").first()
    before = _read(last) if last is not None else None
    return before if before is not None and _tells_of_few(made, before) else made


def _tells_of_few(made: Published, before: Published) -> bool:
    """Say whether the difference of two looks is what a few people said on the days that came in.
    What the days said that fell out of the thirty is public: it follows from the looks before.
    """
    gone = queries.figures_of(before.since, made.since - _DAY)
    cities = sorted({*made.figures.by_city, *before.figures.by_city})
    now, was, fell_out = (
        [one.whole, *(one.by_city.get(city, Counts()) for city in cities)]
        for one in (made.figures, before.figures, gone)
    )
    return any(
        told_by_growth(
            [one + gone_ for one, gone_ in zip(new.levels, out.levels, strict=True)], old.levels
        )
        for new, old, out in zip(now, was, fell_out, strict=True)
    )
