"""The worker's third thread: what is done again and again (`kernel/schedule.py`)."""

import logging
import threading
from datetime import datetime, timedelta

from django.db import connection

from haochaping.feed import actions as feed
from haochaping.kernel import clock
from haochaping.kernel.logs import where
from haochaping.kernel.schedule import SCHEDULES, Schedule, Watch, next_wish, wanted

log = logging.getLogger(__name__)
_CLOCK = "clock"  # the name of its trouble among those of the readers
_STANDSTILL = timedelta(minutes=15)  # after a jump forward, for people to set the clock right
_LONGEST = 5.0  # seconds between two looks, so that a jump is seen at once


class Clockwork:
    """Runs each schedule once a slot, and holds deadlines back while the clock is in doubt.

    The first look after a start does everything whose slot nobody did: what was missed while the
    platform stood still is made good once.
    """

    def __init__(self, watch: Watch | None = None, stopping: threading.Event | None = None) -> None:
        self.watch, self.stopping = watch or Watch(), stopping or threading.Event()
        self.done: dict[str, int] = {}
        self.failed = {schedule.name for schedule in SCHEDULES}  # perhaps, in an earlier process
        self.held_until = self.calm_at = self.watch.last[1]  # by the clock that nobody can set
        self.doubted = True  # a doubt of an earlier process is taken back once all is calm

    def look(self, at: datetime) -> float:
        """Do what is due; return after how many seconds to look again."""
        self._doubt(at)
        steady = self.watch.last[1]
        for schedule in SCHEDULES:
            slot = schedule.slot(at)
            if self.stopping.is_set():
                break  # after a start much is due: what is left is done by the next one
            if self.done.get(schedule.name) == slot and not wanted(schedule):
                continue
            if schedule.by_deadline and steady < self.held_until:
                continue
            self._run(schedule, slot, at)
        return min(_LONGEST, max(0.0, next_wish()), *(one.left(at) for one in SCHEDULES))

    def _run(self, schedule: Schedule, slot: int, at: datetime) -> None:
        self.done[schedule.name] = slot
        try:
            if schedule.once:
                feed.once_a_slot(name=schedule.name, slot=slot, work=lambda: schedule.work(at))
            else:
                schedule.work(at)
        except Exception as bug:
            if not connection.is_usable():
                del self.done[schedule.name]  # the database is away: this slot is still to do
                raise
            log.exception("%s failed; it comes again in its next slot", schedule.name)
            feed.note_failure(name=schedule.name, error=where(bug), at=at)
            self.failed.add(schedule.name)
        else:
            if schedule.name in self.failed:
                feed.note_success(name=schedule.name)
                self.failed.discard(schedule.name)

    def _doubt(self, at: datetime) -> None:
        """Note that the clock jumped, and that it has gone evenly since."""
        by = self.watch.jumped()
        steady = self.watch.last[1]
        if by:
            log.error("the clock of this machine jumped by %s", by)
            feed.note_failure(name=_CLOCK, error=f"jumped by {by}", at=at)
            self.calm_at, self.doubted = steady + _STANDSTILL.total_seconds(), True
            forward = by > timedelta()
            self.held_until = self.calm_at if forward else steady
        elif self.doubted and steady >= self.calm_at:
            feed.note_success(name=_CLOCK)
            self.doubted = False


def run_until(stopping: threading.Event) -> None:
    """Look again and again; a database that is away is waited for."""
    clockwork = Clockwork(stopping=stopping)
    while not stopping.is_set():
        try:
            rest = clockwork.look(clock.now())
        except Exception as away:  # noqa: BLE001 - whatever it is, the schedules go on
            log.warning("schedules wait: %s", type(away).__name__)
            connection.close()
            rest = 1.0
        stopping.wait(rest)
