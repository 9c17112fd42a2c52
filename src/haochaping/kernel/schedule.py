"""What is done again and again: beside its work a room says how often (`@every`), the worker runs
it (`site/clockwork.py`).

A schedule is cut into slots, one each period, and whatever has not been done in the slot of this
moment is due. So a clock that is set back leaves nothing silent until the old time comes again, and
one that jumps forward does each thing once and not once for every slot that was skipped.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

type Work = Callable[[datetime], object]
HOUR, DAY = 3600, 86400  # seconds
JUMP = timedelta(minutes=1)  # of the wall clock, from which on it is no correction but a jump


@dataclass(frozen=True)
class Schedule:
    """Something that is done once in each slot of `period` seconds, slots beginning `offset`
    seconds after midnight UTC (Thursday's for a period of a week).
    """

    name: str
    period: int
    offset: int
    work: Work
    once: bool  # one worker of all does it; what is not so may be done by several at once
    by_deadline: bool  # waits for people after a jump forward, for it moves what falls due

    def slot(self, at: datetime) -> int:
        """Return the number of the slot in which a moment lies."""
        return (int(at.timestamp()) - self.offset) // self.period

    def left(self, at: datetime) -> float:
        """Return how many seconds the slot of a moment has left."""
        return (self.slot(at) + 1) * self.period + self.offset - at.timestamp()


SCHEDULES: list[Schedule] = []


def _steady() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)  # goes on while the machine sleeps


_again: dict[str, float] = {}  # schedules that are wanted before their slot ends, by _steady


def again(work: Work, seconds: float) -> None:
    """Have a schedule of this process run after so many seconds, and not only in its next slot:
    something waits. While nothing does, the slots may be long, and an idle platform costs nothing.
    """
    when, name = _steady() + seconds, _name(work)
    _again[name] = min(when, _again.get(name, when))


def wanted(schedule: Schedule) -> bool:
    """Say whether a schedule was asked for before its slot ends; the wish is granted."""
    due = _again.get(schedule.name, float("inf")) <= _steady()
    if due:
        del _again[schedule.name]
    return due


def next_wish() -> float:
    """Return after how many seconds the next schedule is wanted."""
    # a copy: threads that run jobs wish while this one looks
    return min(list(_again.values()), default=float("inf")) - _steady()


def _name(work: Work) -> str:
    return f"{work.__module__.split('.')[1]}.{getattr(work, '__name__', '')}"


def every(
    *, seconds: int, offset: int = 0, once: bool = False, by_deadline: bool = False
) -> Callable[[Work], Work]:
    """Have the function below be called in each slot, with the moment."""

    def noted(work: Work) -> Work:
        SCHEDULES.append(Schedule(_name(work), seconds, offset, work, once, by_deadline))
        return work

    return noted


@dataclass
class Watch:
    """Sees the wall clock jump, by a clock that nobody can set."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = _steady
    last: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        self.last = self.wall(), self.steady()

    def jumped(self) -> timedelta:
        """Return by how much the clock was set since the last look; 0 for less than a minute."""
        wall, steady = self.wall(), self.steady()
        by = timedelta(seconds=(wall - self.last[0]) - (steady - self.last[1]))
        self.last = wall, steady
        return by if abs(by) > JUMP else timedelta()
