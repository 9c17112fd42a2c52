"""Who sits where."""

from collections.abc import Callable, Collection
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


def replaced(hours: Collection[rules.Hours]) -> int:
    """Return how many shifts a file would take the place of."""
    days: dict[date, set[int]] = {}
    for one in hours:
        days.setdefault(one.day, set()).add(one.window_id)
    there = models.Shift.objects.filter(day__in=days).values_list("day", "window_id")
    return sum(window in days[day] for day, window in there)


def to_undo(covers: Callable[[int], bool], at: datetime, limit: int = 5) -> list[models.Taken]:
    """Return the last files that can be taken back, within somebody's place."""
    found = models.Taken.objects.filter(undone_at=None, at__gte=at - rules.UNDO).order_by("-at")
    return [one for one in found[:50] if covers(one.low) and covers(one.high)][:limit]


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
