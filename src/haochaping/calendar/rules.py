"""Working days and hours 工作日历. Deadlines count them.

State Council holidays are off, make-up Saturdays and Sundays are on.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.headings import Columns
from haochaping.kernel.moments import LOCAL, parse_day
from haochaping.kernel.numbers import flag, plain
from haochaping.kernel.sheets import numbered
from haochaping.kernel.words import Words

type Span = tuple[time, time]  # from, until, by the clock of China
USUAL: tuple[Span, ...] = (
    (time(9, 0), time(12, 0)),
    (time(13, 30), time(18, 0)),
)  # with the lunch break 午休
SATURDAY = 5


@dataclass(frozen=True)
class WorkingCalendar:
    """A version of the calendar as one region sees it: the days that differ from Monday to Friday,
    and the years it knows.

    `exceptions` maps a date to True (worked although a weekend), False (off although a weekday) or
    to hours of its own (a half day 半天).
    """

    version: int
    exceptions: Mapping[date, bool | Sequence[Span]] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    usual: Sequence[Span] = USUAL

    def spans(self, day: date) -> Sequence[Span]:
        """Return the office hours of a day, none where offices are closed."""
        said = self.exceptions.get(day, day.weekday() < SATURDAY)
        return (self.usual if said else ()) if isinstance(said, bool) else said

    def works(self, day: date) -> bool:
        """Say whether offices work on this day."""
        return bool(self.spans(day))

    def knows(self, day: date) -> bool:
        """Say whether the year's holiday notice is in this version.

        If not, deadlines in it are provisional 暂定.
        """
        return day.year in self.years

    def after(self, since: datetime, working_days: int) -> datetime:
        """Return the close of the n-th working day after the day of `since` (n ≥ 1)."""
        day = since.astimezone(LOCAL).date()
        left = working_days
        while left > 0:
            day += timedelta(days=1)
            left -= self.works(day)
        return datetime.combine(day, self.spans(day)[-1][1], tzinfo=LOCAL)

    def opening(self, of: datetime, working_days: int) -> datetime:
        """Return when offices open on the n-th working day from the day of `of`.

        Before it (n < 0), itself or the next (0), after it (n > 0).
        """
        day, step = of.astimezone(LOCAL).date(), -1 if working_days < 0 else 1
        left = abs(working_days)
        while left > 0 or not self.works(day):
            day += timedelta(days=step)
            left -= self.works(day)
        return datetime.combine(day, self.spans(day)[0][0], tzinfo=LOCAL)

    def after_hours(self, since: datetime, hours: float) -> datetime:
        """Return the moment when so many office hours have passed.

        Nights, lunch breaks and days off do not count.
        """
        left, moment = timedelta(hours=hours), since.astimezone(LOCAL)
        while True:
            for begin, end in self.spans(moment.date()):
                start = max(moment, datetime.combine(moment.date(), begin, tzinfo=LOCAL))
                stop = datetime.combine(moment.date(), end, tzinfo=LOCAL)
                if stop - start >= left:
                    return start + left
                left -= max(stop - start, timedelta(0))
            moment = datetime.combine(moment.date() + timedelta(days=1), time(0), tzinfo=LOCAL)

    def is_open(self, at: datetime) -> bool:
        """Say whether offices work at this moment."""
        local = at.astimezone(LOCAL)
        return any(begin <= local.time() < end for begin, end in self.spans(local.date()))


def parse_hours(text: str) -> tuple[Span, ...]:
    """Read `09:00-12:00,13:30-18:00`.

    Raises ValueError unless spans are in order and do not overlap.
    """
    spans: list[Span] = []
    said = plain(text).translate(_MARKS)  # full-width digits and marks as half-width ones
    for part in said.split(","):
        begin, end = (_hour(edge.strip()) for edge in part.split("-"))
        if begin >= end or (spans and begin < spans[-1][1]):
            raise ValueError(text)
        spans.append((begin, end))
    return tuple(spans)


_MARKS = str.maketrans({"–": "-", "—": "-", "~": "-", "至": "-", "、": ",", ";": ","})
_HOUR = re.compile(r"(\d{1,2}):(\d{2})(?::00)?", re.ASCII)


def _hour(text: str) -> time:
    """Return a time of the day as people and spreadsheets write it; raises ValueError."""
    found = _HOUR.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return time(int(found[1]), int(found[2]))


def write_hours(spans: Sequence[Span]) -> str:
    """Write spans as `parse_hours` reads them."""
    return ",".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in spans)


def remaining(due: datetime | None, at: datetime) -> tuple[str, Words]:
    """Return how pressing a deadline is (`none`, `calm`, `soon`, `late`) and the words.

    还剩 5 小时 28 分.
    """
    if due is None:
        return "none", Words("—", "—")
    left = due - at
    span = abs(left)
    if span >= timedelta(days=2):
        words = Words(f"{span.days} 天", f"{span.days} d")
    elif span >= timedelta(hours=1):
        hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
        words = Words(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    else:
        minutes = int(span.total_seconds()) // 60
        words = Words(f"{minutes} 分钟", f"{minutes} min")
    if left < timedelta(0):
        return "late", Words(f"超期 {words.zh}", f"{words.en} late")
    return ("soon" if left < timedelta(hours=4) else "calm"), Words(
        f"还剩 {words.zh}", f"{words.en} left"
    )


_COLUMNS = (("日期", "date"), ("上班", "works"), ("时段", "hours"), ("地区", "region"))
COLUMNS = Columns(
    frozenset(name for pair in _COLUMNS for name in pair),
    needed=(("日期", "date", "地区", "region"),),
)


@dataclass(frozen=True)
class Change:
    """A day that differs; no day: the usual hours of a region."""

    region: int
    day: date | None
    works: bool
    hours: str


class BadCalendar(Refusal):
    """A row of an imported calendar cannot be read."""

    code = "bad_calendar"


def read_changes(rows: Iterable[Mapping[str, str]]) -> list[Change]:
    """Read the rows of a table 日期/date, 上班/works, 时段/hours, 地区/region.

    No date: the usual hours of the region. No region: the whole country. Raises BadCalendar naming
    the row.
    """
    changes = []
    for number, row in numbered(rows):
        try:
            changes.append(_read_change(row))
        except ValueError:
            says = Words(
                f"第 {number} 行读不懂：日期如 2027-02-06，上班填 1 或 0，时段如 09:00-12:00。",
                f"Row {number} cannot be read: date like 2027-02-06, works 1 or 0, hours like "
                "09:00-12:00.",
            )
            raise BadCalendar(says) from None
    return changes


LONGEST_HOURS = 60  # characters of a day's spans as they are kept


def _read_change(row: Mapping[str, str]) -> Change:
    day_text, works, hours, region = (
        (row.get(zh) or row.get(en) or "").strip() for zh, en in _COLUMNS
    )
    day = parse_day(day_text) if day_text else None
    if day_text and day is None:
        raise ValueError(day_text)
    if hours:
        hours = write_hours(parse_hours(hours))
    if len(hours) > LONGEST_HOURS:
        raise ValueError(hours)
    open_ = flag(works) if works else None  # an empty one is neither
    if (day is None and not hours) or (day is not None and open_ is None):
        raise ValueError(works)
    place = int(region.ljust(12, "0")) if region else 0
    return Change(place, day, bool(open_) or day is None, hours)


# what the audit trail calls what is done here
TRAIL: Trail = {
    "calendar": Subject(
        Words("工作日历", "calendar"),
        {
            "propose": Words("提议工作日历", "Proposed working days"),
            "import": Words("启用工作日历", "Put working days in force"),
            "reject": Words("退回工作日历", "Rejected working days"),
        },
    )
}
