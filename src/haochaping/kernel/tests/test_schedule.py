"""Slots of schedules, and the clock that jumps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.kernel.schedule import SCHEDULES, Schedule, Watch

DAILY = Schedule("daily", 86400, 22 * 3600 + 17 * 60, print, True, False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2026-11-27 22:17:00", "2026-11-28 22:16:59", True),
        ("2026-11-27 22:16:59", "2026-11-27 22:17:00", False),
        ("2026-11-27 00:00:00", "2026-11-27 22:16:59", True),
    ],
)
def test_a_day_of_a_schedule_begins_at_its_hour(one: str, other: str, same: bool) -> None:
    slots = [DAILY.slot(datetime.fromisoformat(at).replace(tzinfo=UTC)) for at in (one, other)]
    assert (slots[0] == slots[1]) == same


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 10**6),
    st.integers(0, 10**6),
)
def test_the_next_slot_begins_when_this_one_has_nothing_left(
    at: datetime, period: int, offset: int
) -> None:
    one = Schedule("x", period, offset, print, False, False)
    left = one.left(at)
    assert 0 < left <= period
    assert one.slot(at + timedelta(seconds=left + 0.01)) == one.slot(at) + 1


def test_the_weekly_sample_is_drawn_on_monday_morning_in_china() -> None:
    (sample,) = [one for one in SCHEDULES if one.name == "callbacks.draw_sample"]
    sunday = datetime(2026, 11, 29, 22, 20, tzinfo=UTC)  # Monday 30 November 06:20 in China
    assert sample.slot(sunday) == sample.slot(sunday - timedelta(seconds=1)) + 1
    assert sample.slot(sunday) == sample.slot(sunday + timedelta(days=6, hours=23))


@pytest.mark.parametrize(
    ("wall", "steady", "jumped"),
    [(100, 100, 0), (159, 100, 0), (161, 100, 61), (40, 101, -61), (42, 101, 0), (7300, 7300, 0)],
)
def test_a_jump_is_what_the_steady_clock_does_not_explain(
    wall: float, steady: float, jumped: float
) -> None:
    walls, steadies = iter([0.0, wall, wall + 1]), iter([0.0, steady, steady + 1])
    watch = Watch(lambda: next(walls), lambda: next(steadies))
    assert watch.jumped() == timedelta(seconds=jumped)
    assert watch.jumped() == timedelta()  # told once
