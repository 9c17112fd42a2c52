"""Loading the working-day calendar, seeding it from the State Council's notices as the
`chinesecalendar` package carries them, changing it.

A version is never changed: a correction is a new version, and deadlines that were computed from an
older one stay (trust design §4.2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db import transaction

from haochaping.kernel.calendar import USUAL, WorkingCalendar, parse_hours
from haochaping.kernel.errors import Refusal
from haochaping.kernel.models import CalendarDay, CalendarHours, CalendarVersion
from haochaping.kernel.words import Words

_SATURDAY = 5
_ZEROS = (10, 8, 6)  # a province, a city, a county may have days of its own


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


@transaction.atomic
def seed(*, at: datetime) -> int:
    """Make a version from the package unless a version from it is there that says the same.

    Return the latest version's number.
    """
    import chinese_calendar  # noqa: PLC0415 - only seeding needs the package's tables
    from chinese_calendar.constants import holidays, workdays  # noqa: PLC0415 - as above

    exceptions = {day: False for day in holidays if day.weekday() < _SATURDAY} | {
        day: True for day in workdays if day.weekday() >= _SATURDAY
    }
    latest = CalendarVersion.objects.order_by("-pk").first()
    said = (
        {}
        if latest is None
        else dict(CalendarDay.objects.filter(version=latest, region=0).values_list("day", "works"))
    )
    if latest is not None and exceptions.items() <= said.items():
        return latest.pk
    changes = [
        Change(0, day, works, "") for day, works in exceptions.items() if said.get(day) is not works
    ]
    source = f"chinesecalendar {getattr(chinese_calendar, '__version__', '')}".strip()
    return amend(changes=changes, years={day.year for day in holidays}, source=source, at=at)


@transaction.atomic
def amend(*, changes: Iterable[Change], years: set[int], source: str, at: datetime) -> int:
    """Make a new version: the latest one with these changes. Return its number."""
    latest = CalendarVersion.objects.order_by("-pk").first()
    days = (
        {
            (row.region, row.day): (row.works, row.hours)
            for row in CalendarDay.objects.filter(version=latest)
        }
        if latest
        else {}
    )
    hours = (
        dict(CalendarHours.objects.filter(version=latest).values_list("region", "hours"))
        if latest
        else {}
    )
    for change in changes:
        if change.day is None:
            hours[change.region] = change.hours
        else:
            days[change.region, change.day] = change.works, change.hours
    known = sorted(years | set(latest.years if latest else ()))
    version = CalendarVersion.objects.create(source=source[:120], made_at=at, years=known)
    rows = [
        CalendarDay(version=version, region=region, day=day, works=w, hours=h)
        for (region, day), (w, h) in sorted(days.items())
    ]
    CalendarDay.objects.bulk_create(rows)
    CalendarHours.objects.bulk_create(
        CalendarHours(version=version, region=region, hours=text)
        for region, text in sorted(hours.items())
    )
    return version.pk


def current(region: int = 0) -> WorkingCalendar:
    """Return the newest version as a region sees it.

    Before any was seeded, plain Monday to Friday as version 0.
    """
    latest = CalendarVersion.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _version(latest, region // 10**6 * 10**6) if latest else WorkingCalendar(0)


@cache
def _version(number: int, region: int) -> WorkingCalendar:
    version = CalendarVersion.objects.get(pk=number)
    above = [0, *(region // 10**zeros * 10**zeros for zeros in _ZEROS)]
    found: dict[int, dict[date, bool | tuple[tuple[object, object], ...]]] = {
        place: {} for place in above
    }
    for row in CalendarDay.objects.filter(version=version, region__in=above):
        found[row.region][row.day] = (
            parse_hours(row.hours) if row.works and row.hours else row.works
        )
    exceptions = {
        day: said for place in above for day, said in found[place].items()
    }  # the nearest region speaks last
    hours = dict(
        CalendarHours.objects.filter(version=version, region__in=above).values_list(
            "region", "hours"
        )
    )
    usual = next((parse_hours(hours[place]) for place in reversed(above) if place in hours), USUAL)
    return WorkingCalendar(number, exceptions, frozenset(version.years), usual)  # type: ignore[arg-type]


def read_changes(rows: Iterable[Mapping[str, str]]) -> list[Change]:
    """Read the rows of a table 日期/date, 上班/works, 时段/hours, 地区/region; raises BadCalendar
    naming the row.

    No date: the usual hours of the region. No region: the whole country.
    """
    changes = []
    for number, row in enumerate(rows, 2):
        date_text, works, hours, region = (
            (row.get(zh) or row.get(en) or "").strip()
            for zh, en in (
                ("日期", "date"),
                ("上班", "works"),
                ("时段", "hours"),
                ("地区", "region"),
            )
        )
        try:
            day = date.fromisoformat(date_text.replace("/", "-")) if date_text else None
            if hours:
                parse_hours(hours)
            if (day is None and not hours) or (
                day is not None and works not in ("1", "0", "是", "否")
            ):
                raise ValueError(works)
            changes.append(
                Change(
                    int(region.ljust(12, "0")) if region else 0,
                    day,
                    works in ("1", "是") or day is None,
                    hours,
                )
            )
        except ValueError:
            says = Words(
                f"第 {number} 行读不懂：日期如 2027-02-06，上班填 1 或 0，时段如 09:00-12:00。",
                f"Row {number} cannot be read: date like 2027-02-06, works 1 or 0, hours like "
                "09:00-12:00.",
            )
            raise BadCalendar(says) from None
    return changes
