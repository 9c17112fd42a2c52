"""One reader's fault stops nobody else, and doctor names it."""

from datetime import timedelta

import people
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from haochaping.feed import queries as feed
from haochaping.kernel import clock, outbox, schedule
from haochaping.kernel.db import rows
from haochaping.kernel.moments import begin_of, business_day
from haochaping.orders import actions as orders
from haochaping.orders import events as moved
from haochaping.orders import queries, tasks
from haochaping.orders.models import Order
from haochaping.screening import events as screened
from haochaping.site import running, worker

pytestmark = pytest.mark.django_db


def jobs(name: str) -> int:
    """Return how many jobs of a task wait."""
    return ProcrastinateJob.objects.filter(task_name=name).count()


def test_a_roll_up_that_fails_stops_no_order_and_is_named_until_it_goes_on(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_REST", worker.timedelta(0))
    worker.pull_once()  # every reader has its cursor
    rows("ALTER TABLE analytics_placeday RENAME TO analytics_away")
    people.rated(1)
    for _ in range(3):
        worker.pull_once()
    assert jobs("orders.open_from") == 1
    readers = {reader.name: reader for reader in feed.readers()}
    assert readers["screening"].behind == 0
    assert not readers["screening"].error
    assert readers["rollup"].behind > 0
    assert "ProgrammingError at " in readers["rollup"].error
    found = [check for check in running.examine() if "rollup" in check.says.en]
    admin = people.signed_in(people.appointed("chen", "admin", region=320000000000))
    assert "一切正常" not in admin.get("/admin/system").content.decode()
    assert [(check.severity, "failing since" in check.says.en) for check in found] == [(2, True)]
    rows("ALTER TABLE analytics_away RENAME TO analytics_placeday")
    worker.pull_once()
    readers = {reader.name: reader for reader in feed.readers()}
    assert (readers["rollup"].behind, readers["rollup"].error) == (0, "")


def test_a_bad_rating_gets_its_order_whatever_went_wrong_between(world: people.Place) -> None:
    older = people.rated(1, served_at="2026-10-01 10:00:00")
    bad, good = people.rated(1), people.rated(5)
    held = people.rated(2, window_code="NOBODY")
    rows("UPDATE evaluations_evaluation SET received_at = received_at - interval '1 hour'")
    now = clock.now()
    assert queries.missing(now) == []  # not screened yet
    for _ in range(3):
        worker.pull_once()
    ProcrastinateJob.objects.all().delete()  # lost between screening and the order
    assert queries.missing(now) == [older, bad]
    assert orders.heal_missing(at=now) == 2
    assert {order.evaluation_id for order in Order.objects.all()} == {older, bad}
    assert queries.missing(now) == []
    assert held not in queries.missing(now)
    assert good not in queries.missing(now)


def test_a_rating_that_was_imported_long_after_it_was_given_opens_no_live_order(
    world: people.Place,
) -> None:
    service = people.given_record(served_at="2026-03-02 10:00:00")
    people.register(service)
    (old,) = people.submit(people.given_rating(service, 1, rated_at="2026-03-02 11:00:00"))
    recent = people.rated(1)
    rows("UPDATE evaluations_evaluation SET received_at = received_at - interval '1 hour'")
    for _ in range(3):
        worker.pull_once()
    assert [job.args["evaluation_id"] for job in ProcrastinateJob.objects.all()] == [recent]
    assert queries.missing(clock.now()) == [recent]
    assert old.key not in queries.missing(clock.now())


@pytest.mark.parametrize(("days", "opens"), [(59, True), (61, False)])
def test_what_is_history_is_sixty_days_old(world: people.Place, days: int, opens: bool) -> None:
    given_at = begin_of(business_day(clock.now())) + timedelta(hours=12 - 24 * days)
    served_at = (given_at - timedelta(hours=1)).isoformat()
    service = people.given_record(served_at=served_at, window_code="", staff_number="")
    people.register(service)
    people.submit(people.given_rating(service, 1, rated_at=given_at.isoformat()))
    for _ in range(3):
        worker.pull_once()
    assert ProcrastinateJob.objects.exists() is opens


def test_what_must_happen_is_tried_for_ever() -> None:
    for attempts, seconds in ((0, 1), (1, 2), (5, 32), (10, 900), (10_000, 900)):
        job = Job(id=1, queue="", lock=None, queueing_lock=None, task_name="x", attempts=attempts)
        before = clock.now()
        decision = outbox.FOR_EVER.get_retry_decision(exception=ValueError(), job=job)
        assert decision.retry_at is not None
        assert abs((decision.retry_at - before).total_seconds() - seconds) < 5
    for task in (tasks.open_from, tasks.take_follow_up, tasks.take_replacement):
        assert task.retry_strategy is outbox.FOR_EVER


def test_after_one_job_was_tried_again_the_next_that_failed_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One is due in a second and one in half a minute: that one does not wait for the slow look."""
    monkeypatch.setattr(schedule, "_again", {})
    tasks.open_from.configure(schedule_in={"seconds": 32}).defer(evaluation_id=1)
    for attempts in (5, 0):
        job = Job(id=1, queue="", lock=None, queueing_lock=None, task_name="x", attempts=attempts)
        outbox.FOR_EVER.get_retry_decision(exception=ValueError(), job=job)
    assert schedule.next_wish() < 2
    schedule._again.clear()  # it was granted
    outbox.wake(clock.now())
    assert 25 < schedule.next_wish() < 33
    ProcrastinateJob.objects.all().delete()
    schedule._again.clear()
    outbox.wake(clock.now())
    assert schedule.next_wish() == float("inf")  # nothing waits: nothing is looked for


def test_an_order_waits_neither_for_what_follows_steps_nor_for_a_system_outside() -> None:
    for number in range(3):
        step = {"order_id": number, "step_id": number, "move": "sign", "state": "verifying"}
        outbox.publish(moved.OrderMoved(**step))
    outbox.publish(screened.BadRatingCleared(7))
    taken = [
        rows("SELECT task_name FROM procrastinate_fetch_job_v2($1, NULL)", [queue])[0]["task_name"]
        for queue in (outbox.OURS, outbox.OURS, outbox.SLOW)
    ]
    assert taken == ["orders.open_from", "callbacks.follow_order", "exchange.tell_hotline"]
