"""Seeding the working calendar and changing it.

A version is never changed: a correction is a new version, and deadlines that were computed from an
older one stay (trust design §4.2).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.calendar.models import CalendarDay, CalendarHours, CalendarProposal, CalendarVersion
from haochaping.calendar.rules import SATURDAY, BadCalendar, Change, read_changes
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right, SamePerson
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.errors import NotFound
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
        subject_id=0,  # of no proposal: their numbers are others
        verb="import",
        details={"version": number, "rows": len(changes)},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    return number


@transaction.atomic
def propose(*, rows: Iterable[Mapping[str, str]], source: str, by: int, at: datetime) -> int:
    """Propose changes of the working calendar from an imported table; return the proposal's id.

    Nothing holds before a second person has confirmed it: whatever moves deadlines needs two.
    Whoever's region is a city may change its own days only; the whole country's are changed for the
    province. Raises BadCalendar.
    """
    changes = read_changes(rows)
    if not changes:
        raise BadCalendar(Words("文件里没有内容。", "The file holds no rows."))
    regions = sorted({change.region for change in changes})
    _require(regions, by)
    proposal = CalendarProposal.objects.create(
        regions=regions,
        changes=[_written(change) for change in changes],
        source=source.strip()[:120],
        proposed_by=by,
        proposed_at=at,
    )
    _record(proposal, "propose", {"rows": len(changes), "changes": proposal.changes[:20]}, by, at)
    return proposal.pk


@transaction.atomic
def decide(*, proposal_id: int, approve: bool, by: int, at: datetime) -> int:
    """Make a new version of a proposal, or drop it; return the version's number, 0 for none.

    Old deadlines stay. Raises SamePerson where its proposer would confirm it, NotFound where it is
    decided already.
    """
    proposal = (
        CalendarProposal.objects.select_for_update().filter(pk=proposal_id, decided_at=None).first()
    )
    if proposal is None:
        raise NotFound
    _require(proposal.regions, by)
    if approve and by == proposal.proposed_by and by != SYSTEM:
        raise SamePerson
    proposal.decided_by, proposal.decided_at = by, at
    if approve:
        changes = [_read(one) for one in proposal.changes]
        years = {change.day.year for change in changes if change.day and change.region == 0}
        number = _amend(changes, years, proposal.source or "import", at)
        proposal.version_id = number
    proposal.save(update_fields=["decided_by", "decided_at", "version"])
    verb = "import" if approve else "reject"
    _record(proposal, verb, {"version": proposal.version_id, "rows": len(proposal.changes)}, by, at)
    return proposal.version_id or 0


def _require(regions: Iterable[int], by: int) -> None:
    for region in regions:
        identity.require(by, Right.KEEP_POLICY, within=region or PROVINCE_OF_THE_PLATFORM)


def _record(
    proposal: CalendarProposal, verb: str, details: Mapping[str, object], by: int, at: datetime
) -> None:
    """Leave a row in the trail of every region that is touched."""
    entries = [
        ("calendar", proposal.pk, verb, details, region or PROVINCE_OF_THE_PLATFORM)
        for region in proposal.regions
    ]
    audit.record_many(entries=entries, by=by, at=at)


def _written(change: Change) -> list[object]:
    return [change.region, change.day and change.day.isoformat(), change.works, change.hours]


def _read(change: Sequence[Any]) -> Change:
    region, day, works, hours = change
    return Change(region, date.fromisoformat(day) if day else None, works, hours)


def _amend(changes: Iterable[Change], years: set[int], source: str, at: datetime) -> int:
    """Make a new version: the latest one with these changes. Return its number."""
    one_at_a_time("calendar")  # two at once would each leave out what the other changes
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
