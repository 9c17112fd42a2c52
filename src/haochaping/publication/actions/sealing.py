"""Sealing what is published."""

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from secrets import token_hex

import msgspec
from django.db import transaction

from haochaping.analytics import queries as analytics
from haochaping.analytics.rules import Counts
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.moments import begin_of
from haochaping.ledger.rules import Leaf
from haochaping.proofs import actions as proofs
from haochaping.publication import models, queries
from haochaping.publication.rules import Altered, Published, told_by_growth
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope

_DAY = timedelta(days=1)


def seal(*, today: date, at: datetime) -> Published:
    """Return what is published today, making it the first time it is asked for: a leaf of the
    ledger commits to it. Raises Altered where it is no longer what that says.
    """
    row = models.Sealed.objects.filter(pk=today).first()
    if row is None or row.leaf is None:
        row = _sealed(today, at)
    return _read(row)


@transaction.atomic
def _sealed(today: date, at: datetime) -> models.Sealed:
    one_at_a_time("seal the day's figures")
    row = models.Sealed.objects.filter(pk=today).first()
    if row is not None and row.leaf is not None:
        return row  # another was faster
    if queries.is_stated(today):
        raise Altered  # its leaf stands, and the row that named it is gone or was rewritten
    figures = bytes(row.figures) if row else msgspec.msgpack.encode(_salted(today))
    said = queries.said_of_day(today, hashlib.sha256(figures).hexdigest())
    leaf = proofs.state(said=said, kind=Leaf.STATEMENT, at=at)
    facts = {"figures": figures, "made_at": row.made_at if row else at, "leaf": leaf}
    return models.Sealed.objects.update_or_create(day=today, defaults=facts)[0]


def _read(row: models.Sealed) -> Published:
    return _held(row.day, bytes(row.figures), row.leaf)


@lru_cache(maxsize=8)  # every view of the page asks for today's
def _held(day: date, figures: bytes, leaf: int | None) -> Published:
    if leaf is not None and not queries.day_holds(day, figures, leaf):
        raise Altered
    return msgspec.msgpack.decode(figures, type=Published)


def _salted(today: date) -> Published:
    return replace(_published(today), salt=token_hex(16))


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
