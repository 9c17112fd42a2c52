"""Windows, as who rates there and who judges a rating needs to know them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time

from haochaping.directory import models
from haochaping.directory.queries.lists import still_open
from haochaping.kernel.moments import LOCAL


@dataclass(frozen=True)
class WindowFacts:
    """What intake and screening need of a window."""

    id: int
    code: str
    number: str
    hall: str
    opens: time
    closes: time
    in_use: bool
    # until when which hours held, oldest first
    before: tuple[tuple[datetime, time, time], ...] = ()
    # when it was opened (True) or closed, oldest first; and since when its hall is closed
    turns: tuple[tuple[datetime, bool], ...] = ()
    hall_closed_on: date | None = None

    def in_use_at(self, at: datetime) -> bool:
        """Say whether it was in use at a moment."""
        if self.hall_closed_on is not None and at.astimezone(LOCAL).date() >= self.hall_closed_on:
            return False
        if self.hall_closed_on is not None and not self.turns:
            return True  # it is its hall that is closed now
        return next((not opened for turn, opened in self.turns if at < turn), self.in_use)

    def hours(self, at: datetime) -> tuple[time, time]:
        """Return from when until when it was open on the day of a moment."""
        return next(
            ((opens, closes) for until, opens, closes in self.before if at < until),
            (self.opens, self.closes),
        )


def window_facts(ids: set[int]) -> dict[int, WindowFacts]:
    """Return what is known of windows, by id."""
    found = models.Window.objects.filter(pk__in=ids).select_related("hall")
    before: dict[int, list[tuple[datetime, time, time]]] = defaultdict(list)
    turns: dict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    changes = models.HoursChange.objects.filter(window__in=ids, approved=True)
    for window_id, until, opens, closes, in_use in changes.order_by("decided_at").values_list(
        "window_id", "decided_at", "was_opens", "was_closes", "in_use"
    ):
        if until is not None:
            before[window_id].append((until, opens, closes))
            if in_use is not None:
                turns[window_id].append((until, in_use))
    return {
        window.pk: WindowFacts(
            window.pk,
            window.code,
            window.number,
            window.hall.name,
            window.opens,
            window.closes,
            window.in_use and window.hall.closed_on is None,
            tuple(before[window.pk]),
            tuple(turns[window.pk]),
            window.hall.closed_on,
        )
        for window in found
    }


@dataclass(frozen=True)
class At:
    """A window with whom and what a tablet shows on its idle screen."""

    id: int
    code: str
    number: str
    hall: str
    region: int
    department_id: int
    department: str
    uscc: str
    staff_id: int | None
    staff: str
    staff_number: str
    photo_at: datetime | None = None


def at_window(window_id: int, *, staff_id: int | None = None) -> At | None:
    """Return a window with its department and the person who sits there: the one that is given, or
    whom the directory has there.
    """
    window = models.Window.objects.select_related("hall", "department").filter(pk=window_id).first()
    if window is None:
        return None
    there = still_open(models.Staff.objects.defer("photo")).order_by("pk")
    by_roster = there.filter(pk=staff_id).first() if staff_id is not None else None
    sits = by_roster or there.filter(window=window).first()
    department = window.department
    who = (sits.pk, sits.name, sits.number, sits.photo_at) if sits else (None, "", "", None)
    return At(
        window.pk,
        window.code,
        window.number,
        window.hall.name,
        window.hall.region,
        department.pk,
        department.name,
        department.uscc,
        *who,
    )
