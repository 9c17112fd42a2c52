"""The grains of the roll-ups: which tables there are, what their cells are keyed by and sum up.

From the data design §2: a few additive tables that together answer every page, each so coarse that
it hardly grows with the number of ratings. A cell of a month stands under its first day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LEVELS = tuple(f"n{level}" for level in range(5, 0, -1))
# what the adjusted figures leave out or, below 0, take in
LEFT_OUT = tuple(f"x{level}" for level in range(5, 0, -1))
# of ratings by the day they were given; of services by the day of the service
SUMS = (*LEVELS, *LEFT_OUT, "follow_ups", "improved", "worsened", "set_aside", "services", "rated")
# of orders by the day they were opened; then by the day their limit ends
OPENED = (
    "opened", "dispatched", "verified", "upheld", "rectified", "replied", "called", "reached",
    "satisfied", "closed", "reopened", "returned", "extended", "objected", "objections_upheld",
)  # fmt: skip
DUE = (
    "due", "due_verified", "due_replied", "due_replied_in_time", "due_upheld", "due_rectified",
    "due_rectified_in_time",
)  # fmt: skip
CALL_DUE = ("call_due", "call_due_called", "call_due_reached", "call_due_satisfied")
LOOP = (*OPENED, *DUE, *CALL_DUE)


class Subject(StrEnum):
    """Whose figures they are."""

    PLACE = "place"
    DEPARTMENT = "department_id"
    WINDOW = "window_id"
    STAFF = "staff_id"
    ITEM = "item_id"


@dataclass(frozen=True)
class Grain:
    """One table of cells: `keys` beside the day, all of which are columns of the changes."""

    table: str
    keys: tuple[str, ...]
    monthly: bool = False
    sums: tuple[str, ...] = SUMS
    needs: str = ""  # a column that must not be null or 0 for a change to count here

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the table: day, keys, the city if it is no key, region and sums."""
        city = () if "city" in self.keys else ("city",)
        return ("day", *self.keys, *city, "region", *self.sums)


PLACE_DAY = Grain("analytics_placeday", ("county", "channel", "party"))
PLACE_MONTH = Grain("analytics_placemonth", ("county", "channel", "party"), monthly=True)
CITY_DAY = Grain("analytics_cityday", ("city", "channel", "party"))
CITY_MONTH = Grain("analytics_citymonth", ("city", "channel", "party"), monthly=True)
HOUR_DAY = Grain("analytics_hourday", ("county", "hour"), sums=LEVELS, needs="level")
HOUR_CITY = Grain(
    "analytics_hourcity", ("city", "weekday", "hour"), monthly=True, sums=LEVELS, needs="level"
)
DEPARTMENT_DAY = Grain("analytics_departmentday", ("department_id", "county"))
DEPARTMENT_MONTH = Grain(
    "analytics_departmentmonth", ("department_id", "county", "channel", "party"), monthly=True
)
# without channel and party a month of all units is a few thousand cells, not a hundred thousand
DEPARTMENT_WHOLE = Grain("analytics_departmentwhole", ("department_id", "county"), monthly=True)
WINDOW_WHOLE = Grain(
    "analytics_windowwhole", ("window_id", "county"), monthly=True, needs="window_id"
)
ITEM_WHOLE = Grain("analytics_itemwhole", ("item_id", "county"), monthly=True)
WINDOW_DAY = Grain("analytics_windowday", ("window_id", "county"), needs="window_id")
WINDOW_MONTH = Grain(
    "analytics_windowmonth",
    ("window_id", "county", "channel", "party"),
    monthly=True,
    needs="window_id",
)
STAFF_MONTH = Grain("analytics_staffmonth", ("staff_id", "county"), monthly=True, needs="staff_id")
ITEM_DAY = Grain("analytics_itemday", ("item_id", "county"))
ITEM_MONTH = Grain("analytics_itemmonth", ("item_id", "county", "channel", "party"), monthly=True)
CODES = ("n", "x")
CODE_DAY = Grain("analytics_codeday", ("county", "code"), sums=CODES)
CODE_CITY = Grain("analytics_codecity", ("city", "code"), monthly=True, sums=CODES)
CODE_MONTH = Grain(
    "analytics_codemonth", ("department_id", "item_id", "code", "county"), monthly=True, sums=CODES
)
CODE_WINDOW = Grain(
    "analytics_codewindow",
    ("window_id", "code", "county"),
    monthly=True,
    sums=CODES,
    needs="window_id",
)
# one statement folds them all; those of codes count codes instead of ratings
GRAINS = (
    PLACE_DAY, PLACE_MONTH, CITY_DAY, CITY_MONTH, HOUR_DAY, HOUR_CITY, DEPARTMENT_DAY,
    DEPARTMENT_MONTH, DEPARTMENT_WHOLE, WINDOW_DAY, WINDOW_MONTH, WINDOW_WHOLE, STAFF_MONTH,
    ITEM_DAY, ITEM_MONTH, ITEM_WHOLE, CODE_DAY, CODE_CITY, CODE_MONTH, CODE_WINDOW,
)  # fmt: skip
LOOP_DAY = Grain("analytics_loopday", ("department_id", "county"), sums=LOOP)
LOOP_MONTH = Grain("analytics_loopmonth", ("department_id", "county"), monthly=True, sums=LOOP)
LOOP_CITY = Grain("analytics_loopcity", ("city",), sums=LOOP)
LOOPS = (LOOP_DAY, LOOP_MONTH, LOOP_CITY)
LOOP_LENGTH = Grain(
    "analytics_looplength", ("county", "stretch", "bucket"), monthly=True, sums=("n",)
)
LENGTH_CITY = Grain(
    "analytics_lengthcity", ("city", "stretch", "bucket"), monthly=True, sums=("n",)
)
LENGTHS = (LOOP_LENGTH, LENGTH_CITY)


@dataclass(frozen=True)
class Choice:
    """The tables of days and of months that can answer, the coarsest first."""

    days: tuple[Grain, ...]
    months: tuple[Grain, ...]

    def day(self, needs: frozenset[str]) -> Grain | None:
        """Return the coarsest table of days that has these keys."""
        return next((grain for grain in self.days if needs <= set(grain.keys)), None)

    def month(self, needs: frozenset[str]) -> Grain | None:
        """Return the coarsest table of months that has these keys."""
        return next((grain for grain in self.months if needs <= set(grain.keys)), None)


OF: Mapping[Subject, Choice] = {
    Subject.PLACE: Choice((CITY_DAY, PLACE_DAY), (CITY_MONTH, PLACE_MONTH)),
    Subject.DEPARTMENT: Choice((DEPARTMENT_DAY,), (DEPARTMENT_WHOLE, DEPARTMENT_MONTH)),
    Subject.WINDOW: Choice((WINDOW_DAY,), (WINDOW_WHOLE, WINDOW_MONTH)),
    Subject.STAFF: Choice((), (STAFF_MONTH,)),
    Subject.ITEM: Choice((ITEM_DAY,), (ITEM_WHOLE, ITEM_MONTH)),
}
OF_HOURS = Choice((HOUR_DAY,), (HOUR_CITY,))
OF_CODES = Choice((CODE_DAY,), (CODE_CITY,))
OF_LOOP = Choice((LOOP_DAY,), (LOOP_MONTH,))
OF_LOOP_OF_CITIES = Choice((LOOP_CITY,), ())


@dataclass(frozen=True)
class Part:
    """A stretch of days that one table answers."""

    grain: Grain
    since: date
    until: date


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def last_of_month(day: date) -> date:
    """Return the last day of a day's month."""
    return next_month(day) - timedelta(days=1)


def whole_months(since: date, until: date) -> bool:
    """Say whether a period begins and ends with months."""
    return since == month_of(since) and until == last_of_month(until)


def plan(
    of: Choice,
    since: date,
    until: date,
    *,
    needs: frozenset[str] = frozenset(),
    settled: bool = False,
) -> tuple[Part, ...]:
    """Return the tables that together answer a period: whole months from a months' table, the days
    at its ends from a days', each day once (data design §2 "planner"); `needs` are the keys that
    they must have.

    Where no table of days has them, whole months answer: the period is widened to them, which its
    page says; where no table of months has them, days do. A `settled` question knows nothing after
    its last day: where whole months answer, one that is not over does not, but the one before it.
    """
    daily, monthly = of.day(needs), of.month(needs)
    if monthly is None:
        if daily is None:
            raise ValueError(f"no table has {sorted(needs)}")
        return (Part(daily, since, until),)
    if daily is None:
        last = last_of_month(until)
        if settled and last > until:
            last = month_of(until) - timedelta(days=1)
        # where none of its months is over, the last one that is answers
        return (Part(monthly, min(month_of(since), month_of(last)), last),)
    first = since if since == month_of(since) else next_month(since)
    after = next_month(until) if until == last_of_month(until) else month_of(until)
    if first >= after:
        return (Part(daily, since, until),)
    parts = [Part(monthly, first, after - timedelta(days=1))]
    if since < first:
        parts.append(Part(daily, since, first - timedelta(days=1)))
    if after <= until:
        parts.append(Part(daily, after, until))
    return tuple(parts)
