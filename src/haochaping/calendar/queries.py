"""The working calendar as a region sees it."""

from datetime import date
from functools import cache

from haochaping.calendar.models import CalendarDay, CalendarHours, CalendarProposal, CalendarVersion
from haochaping.calendar.rules import USUAL, Span, WorkingCalendar, parse_hours
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, county_of
from haochaping.regions.rules import above as regions_above


def current(region: int = 0) -> WorkingCalendar:
    """Return the newest version as a region sees it.

    Before any was seeded, plain Monday to Friday as version 0.
    """
    latest = CalendarVersion.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _version(latest, county_of(region)) if latest else WorkingCalendar(0)


def proposals(scope: tuple[int, int]) -> list[CalendarProposal]:
    """Return the changes that wait for a second person, of a range of regions or all of it."""
    low, high = scope
    return [
        one
        for one in CalendarProposal.objects.filter(decided_at=None).order_by("pk")
        if all(low <= (region or PROVINCE_OF_THE_PLATFORM) <= high for region in one.regions)
    ]


@cache
def _version(number: int, region: int) -> WorkingCalendar:
    version = CalendarVersion.objects.get(pk=number)
    above = [0, *regions_above(region)]
    found: dict[int, dict[date, bool | tuple[Span, ...]]] = {place: {} for place in above}
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
    return WorkingCalendar(number, exceptions, frozenset(version.years), usual)
