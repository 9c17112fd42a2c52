"""The call-back desk.

Calls that follow orders, the audit sample, who may call whom, and what is recorded.
"""

from collections import Counter
from datetime import timedelta

import people
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from people import NOON, given_rating, given_record, rated, register, submit

from haochaping.audit import queries as audit
from haochaping.callbacks import actions, models, queries, rules
from haochaping.feedback import actions as feedback
from haochaping.orders import models as orders
from haochaping.orders.tests.test_orders import go
from haochaping.orders.tests.test_tracks import at, replied


def call_of(order: int) -> models.Call:
    """Plan the call of an answered order and have it taken in hand."""
    actions.follow_order(order_id=order, at=NOON)
    return models.Call.objects.filter(order_id=order).latest("pk")


def take(world: people.Place, moment: object = NOON) -> None:
    """Take calls in hand."""
    actions.take(by=world.users["agent"], at=moment)  # type: ignore[arg-type]


def test_an_answered_order_makes_a_call_that_closes_it_or_opens_it_again(
    world: people.Place,
) -> None:
    agent = world.users["agent"]
    good, bad, beyond = replied(world), replied(world), replied(world)
    calls = {order: call_of(order) for order in (good, bad, beyond)}
    take(world)
    actions.answer(call_id=calls[good].pk, said="satisfied", words="", by=agent, at=NOON)
    actions.answer(call_id=calls[bad].pk, said="unsatisfied", words="还没解决", by=agent, at=NOON)
    actions.answer(
        call_id=calls[beyond].pk, said="beyond", words="要求免交法定材料", by=agent, at=NOON
    )
    assert [at(order).state for order in (good, bad, beyond)] == ["closed", "rectifying", "closed"]
    go(bad, "rectify", world.users["handler"], measures="再改")
    go(bad, "reply", world.users["handler"], reply="再答")
    actions.follow_order(order_id=bad, at=NOON)
    assert models.Call.objects.filter(order_id=bad).count() == 2  # another round, another call
    with pytest.raises(rules.TakenByAnother):
        actions.answer(call_id=calls[good].pk, said="satisfied", words="", by=agent, at=NOON)


def test_what_was_said_must_be_chosen_and_a_complaint_has_words(world: people.Place) -> None:
    call = call_of(replied(world))
    take(world)
    for said, words in (("", ""), ("unsatisfied", " "), ("5", "")):
        with pytest.raises(rules.AnswerMissing):
            actions.answer(
                call_id=call.pk, said=said, words=words, by=world.users["agent"], at=NOON
            )


def test_three_tries_that_reach_nobody_close_the_order_and_no_fourth_is_made(
    world: people.Place,
) -> None:
    order = replied(world)
    call, moment = call_of(order), NOON
    for _ in range(3):
        take(world, moment)
        actions.note(
            call_id=call.pk,
            outcome=rules.Outcome.UNREACHED,
            words="",
            by=world.users["agent"],
            at=moment,
        )
        moment += timedelta(hours=5)
    assert (at(order).state, at(order).satisfaction) == ("closed", "unreached")
    take(world, moment)
    assert not models.Call.objects.filter(order_id=order, due_at__isnull=False).exists()


def test_a_call_is_dropped_when_the_citizen_has_judged_on_the_page(world: people.Place) -> None:

    order = replied(world)
    call = call_of(order)
    feedback.judge(evaluation_id=at(order).evaluation_id, satisfied=True, at=NOON)
    actions.follow_order(order_id=order, at=NOON)
    call.refresh_from_db()
    assert (call.due_at, call.outcome) == (None, "obsolete")


def test_calls_of_another_city_are_not_taken_and_two_agents_never_take_the_same(
    world: people.Place,
) -> None:

    call_of(replied(world))
    other = people.appointed("agent2", "agent", region=people.ELSEWHERE)
    assert actions.take(by=other, at=NOON) == 0
    colleague = people.appointed("agent3", "agent")
    take(world)
    actions.take(by=colleague, at=NOON)
    assert [call.taken_by for call in models.Call.objects.filter(kind="order")] == [
        world.users["agent"]
    ]


def test_the_server_draws_the_sample_once_with_a_seed_that_is_written_down(
    world: people.Place,
) -> None:
    last_week = (NOON - timedelta(days=7)).isoformat()
    for number in range(12):
        service = given_record(served_at=last_week)
        (stored,) = register(service)
        assert stored.key
        if number % 2:
            submit(given_rating(service, 4, rated_at=NOON.isoformat()))
    with CaptureQueriesContext(connection) as captured:
        drawn = actions.draw_sample(seed=5, at=NOON)
    assert drawn == 4  # two rated, two unrated, of one department
    asked = [query["sql"] for query in captured if "policies_policy" in query["sql"]]
    assert len(asked) == 1  # a region's terms once, not for each of its services
    assert actions.draw_sample(seed=6, at=NOON) == 0
    calls = list(models.Call.objects.filter(kind="audit"))
    assert Counter(call.rated_level is None for call in calls) == {True: 2, False: 2}
    entry = audit.of("sample", rules.week_of(NOON))[0]
    assert entry.details == {"week": 202646, "seed": 5, "drawn": 4}
    begin = NOON - timedelta(days=10)
    again = queries.sample(begin, NOON - timedelta(days=4), entry.details["seed"], 2)
    assert {row["id"] for row in again} == {
        call.record_id for call in calls
    }  # anybody can draw it again
    take(world)
    actions.answer(
        call_id=calls[0].pk, said="2", words="排队太久", by=world.users["agent"], at=NOON
    )
    (result,) = queries.sample_results(202646)
    assert result.level == 2
    assert not orders.Order.objects.exists()  # a sample is no rating


def test_a_call_through_the_telephone_system_is_written_down_and_shows_no_number(
    world: people.Place,
) -> None:
    call = call_of(replied(world))
    take(world)
    actions.dial(call_id=call.pk, by=world.users["agent"], at=NOON)
    assert [entry.verb for entry in audit.of("call", call.pk)] == ["dial"]
    assert actions.note_recording(call_id=call.pk, recording="rec/2026/11/25/7.wav")
    assert not actions.note_recording(call_id=10**9, recording="x")
    with pytest.raises(rules.TakenByAnother):
        actions.dial(call_id=call.pk, by=world.users["city"], at=NOON)


def test_unrated_services_are_still_called(world: people.Place) -> None:
    register(given_record(served_at=(NOON - timedelta(hours=6)).isoformat()))
    rated(5)
    assert actions.take(by=world.users["agent"], at=NOON) == 1
    call = models.Call.objects.get()
    for said in ("", "9", "x"):
        with pytest.raises(rules.AnswerMissing):
            actions.answer(call_id=call.pk, said=said, words="", by=world.users["agent"], at=NOON)
