"""What is done again and again, whatever the clock does (`site/clockwork.py`)."""

from datetime import UTC, datetime, timedelta

import people
import pytest
from django.test import Client

from haochaping.feed import actions as feed
from haochaping.feed import queries
from haochaping.kernel import schedule
from haochaping.site import clockwork, running

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 27, 3, 0, 30, tzinfo=UTC)


class World:
    """A machine whose clock can be set, with three schedules that note when they ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at, self.steady = START, 0.0
        self.ran = list[str]()
        self.broken = set[str]()
        monkeypatch.setattr(schedule, "_steady", lambda: self.steady)
        monkeypatch.setattr(schedule, "SCHEDULES", made := list[schedule.Schedule]())
        monkeypatch.setattr(clockwork, "SCHEDULES", made)
        for name, seconds, once, by_deadline in (
            ("minute", 60, False, False),
            ("ladder", 60, False, True),
            ("daily", 86400, True, False),
        ):
            made.append(schedule.Schedule(name, seconds, 0, self._work(name), once, by_deadline))
        self.clockwork = self.worker()

    def _work(self, name: str) -> schedule.Work:
        def work(_at: datetime) -> None:
            if name in self.broken:
                raise RuntimeError(name)
            self.ran.append(name)

        return work

    def worker(self) -> clockwork.Clockwork:
        """Start a worker."""
        return clockwork.Clockwork(schedule.Watch(self.at_seconds, lambda: self.steady))

    def at_seconds(self) -> float:
        """Return what the wall clock shows."""
        return self.at.timestamp()

    def go(self, seconds: float, *, set_by: timedelta = timedelta()) -> list[str]:
        """Let time pass, set the clock, look; return what ran."""
        self.steady += seconds
        self.at += timedelta(seconds=seconds) + set_by
        self.ran.clear()
        self.clockwork.look(self.at)
        return list(self.ran)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> World:
    """The machine."""
    return World(monkeypatch)


def test_each_slot_is_done_once(machine: World) -> None:
    assert machine.go(0) == ["minute", "ladder", "daily"]  # nobody did them before
    assert machine.go(29) == []
    assert machine.go(1) == ["minute", "ladder"]
    assert machine.go(300) == ["minute", "ladder"]  # and not five times


def test_one_worker_of_all_does_what_is_done_once_a_slot(machine: World) -> None:
    machine.go(0)
    machine.clockwork = machine.worker()
    assert machine.go(1) == ["minute", "ladder"]
    machine.clockwork = machine.worker()
    assert machine.go(86400) == ["minute", "ladder", "daily"]


def test_a_clock_that_is_set_back_silences_nothing(machine: World) -> None:
    machine.go(0)
    assert machine.go(5, set_by=timedelta(hours=-1)) == ["minute", "ladder"]
    assert machine.go(60) == ["minute", "ladder"]
    machine.clockwork = machine.worker()
    assert machine.go(5, set_by=timedelta(days=-2)) == ["minute", "ladder", "daily"]


def test_after_a_jump_forward_deadlines_wait_for_people_and_all_is_told(machine: World) -> None:
    machine.go(0)
    assert machine.go(5, set_by=timedelta(days=3)) == ["minute", "daily"]
    assert queries.alarms(machine.at) == ["clock"]
    assert "jumped by 3 days" in queries.troubles()[0].error
    assert any("jumped" in check.says.en for check in running.examine() if check.severity == 2)
    assert Client().get("/health").json() == {"status": "degraded", "alarms": ["clock"]}
    assert machine.go(899) == ["minute"]
    assert machine.go(1) == ["ladder"]
    assert queries.alarms(machine.at) == []
    assert Client().get("/health").json() == {"status": "ok", "alarms": []}


def test_a_jump_that_is_undone_lets_deadlines_go_on_at_once(machine: World) -> None:
    machine.go(0)
    assert machine.go(5, set_by=timedelta(days=3)) == ["minute", "daily"]
    assert machine.go(60, set_by=timedelta(days=-3)) == ["minute", "ladder", "daily"]


def test_what_fails_stops_nothing_else_and_is_named_until_it_goes_on(machine: World) -> None:
    machine.broken.add("minute")
    assert machine.go(0) == ["ladder", "daily"]
    assert queries.alarms(machine.at) == ["minute"]
    assert machine.go(60) == ["ladder"]
    machine.broken.clear()
    assert machine.go(60) == ["minute", "ladder"]
    assert queries.alarms(machine.at) == []


def test_what_was_asked_for_comes_before_its_slot(machine: World) -> None:
    machine.go(0)
    work = schedule.Schedule("minute", 60, 0, print, False, False)
    schedule._again[work.name] = machine.steady + 4
    assert machine.go(3) == []
    assert machine.go(1) == ["minute"]
    assert machine.go(1) == []


def test_who_is_killed_in_the_middle_of_a_slot_lets_another_begin(world: people.Place) -> None:
    done = list[int]()

    def killed() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feed.once_a_slot(name="x", slot=7, work=killed)
    assert feed.once_a_slot(name="x", slot=7, work=lambda: done.append(1))
    assert not feed.once_a_slot(name="x", slot=7, work=lambda: done.append(2))
    assert feed.once_a_slot(name="x", slot=6, work=lambda: done.append(3))
    assert done == [1, 3]


def test_asked_to_stop_it_begins_nothing_more_and_the_next_worker_does_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch)
    world.clockwork.stopping.set()
    assert world.go(0) == []
    world.clockwork = world.worker()
    assert world.go(0) == ["minute", "ladder", "daily"]
