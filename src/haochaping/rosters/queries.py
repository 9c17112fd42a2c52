"""Who sits where."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from haochaping.directory import queries as directory
from haochaping.kernel.moments import LOCAL
from haochaping.rosters import models

WEEK = 7  # days


def week(window_ids: Collection[int], monday: date) -> list[models.Shift]:
    """Return the shifts of windows in a week."""
    days = (monday, monday + timedelta(days=WEEK - 1))
    found = models.Shift.objects.filter(window_id__in=window_ids, day__range=days)
    return list(found.order_by("day", "begins"))


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
