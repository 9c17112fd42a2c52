"""What a roster may say: hours that do not overlap, of windows and people that are known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.headings import Columns
from haochaping.kernel.moments import day_of
from haochaping.kernel.sheets import numbered
from haochaping.kernel.words import Words, chinese

MOST_ROWS = 5_000  # of a file
UNDO = timedelta(days=7)  # within which a file can be taken back
_AHEAD = timedelta(days=366)
COLUMNS = Columns(
    frozenset({"window", "staff", "day", "begins", "ends"}),
    needed=(("window",), ("staff",), ("day",)),
    also={
        chinese("窗口编码"): "window",
        chinese("工号"): "staff",
        chinese("日期"): "day",
        chinese("起"): "begins",
        chinese("止"): "ends",
    },
)


@dataclass(frozen=True)
class Hours:
    """Somebody's hours at a window, both by id."""

    window_id: int
    staff_id: int
    day: date
    begins: time
    ends: time

    def overlaps(self, other: "Hours") -> bool:
        """Say whether two would sit at one window, or one person at two windows, at once."""
        same = self.window_id == other.window_id or self.staff_id == other.staff_id
        at_once = self.begins < other.ends and other.begins < self.ends
        return self.day == other.day and same and at_once


type Told = list[int | str]  # an Hours as it is kept


def as_told(hours: Hours) -> Told:
    """Return hours as they are kept to be undone."""
    times = f"{hours.begins:%H:%M:%S}", f"{hours.ends:%H:%M:%S}"
    return [hours.window_id, hours.staff_id, str(hours.day), *times]


def told(kept: Told) -> Hours:
    """Return hours that were kept."""
    window, staff, day, begins, ends = kept
    hours = time.fromisoformat(str(begins)), time.fromisoformat(str(ends))
    return Hours(int(window), int(staff), date.fromisoformat(str(day)), *hours)


def kept_by_others(wanted: Mapping[int, Sequence[Hours]], there: Iterable[Hours]) -> set[int]:
    """Return which windows cannot have the hours that are wanted for them on a day, because who
    would sit there sits elsewhere; a window that keeps what it has may be in the way of another.
    """
    there, stays = list(there), set[int]()
    while True:
        others = [one for one in there if one.window_id not in wanted or one.window_id in stays]
        more = {
            window
            for window, hours in wanted.items()
            if window not in stays and any(one.overlaps(other) for one in hours for other in others)
        }
        if not more:
            return stays
        stays |= more


@dataclass(frozen=True)
class RowError:
    """Why a row of a file was refused; the heading is line 1."""

    number: int
    says: Words


class BadShift(Refusal):
    """Hours that nobody can keep."""

    code = "bad_shift"
    says = Words(
        "请填写本大厅的窗口、在职人员的工号、今天起一年内的日期，止要晚于起。",
        "Name a window of this hall, the number of somebody who works here, a day from today on "
        "within a year; the end is after the beginning.",
    )


class Overlaps(Conflict):
    """Two at one window, or one at two windows."""

    code = "shifts_overlap"
    says = Words(
        "与已有班次冲突：该窗口或该人员在这段时间已有安排，请先删除。",
        "The window or the person has another shift in these hours; remove that first.",
    )


class TooLong(Refusal):
    """A file of more rows than a person has checked."""

    code = "roster_too_long"
    says = Words(
        f"一次最多 {MOST_ROWS} 行，请分批导入。", f"{MOST_ROWS} rows at most; import in parts."
    )


_UNKNOWN_WINDOW = Words("没有这个窗口，或不在您的范围", "No such window within your place")
_UNKNOWN_STAFF = Words("没有这个工号，或已离岗", "Nobody works here under this number")
_NO_DAY = Words(
    "日期应为今天起一年内的 2026-12-01", "The day must be like 2026-12-01, from today on"
)
_NO_TIME = Words(
    "起止应为 09:00 这样的时间，止晚于起", "Times like 09:00, the end after the beginning"
)
_TWICE = Words(
    "与文件中另一行冲突：同一窗口或同一人员时间重叠",
    "Another row has the same window or person in these hours",
)


def read(
    rows: Iterable[Mapping[str, str]],
    windows: Mapping[str, int],
    staff: Mapping[str, int],
    today: date,
) -> tuple[list[Hours], list[RowError]]:
    """Return the good rows of a file, and why the others are not; windows and staff by code."""
    good, errors = list[Hours](), list[RowError]()
    there: dict[tuple[str, int, date], list[Hours]] = {}  # by window and day, and by person and day
    for number, row in numbered(rows):
        if number > MOST_ROWS + 1:
            raise TooLong
        found = _hours(row, windows, staff, today)
        if isinstance(found, Words):
            errors.append(RowError(number, found))
            continue
        sides = [
            there.setdefault(side, [])
            for side in (("w", found.window_id, found.day), ("s", found.staff_id, found.day))
        ]
        if any(found.overlaps(one) for side in sides for one in side):
            errors.append(RowError(number, _TWICE))
            continue
        good.append(found)
        for side in sides:
            side.append(found)
    return good, errors


def hours(
    row: Mapping[str, str], windows: Mapping[str, int], staff: Mapping[str, int], today: date
) -> Hours:
    """Read one shift; raises BadShift."""
    found = _hours(row, windows, staff, today)
    if isinstance(found, Words):
        raise BadShift
    return found


def _hours(
    row: Mapping[str, str], windows: Mapping[str, int], staff: Mapping[str, int], today: date
) -> Hours | Words:
    window, who = (
        windows.get(row.get("window", "").strip()),
        staff.get(row.get("staff", "").strip()),
    )
    day = day_of(row.get("day", "").strip())
    begins, ends = _time(row.get("begins", ""), time(9)), _time(row.get("ends", ""), time(17))
    if window is None:
        return _UNKNOWN_WINDOW
    if who is None:
        return _UNKNOWN_STAFF
    if day is None or not today <= day <= today + _AHEAD:
        return _NO_DAY
    if begins is None or ends is None or ends <= begins:
        return _NO_TIME
    return Hours(window, who, day, begins, ends)


def elsewhere(left: int) -> Words:
    """Say how many rows were left out because their person sits at another window then."""
    return Words(
        f"{left} 行未导入：该人员同一时间已排在其他窗口",
        f"{left} rows were left out: the person sits at another window in these hours",
    )


def _time(text: str, otherwise: time) -> time | None:
    if not text.strip():
        return otherwise
    try:
        return time.fromisoformat(text.strip().zfill(5)[:8]).replace(tzinfo=None)
    except ValueError:
        return None


TRAIL: Trail = {
    "roster": Subject(
        Words("排班", "roster"),
        {
            "add": Words("排班", "Put on the roster"),
            "remove": Words("删除班次", "Removed a shift"),
            "import": Words("导入排班", "Imported a roster"),
            "undo": Words("撤销导入排班", "Undid an import of a roster"),
            "copy": Words("复制上周排班", "Copied the week before"),
        },
    )
}
