"""Sealing what is published."""

from datetime import date, datetime, timedelta

import msgspec

from haochaping.analytics import queries as analytics
from haochaping.kernel.moments import begin_of
from haochaping.publication import models, queries
from haochaping.publication.rules import Published
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope


def seal(*, today: date, at: datetime) -> Published:
    """Return what is published today, making it the first time it is asked for."""
    row = models.Sealed.objects.filter(pk=today).first()
    if row is None:
        made = {"figures": msgspec.msgpack.encode(_published(today)), "made_at": at}
        row, _ = models.Sealed.objects.get_or_create(day=today, defaults=made)
    return msgspec.msgpack.decode(bytes(row.figures), type=Published)


def _published(today: date) -> Published:
    since, until = queries.period(today)
    start, end = begin_of(since), begin_of(until + timedelta(days=1))
    funnel = analytics.funnel(scope(PROVINCE_OF_THE_PLATFORM), start, end, end)
    return Published(queries.figures_before(today), funnel, since, until)
