"""跟踪评估: which channel each city has connected since when, how it goes week by week, and what is
missing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from haochaping.analytics import queries as analytics
from haochaping.analytics.rules.grains import Subject
from haochaping.directory import queries as directory
from haochaping.evaluations.rules import Channel
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, city_of

WEEKS = 8
_YEARS = timedelta(days=730)  # back to which "since" is looked for
_LATELY = timedelta(days=28)  # in which a department that is connected was rated


@dataclass
class Connected:
    """A channel of a city."""

    since: date | None = None  # the month of its first rating
    weeks: list[int] = field(default_factory=lambda: [0] * WEEKS)  # ratings, the oldest first

    @property
    def alive(self) -> bool:
        """Whether it brought anything in the last two weeks."""
        return any(self.weeks[-2:])


@dataclass
class City:
    """How far a city has come."""

    code: int
    channels: dict[Channel, Connected]
    departments: int = 0
    rated: int = 0  # departments that were, lately

    @property
    def name(self) -> Words:
        """What it is called."""
        if self.code == PROVINCE_OF_THE_PLATFORM:
            return Words("省本级", "The province's own")
        name = regions.tree().full_name(self.code)
        return Words(name, name)

    @property
    def missing(self) -> list[Channel]:
        """Channels that never brought anything, or nothing lately."""
        return [channel for channel, found in self.channels.items() if not found.alive]


def tracking(scope: tuple[int, int], at: datetime) -> list[City]:
    """Return how far each city within a range of regions has come, by yesterday, and what is the
    province's own 省本级.
    """
    until = business_day(at) - timedelta(days=1)
    cities = {
        code: City(code, {channel: Connected() for channel in Channel})
        for code in (*regions.tree().cities(), PROVINCE_OF_THE_PLATFORM)
        if scope[0] <= code <= scope[1]
    }
    now = analytics.fresh(at)
    months = analytics.Cut(scope, (until - _YEARS).replace(day=1), until)
    for row in analytics.totals(months, ("city", "channel", "month"), now=now):
        if (found := _of(cities, row)) is not None and any(analytics.counts(row).levels):
            found.since = min(row["month"], found.since or row["month"])
    begin = until - timedelta(days=7 * WEEKS - 1)
    for row in analytics.totals(
        analytics.Cut(scope, begin, until), ("city", "channel", "day"), now=now
    ):
        if (found := _of(cities, row)) is not None:
            found.weeks[(row["day"] - begin).days // 7] += sum(analytics.counts(row).levels)
    lately = analytics.Cut(scope, until - _LATELY, until)
    by_department = Subject.DEPARTMENT.value
    rows = analytics.totals(lately, (by_department,), now=now, subject=Subject.DEPARTMENT)
    rated = {row[by_department] for row in rows if any(analytics.counts(row).levels)}
    known, active = Counter[int](), Counter[int]()
    there = directory.still_open(directory.departments(scope))
    for key, region in there.values_list("pk", "region"):
        known[city_of(region)] += 1
        active[city_of(region)] += key in rated
    for city in cities.values():
        place = city_of(city.code)
        city.departments, city.rated = known[place], active[place]
    return list(cities.values())


_DIGITS = 10**6  # of a city's code in the roll-ups: six


def _of(cities: dict[int, City], row: Mapping[str, Any]) -> Connected | None:
    """Return the channel of a city that a row is about."""
    city = cities.get(row["city"] * _DIGITS)
    return city.channels.get(row["channel"]) if city else None


@dataclass
class Unit:
    """How far a department has come."""

    id: int
    name: str
    since: dict[Channel, date] = field(default_factory=dict)  # the month of its first rating
    weeks: list[int] = field(default_factory=lambda: [0] * WEEKS)  # ratings, the oldest first

    @property
    def missing(self) -> list[Channel]:
        """Channels that never brought anything."""
        return [channel for channel in Channel if channel not in self.since]


def departments(within: tuple[int, int], at: datetime) -> list[Unit]:
    """Return how far each department within a range of regions has come, by yesterday: who was
    silent lately first.
    """
    until = business_day(at) - timedelta(days=1)
    open_ = directory.still_open(directory.departments(within))
    units = {row.pk: Unit(row.pk, row.name) for row in open_}
    of, now = Subject.DEPARTMENT.value, analytics.fresh(at)
    months = analytics.Cut(within, (until - _YEARS).replace(day=1), until)
    for row in analytics.totals(
        months, (of, "channel", "month"), now=now, subject=Subject.DEPARTMENT
    ):
        unit = units.get(row[of])
        if unit and row["channel"] and any(analytics.counts(row).levels):
            channel = Channel(row["channel"])
            unit.since[channel] = min(row["month"], unit.since.get(channel, row["month"]))
    begin = until - timedelta(days=7 * WEEKS - 1)
    weeks = analytics.Cut(within, begin, until)
    for row in analytics.totals(weeks, (of, "day"), now=now, subject=Subject.DEPARTMENT):
        if unit := units.get(row[of]):
            unit.weeks[(row["day"] - begin).days // 7] += sum(analytics.counts(row).levels)
    return sorted(units.values(), key=lambda one: (any(one.weeks[-2:]), one.name))
