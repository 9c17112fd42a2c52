"""Who sits where."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from haochaping.directory import queries as directory
from haochaping.kernel.moments import LOCAL
from haochaping.rosters import models, rules

WEEK = 7  # days


def week(window_ids: Collection[int], monday: date) -> list[models.Shift]:
    """Return the shifts of windows in a week."""
    days = (monday, monday + timedelta(days=WEEK - 1))
    found = models.Shift.objects.filter(window_id__in=window_ids, day__range=days)
    return list(found.order_by("day", "begins"))


def of_day(day: date) -> list[rules.Hours]:
    """Return all shifts of a day."""
    found = models.Shift.objects.filter(day=day)
    columns = ("window_id", "staff_id", "day", "begins", "ends")
    return [rules.Hours(*row) for row in found.values_list(*columns)]


def fitting(hours: Sequence[rules.Hours], day: date) -> tuple[list[rules.Hours], list[rules.Hours]]:
    """Return which hours of a day can take the place of what their windows have, and what that is;
    none of a window for whom somebody sits elsewhere then.
    """
    wanted: dict[int, list[rules.Hours]] = {}
    for one in hours:
        if one.day == day:
            wanted.setdefault(one.window_id, []).append(one)
    there = of_day(day)
    windows = wanted.keys() - rules.kept_by_others(wanted, there)
    fit = [one for window in wanted if window in windows for one in wanted[window]]
    return fit, [one for one in there if one.window_id in windows]


def to_undo(scope: tuple[int, int], at: datetime, limit: int = 5) -> list[models.Taken]:
    """Return the last files that can be taken back, within somebody's place."""
    found = models.Taken.objects.filter(undone_at=None, at__gte=at - rules.UNDO)
    found = found.filter(low__gte=scope[0], high__lte=scope[1]).defer("before", "after")
    return list(found.order_by("-at")[:limit])


def on_duty(window_id: int, at: datetime) -> int | None:
    """Return who sits at a window by its roster."""
    then = at.astimezone(LOCAL)
    found = models.Shift.objects.filter(
        window_id=window_id, day=then.date(), begins__lte=then.time(), ends__gt=then.time()
    )
    return found.values_list("staff_id", flat=True).first()


def at_window(window_id: int, at: datetime) -> directory.At | None:
    """Return a window with who sat there at a moment: by its roster, else whom the directory has
    there.
    """
    return directory.at_window(window_id, staff_id=on_duty(window_id, at))
