"""Keeping rosters."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import queries as people
from haochaping.identity.rules import Right
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.rosters import models, queries, rules


@transaction.atomic
def add(*, hours: rules.Hours, region: int, by: int, at: datetime) -> None:
    """Put somebody on the roster; raises Overlaps or NotAllowed."""
    people.require(by, Right.KEEP_DIRECTORY, within=region)
    _lock(hours.day)
    if any(hours.overlaps(_of(one)) for one in models.Shift.objects.filter(day=hours.day)):
        raise rules.Overlaps
    _create([hours], {hours.window_id: region})
    _record("add", region, {"window": hours.window_id, "day": hours.day.isoformat()}, by, at)


@transaction.atomic
def remove(*, shift_id: int, by: int, at: datetime) -> None:
    """Take a shift off the roster; raises NotFound or NotAllowed."""
    found = models.Shift.objects.select_for_update().filter(pk=shift_id).first()
    if found is None:
        raise NotFound
    people.require(by, Right.KEEP_DIRECTORY, within=found.region)
    if found.day < business_day(at):
        raise NotFound  # who sat there then stays known
    found.delete()
    _record("remove", found.region, {"window": found.window_id, "day": f"{found.day}"}, by, at)


@transaction.atomic
def take(*, hours: Sequence[rules.Hours], regions: Mapping[int, int], by: int, at: datetime) -> int:
    """Put a file on the roster in place of what its windows have on its days; return how many rows
    were left out: all of a window for whom somebody sits elsewhere then, and it keeps what it has.
    `regions` are of the windows.
    """
    for region in set(regions.values()):
        people.require(by, Right.KEEP_DIRECTORY, within=region)
    left = 0
    for day in sorted({one.day for one in hours}):
        _lock(day)
        todays = [one for one in hours if one.day == day]
        fit, windows = todays, {one.window_id for one in todays}
        there = [_of(one) for one in models.Shift.objects.filter(day=day)]
        while True:  # a window that keeps what it has may be in the way of another
            others = [one for one in there if one.window_id not in windows]
            stuck = {one.window_id for one in fit if any(one.overlaps(other) for other in others)}
            if not stuck:
                break
            windows -= stuck
            fit = [one for one in fit if one.window_id in windows]
        left += len(todays) - len(fit)
        models.Shift.objects.filter(day=day, window_id__in=windows).delete()
        _create(fit, regions)
    for region in sorted(set(regions.values())):
        _record("import", region, {"shifts": len(hours) - left}, by, at)
    return left


@transaction.atomic
def copy_week(
    *, windows: Mapping[int, int], staff: Collection[int], monday: date, by: int, at: datetime
) -> int:
    """Put the week before on the roster of a week, for windows (with their regions) on days to come
    that have none yet, of people who still work here; return how many shifts.
    """
    for region in set(windows.values()):
        people.require(by, Right.KEEP_DIRECTORY, within=region)
    known = {(one.window_id, one.day) for one in queries.week(windows, monday)}
    made = 0
    for one in queries.week(windows, monday - timedelta(days=queries.WEEK)):
        day = one.day + timedelta(days=queries.WEEK)
        hours = rules.Hours(one.window_id, one.staff_id, day, one.begins, one.ends)
        gone = day < business_day(at)  # who sat there then stays known
        if gone or (one.window_id, day) in known or one.staff_id not in staff:
            continue
        _lock(day)
        if any(hours.overlaps(_of(other)) for other in models.Shift.objects.filter(day=day)):
            continue
        _create([hours], windows)
        made += 1
    if made:
        _record("copy", min(windows.values()), {"monday": f"{monday}", "shifts": made}, by, at)
    return made


def move(*, windows: Collection[int], region: int) -> None:
    """Have the shifts of windows be where those are now."""
    models.Shift.objects.filter(window_id__in=windows).update(region=region)


def _of(one: models.Shift) -> rules.Hours:
    return rules.Hours(one.window_id, one.staff_id, one.day, one.begins, one.ends)


def _lock(day: date) -> None:
    """Have one writer of a day at a time, so that no two put what overlaps."""
    rows("SELECT pg_advisory_xact_lock(hashtext('rosters'), $1)", day.toordinal())


def _create(hours: Sequence[rules.Hours], regions: Mapping[int, int]) -> None:
    models.Shift.objects.bulk_create(
        models.Shift(
            window_id=one.window_id,
            staff_id=one.staff_id,
            region=regions[one.window_id],
            day=one.day,
            begins=one.begins,
            ends=one.ends,
        )
        for one in hours
    )


def _record(verb: str, region: int, details: Mapping[str, object], by: int, at: datetime) -> None:
    audit.record(
        subject="roster", subject_id=0, verb=verb, details=details, region=region, by=by, at=at
    )
