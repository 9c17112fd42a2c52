"""Screening holds with reasons, clears the rest, and a person releases."""

from datetime import timedelta

import people
import pytest
from people import NOON, given_rating, given_record, rated, register, submit
from procrastinate.contrib.django.models import ProcrastinateJob

from haochaping.feed import actions as feed
from haochaping.kernel.errors import NotAllowed
from haochaping.screening import actions, models, rules


def screened() -> None:
    """Let screening read everything that was handed in."""
    feed.sequence(at=NOON)
    actions.pull(at=NOON)


def jobs() -> list[int]:
    """Return the ratings for which an order was asked."""
    return [
        job.args["evaluation_id"]
        for job in ProcrastinateJob.objects.filter(task_name="orders.open_from")
    ]


def test_a_bad_rating_that_is_clear_asks_for_its_order_and_a_good_one_for_nothing(
    world: people.Place,
) -> None:
    bad, _good = rated(2), rated(5)
    screened()
    assert jobs() == [bad]
    assert not models.Hold.objects.exists()


@pytest.mark.parametrize(
    ("record", "rating", "reason"),
    [
        ({"window_code": "NOBODY"}, {}, rules.Reason.WINDOW_UNKNOWN),
        (
            {"served_at": (NOON - timedelta(hours=13)).isoformat()},
            {"rated_at": (NOON + timedelta(hours=10)).isoformat()},
            rules.Reason.OFF_HOURS,
        ),
        (
            {"accepted_at": (NOON + timedelta(hours=2)).isoformat()},
            {},
            rules.Reason.RATED_BEFORE_ACCEPTED,
        ),
        ({"service_number": 3}, {}, rules.Reason.SERVICE_GAP),
        ({"online": True}, {}, rules.Reason.ON_SITE_BUT_ONLINE),
    ],
)
def test_each_hard_rule_holds_the_rating_with_its_reason(
    world: people.Place, record: dict[str, object], rating: dict[str, object], reason: rules.Reason
) -> None:
    service = given_record(**record)
    register(service)
    submit(given_rating(service, 2, **rating))
    screened()
    assert models.Hold.objects.get().reasons == [reason]
    assert jobs() == []


def test_a_release_needs_a_reason_a_right_and_happens_once(world: people.Place) -> None:
    key = rated(1, window_code="NOBODY")
    screened()
    hold = models.Hold.objects.get()
    with pytest.raises(actions.NoteMissing):
        actions.release(hold_id=hold.pk, note=" ", by=world.users["city"], at=NOON)
    with pytest.raises(NotAllowed):
        actions.release(hold_id=hold.pk, note="x", by=world.users["foreign"], at=NOON)
    actions.release(hold_id=hold.pk, note="窗口刚启用，尚未登记", by=world.users["city"], at=NOON)
    with pytest.raises(actions.AlreadyReleased):
        actions.release(hold_id=hold.pk, note="again", by=world.users["city"], at=NOON)
    assert jobs() == [key]


def test_every_reason_has_its_detector_and_its_words() -> None:
    assert set(rules.DETECTORS) == set(rules.REASONS) == set(rules.Reason)
