"""Periods: a day, week, month, quarter or year, the one before, and the same of last year."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from haochaping.analytics.rules.grains import last_of_month, month_of
from haochaping.kernel.moments import parse_day
from haochaping.kernel.words import Words


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


SPANS: dict[Span, Words] = {
    Span.DAY: Words("日", "Day"),
    Span.WEEK: Words("周", "Week"),
    Span.MONTH: Words("月", "Month"),
    Span.QUARTER: Words("季", "Quarter"),
    Span.YEAR: Words("年", "Year"),
}
_MONTHS = {Span.MONTH: 1, Span.QUARTER: 3, Span.YEAR: 12}
FIRST = date(2018, 1, 1)
_TOO_FEW = timedelta(days=7)


def _shift(day: date, months: int) -> date:
    """Return the first day of the month so many months away."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


@dataclass(frozen=True)
class Period:
    """A period by the calendar; weeks begin on Monday."""

    span: Span
    since: date

    @property
    def until(self) -> date:
        """The last day."""
        if self.span in _MONTHS:
            return last_of_month(_shift(self.since, _MONTHS[self.span] - 1))
        return self.since + timedelta(days=0 if self.span is Span.DAY else 6)

    @property
    def previous(self) -> "Period":
        """The one before it 环比."""
        return containing(self.span, self.since - timedelta(days=1))

    @property
    def following(self) -> "Period":
        """The one after it."""
        return containing(self.span, self.until + timedelta(days=1))

    @property
    def last_year(self) -> "Period":
        """The same of the year before 同比; a week is the one 52 weeks before."""
        if self.span in _MONTHS:
            return Period(self.span, _shift(self.since, -12))
        return Period(self.span, self.since - timedelta(days=364))

    def over(self, today: date) -> bool:
        """Say whether it is complete."""
        return self.until < today

    def up_to(self, other: "Period", today: date) -> tuple[date, date]:
        """Return its first days, as far as another one that is not over has come: what that is
        fairly compared with. Of a year to the same day of the calendar, which a 29th of February
        does not move.
        """
        last = min(other.until, today)
        if self.span is Span.YEAR:
            day = min(last.day, last_of_month(date(self.since.year, last.month, 1)).day)
            return self.since, date(self.since.year, last.month, day)
        gone = max((last - other.since).days, 0)
        return self.since, min(self.until, self.since + timedelta(days=gone))

    @property
    def tick(self) -> str:
        """What stands below it on a chart."""
        day = self.since
        if self.span is Span.QUARTER:
            return f"{day:%y}Q{(day.month + 2) // 3}"
        if self.span is Span.YEAR:
            return f"{day:%Y}"
        return f"{day:%y-%m}" if self.span is Span.MONTH else f"{day:%m-%d}"

    @property
    def name(self) -> Words:
        """Its name in both languages."""
        day = self.since
        match self.span:
            case Span.DAY:
                return Words(f"{day.year}年{day.month}月{day.day}日", f"{day:%d %b %Y}")
            case Span.WEEK:
                year, week, _ = day.isocalendar()
                return Words(f"{year}年第{week}周", f"week {week} of {year}")
            case Span.MONTH:
                return Words(f"{day.year}年{day.month}月", f"{day:%b %Y}")
            case Span.QUARTER:
                quarter = (day.month + 2) // 3
                return Words(f"{day.year}年第{quarter}季度", f"Q{quarter} {day.year}")
        return Words(f"{day.year}年", f"{day.year}")


def containing(span: Span, day: date) -> Period:
    """Return the period of a length in which a day lies."""
    match span:
        case Span.WEEK:
            return Period(span, day - timedelta(days=day.weekday()))
        case Span.MONTH:
            return Period(span, month_of(day))
        case Span.QUARTER:
            return Period(span, date(day.year, (day.month - 1) // 3 * 3 + 1, 1))
        case Span.YEAR:
            return Period(span, date(day.year, 1, 1))
    return Period(span, day)


def read(span: str, day: str, today: date) -> Period:
    """Read a period as an address names it; what cannot be read, or lies ahead or before 2018, is
    this month. Who names nothing sees this month once a week of it is over and the month before
    until then: of a few days too little can be said.
    """
    if not (span or day):
        return containing(Span.MONTH, today - _TOO_FEW)
    length = Span(span) if span in set(Span) else Span.MONTH
    given = parse_day(day) or today
    return containing(length, given if FIRST <= given <= today else today)


def run(period: Period, back: int) -> list[Period]:
    """Return the periods that lead up to one, the oldest first, itself last."""
    found = [period]
    while len(found) < back and found[-1].previous.since >= FIRST:
        found.append(found[-1].previous)
    return found[::-1]
