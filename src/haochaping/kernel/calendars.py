"""Loading the working-day calendar, and seeding it from the State Council's notices as the `chinesecalendar` package carries them."""

from datetime import datetime
from functools import cache

from django.db import transaction

from haochaping.kernel.calendar import WorkingCalendar
from haochaping.kernel.models import CalendarDay, CalendarVersion

_SATURDAY = 5


@transaction.atomic
def seed(*, at: datetime) -> int:
    """Make a version from the package unless the latest one is the same; return the version's number."""
    import chinese_calendar  # noqa: PLC0415 - only seeding needs the package's tables
    from chinese_calendar.constants import holidays, workdays  # noqa: PLC0415 - as above

    exceptions = {day: False for day in holidays if day.weekday() < _SATURDAY} | {day: True for day in workdays if day.weekday() >= _SATURDAY}
    latest = CalendarVersion.objects.order_by("-pk").first()
    if latest is not None and dict(latest.calendarday_set.values_list("day", "works")) == exceptions:
        return latest.pk
    years = sorted({day.year for day in holidays})
    version = CalendarVersion.objects.create(
        source=f"chinesecalendar {getattr(chinese_calendar, '__version__', '')}".strip(), made_at=at, years=years
    )
    CalendarDay.objects.bulk_create(CalendarDay(version=version, day=day, works=works) for day, works in sorted(exceptions.items()))
    return version.pk


def current() -> WorkingCalendar:
    """Return the newest version; before any was seeded, plain Monday to Friday as version 0."""
    latest = CalendarVersion.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _version(latest) if latest else WorkingCalendar(0)


@cache
def _version(number: int) -> WorkingCalendar:
    version = CalendarVersion.objects.get(pk=number)
    days = dict(CalendarDay.objects.filter(version=version).values_list("day", "works"))
    return WorkingCalendar(number, days, frozenset(version.years))
