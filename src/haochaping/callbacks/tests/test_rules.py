"""When somebody is called, again and at last; which week the sample is of."""

from datetime import datetime, timedelta

import people
import pytest
from people import NOON, given_record, register

from haochaping.callbacks import actions, models, rules
from haochaping.kernel.moments import LOCAL


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2026-11-18", 202646),
        ("2026-11-16", 202646),
        ("2026-11-15", 202645),
        ("2026-01-01", 202552),
        ("2026-01-05", 202601),
        ("2027-01-04", 202653),
    ],
)
def test_the_sample_is_of_the_week_before(day: str, week: int) -> None:
    at = datetime.fromisoformat(f"{day}T00:30:00").replace(tzinfo=LOCAL)
    assert rules.week_of(at) == week


def test_who_is_not_reached_is_called_three_times_four_hours_apart() -> None:
    assert [rules.next_call(tries, NOON) for tries in (1, 2, 3, 4)] == [
        NOON + timedelta(hours=4),
        NOON + timedelta(hours=4),
        None,
        None,
    ]


@pytest.fixture
def unrated(world: people.Place) -> people.Place:
    """The world with thirty services that nobody has rated."""
    register(*(given_record(served_at=(NOON - timedelta(hours=9)).isoformat()) for _ in range(30)))
    return world


def test_an_agent_takes_twenty_calls_and_what_lies_in_hand_goes_back_after_eight_hours(
    unrated: people.Place,
) -> None:
    agent = unrated.users["agent"]
    assert actions.take(by=agent, at=NOON) == 20
    assert models.Call.objects.filter(taken_by=agent).count() == 20
    assert actions.take(by=agent, at=NOON + timedelta(hours=8)) == 10  # the others are in hand
    late = NOON + timedelta(hours=8, seconds=1)
    assert actions.take(by=agent, at=late) == 20
    assert models.Call.objects.filter(taken_at=late).count() == 20


@pytest.mark.parametrize(
    ("ago", "called"),
    [
        (timedelta(hours=4) - timedelta(minutes=1), False),
        (timedelta(hours=4, minutes=1), True),
        (timedelta(days=29, hours=23), True),
        (timedelta(days=30, minutes=1), False),
    ],
)
def test_services_of_this_minute_and_forgotten_ones_are_not_called_about(
    world: people.Place, ago: timedelta, called: bool
) -> None:
    register(given_record(served_at=(NOON - ago).isoformat()))
    assert actions.take(by=world.users["agent"], at=NOON) == int(called)
