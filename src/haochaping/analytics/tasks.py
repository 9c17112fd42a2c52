"""Keeping up with the feed, and the nightly recount."""

from datetime import datetime, timedelta

from haochaping.analytics import actions, queries
from haochaping.kernel.moments import business_day
from haochaping.kernel.schedule import DAY, every


def fold(_at: datetime) -> int:
    """Fold what is new on the feed; return how many facts."""
    return actions.fold()


class Differs(RuntimeError):
    """A roll-up does not say what the facts say."""


@every(seconds=DAY, offset=19 * 3600, once=True)  # 03:00 in China
def recount(at: datetime) -> None:
    """Each night: count the month of yesterday again, and the one before, whose results are drafted
    and released meanwhile. What differs is an alarm of this schedule, which `hcp doctor --recount`
    explains.
    """
    day = business_day(at) - timedelta(days=1)
    if found := queries.recount(day.replace(day=1) - timedelta(days=1), day):
        raise Differs("; ".join(f"{one.table} {one.day} {one.cells}" for one in found[:20]))
