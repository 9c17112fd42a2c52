"""Working days 工作日. Deadlines count them: State Council holidays are off, make-up Saturdays and Sundays are on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from haochaping.kernel.moments import LOCAL

CLOSING_TIME = time(18, 0)  # a deadline ends with the office day
_SATURDAY = 5


@dataclass(frozen=True)
class WorkingCalendar:
    """A version of the calendar: the days on which it differs from Monday to Friday, and the years it knows.

    `exceptions` maps a date to True (worked although a weekend) or False (off although a weekday).
    """

    version: int
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def works(self, day: date) -> bool:
        """Say whether offices work on this day."""
        return self.exceptions.get(day, day.weekday() < _SATURDAY)

    def knows(self, day: date) -> bool:
        """Say whether the year's holiday notice is in this version; if not, deadlines in it are provisional."""
        return day.year in self.years

    def after(self, since: datetime, working_days: int) -> datetime:
        """Return the close of the n-th working day after the day of `since` (n ≥ 1)."""
        day = since.astimezone(LOCAL).date()
        left = working_days
        while left > 0:
            day += timedelta(days=1)
            left -= self.works(day)
        return datetime.combine(day, CLOSING_TIME, tzinfo=LOCAL)
