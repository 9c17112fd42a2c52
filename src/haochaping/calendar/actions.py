"""Seeding the working calendar and changing it.

A version is never changed: a correction is a new version, and deadlines that were computed from an
older one stay (trust design §4.2).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.calendar.models import CalendarDay, CalendarHours, CalendarVersion
from haochaping.calendar.rules import SATURDAY, BadCalendar, Change, read_changes
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.words import Words
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@transaction.atomic
def seed(*, by: int, at: datetime) -> int:
    """Make a version from the package unless a version from it is there that says the same.

    Return the latest version's number.
    """
    import chinese_calendar  # noqa: PLC0415 - only seeding needs the package's tables
    from chinese_calendar.constants import holidays, workdays  # noqa: PLC0415 - as above

    exceptions = {day: False for day in holidays if day.weekday() < SATURDAY} | {
        day: True for day in workdays if day.weekday() >= SATURDAY
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
    number = _amend(changes, {day.year for day in holidays}, source, at)
    audit.record(
        subject="calendar",
        subject_id=number,
        verb="import",
        details={"version": number, "rows": len(changes)},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    return number


@transaction.atomic
def change(*, rows: Iterable[Mapping[str, str]], source: str, by: int, at: datetime) -> int:
    """Make a new version of the working calendar from an imported table; return its number.

    Old deadlines stay. Whoever's region is a city may change its own days only; the whole country's
    are changed for the province. Raises BadCalendar.
    """
    changes = read_changes(rows)
    if not changes:
        raise BadCalendar(Words("文件里没有内容。", "The file holds no rows."))
    for region in {change.region for change in changes}:
        identity.require(by, Right.KEEP_POLICY, within=region or PROVINCE_OF_THE_PLATFORM)
    years = {change.day.year for change in changes if change.day and change.region == 0}
    number = _amend(changes, years, source or "import", at)
    audit.record(
        subject="calendar",
        subject_id=number,
        verb="import",
        details={"version": number, "rows": len(changes)},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    return number


def _amend(changes: Iterable[Change], years: set[int], source: str, at: datetime) -> int:
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
