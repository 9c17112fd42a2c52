"""Keeping rosters."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
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
    if any(hours.overlaps(one) for one in queries.of_day(hours.day)):
        raise rules.Overlaps
    _create([hours], {hours.window_id: region})
    _record("add", region, _where(hours.window_id, hours.day), by, at)


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
    _record("remove", found.region, _where(found.window_id, found.day), by, at)


def _where(window_id: int, day: date) -> dict[str, object]:
    """Return window and day as the trail tells them: by a code that people know."""
    return {"window": directory.codes_of(None, window_id)[1], "day": day.isoformat()}


@transaction.atomic
def take(*, hours: Sequence[rules.Hours], regions: Mapping[int, int], by: int, at: datetime) -> int:
    """Put a file on the roster in place of what its windows have on its days; return how many rows
    were left out: all of a window for whom somebody sits elsewhere then, and it keeps what it has.
    `regions` are of the windows.
    """
    for region in set(regions.values()):
        people.require(by, Right.KEEP_DIRECTORY, within=region)
    before, after = list[rules.Hours](), list[rules.Hours]()
    for day in sorted({one.day for one in hours}):
        _lock(day)
        fit, there = queries.fitting(hours, day)
        before += there
        after += fit
        windows = {one.window_id for one in fit}
        models.Shift.objects.filter(day=day, window_id__in=windows).delete()
        _create(fit, regions)
    left = len(hours) - len(after)
    if after:
        _keep(before, after, regions, by, at)
    for region in sorted(set(regions.values())):
        _record("import", region, {"shifts": len(hours) - left}, by, at)
    return left


def _keep(
    before: Sequence[rules.Hours],
    after: Sequence[rules.Hours],
    regions: Mapping[int, int],
    by: int,
    at: datetime,
) -> None:
    """Remember what a file took the place of; forget that of old ones."""
    models.Taken.objects.filter(at__lt=at - rules.UNDO).delete()
    models.Taken.objects.create(
        low=min(regions.values()),
        high=max(regions.values()),
        before=[rules.as_told(one) for one in before],
        after=[rules.as_told(one) for one in after],
        size=len(after),
        by=by,
        at=at,
    )


@transaction.atomic
def undo(
    *, taken_id: int, windows: Mapping[int, int], staff: Collection[int], by: int, at: datetime
) -> int:
    """Put back what a file took the place of, on days that are not over; return on how many of its
    windows' days the roster stays as it is, because somebody has changed it since, or the window or
    who sat there is gone or is elsewhere. `windows` are those of one's place that are open, with
    their regions. Raises NotFound for what is not there, older than `rules.UNDO`, undone, or
    outside one's place.
    """
    found = models.Taken.objects.select_for_update().filter(pk=taken_id, undone_at=None)
    one = found.filter(at__gte=at - rules.UNDO).first()
    reach = people.reach(by, Right.KEEP_DIRECTORY)
    if one is None or not (reach.covers(one.low) and reach.covers(one.high)):
        raise NotFound
    before, after = (_by_place(map(rules.told, kept)) for kept in (one.before, one.after))
    done = [
        (window, day)
        for day in sorted({day for _, day in after})
        if day >= business_day(at)
        for window in _back(day, before, after, windows, staff)
    ]
    one.undone_at, one.before, one.after = at, [], []
    one.save(update_fields=["undone_at", "before", "after"])
    for region in sorted({windows[window] for window, _ in done} or {one.low}):
        days = sum(windows[window] == region for window, _ in done)
        _record("undo", region, {"days": days, "left": len(after) - len(done)}, by, at)
    return len(after) - len(done)


type _Places = dict[tuple[int, date], list[rules.Hours]]  # by window and day


def _by_place(hours: Iterable[rules.Hours]) -> _Places:
    found: _Places = {}
    for one in hours:
        found.setdefault((one.window_id, one.day), []).append(one)
    return found


def _back(
    day: date, before: _Places, after: _Places, windows: Mapping[int, int], staff: Collection[int]
) -> set[int]:
    """Put a day's windows back to what they had; return which."""
    _lock(day)
    there = queries.of_day(day)
    now = _by_place(there)
    back = {
        window: before.get((window, day), [])
        for window, of_day in after
        if of_day == day
        and window in windows
        and set(now.get((window, day), ())) == set(after[window, day])
        and all(one.staff_id in staff for one in before.get((window, day), []))
    }
    done = back.keys() - rules.kept_by_others(back, there)
    models.Shift.objects.filter(day=day, window_id__in=done).delete()
    _create([one for window in sorted(done) for one in back[window]], windows)
    return done


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
        if any(hours.overlaps(one) for one in queries.of_day(day)):
            continue
        _create([hours], windows)
        made += 1
    if made:
        _record("copy", min(windows.values()), {"monday": f"{monday}", "shifts": made}, by, at)
    return made


def move(*, windows: Collection[int], region: int) -> None:
    """Have the shifts of windows be where those are now."""
    models.Shift.objects.filter(window_id__in=windows).update(region=region)


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
