"""数据自查: what the province has of a place, day by day, for the place to compare it with its own:
services, ratings by channel, what came late, and what was refused and why.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from haochaping.analytics import queries as analytics
from haochaping.calls import queries as calls
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity import queries as identity
from haochaping.kernel.moments import begin_of, business_day

DAYS = 28
LATE = timedelta(hours=24)  # from the rating to its arrival


@dataclass
class Day:
    """What the province has of a day."""

    day: date
    services: int = 0
    rated: int = 0
    channels: Counter[int] = field(default_factory=Counter)  # first ratings
    late: int = 0
    items: int = 0  # that systems of the place handed in on this day
    refused: int = 0
    codes: Counter[str] = field(default_factory=Counter)  # why, by calls

    @property
    def ratings(self) -> int:
        """First ratings over all channels."""
        return self.channels.total()


def selfcheck(
    scope: tuple[int, int], at: datetime, *, department_id: int | None = None
) -> list[Day]:
    """Return the last days of a range of regions, the newest first: a fixed number of statements.
    Of one department, its services and ratings, not by channel, and what its own systems hand in.

    Only days that are over: who was served today is not told by single ratings (trust design §1.7).
    """
    until = business_day(at) - timedelta(days=1)
    since = until - timedelta(days=DAYS - 1)
    days = {since + timedelta(days=n): Day(since + timedelta(days=n)) for n in range(DAYS)}
    cut = analytics.Cut(scope, since, until, department_id)
    keys = ("day", "channel") if department_id is None else ("day",)  # as its tables are kept
    for row in analytics.totals(cut, keys, now=analytics.fresh(at)):
        day, found = days[row["day"]], analytics.counts(row)
        day.services += found.services
        day.rated += found.rated
        if department_id is not None or row["channel"]:
            day.channels[row.get("channel", 0)] += found.total
    clients = None
    if department_id is not None:
        code = directory.usccs({department_id}).get(department_id, "")
        clients = identity.clients_of_department(code)
    else:
        end = begin_of(until + timedelta(days=1))
        for when, n in evaluations.late(scope, begin_of(since), end, LATE).items():
            if when in days:
                days[when].late = n
    for when, items, refused, code, n in calls.handed_in(scope, begin_of(since), clients):
        if when in days:
            days[when].items += items
            days[when].refused += refused
            if code:
                days[when].codes[code] += n
    return sorted(days.values(), key=lambda day: day.day, reverse=True)
