"""The table of moves, the clock, and two officers at once."""

import threading
from datetime import timedelta

import people
import pytest
from django.db import connection
from people import NOON, rated

from haochaping.audit import queries as audit
from haochaping.calendar.rules import WorkingCalendar
from haochaping.feedback.queries import progress as progress_of
from haochaping.kernel.errors import NotAllowed
from haochaping.orders import actions, models, queries, rules
from haochaping.routing.rules import NoDepartment

CALENDAR = WorkingCalendar(1)
RETURN = {"ground": "duties", "reason": "不属本单位职责"}


def test_only_closed_is_final_and_every_state_can_reach_it() -> None:
    reached = {rules.State.CLOSED}
    ways = [
        (source, move.target)
        for move in rules.MOVES.values()
        if move.target
        for source in move.sources
    ]
    while more := {source for source, target in ways if target in reached} - reached:
        reached |= more
    assert reached == set(rules.State)
    assert set(rules.State) - {source for source, _ in ways} == {rules.State.CLOSED}


@pytest.mark.parametrize("name", [name for name, move in rules.MOVES.items() if move.needs])
def test_a_move_without_what_it_needs_says_what_is_missing(name: str) -> None:
    with pytest.raises(rules.Incomplete) as refused:
        rules.check_facts(name, {})
    assert refused.value.field == rules.MOVES[name].needs[0]


def opened(level: int = 2) -> int:
    """Return a fresh order."""
    return actions.open_for(evaluation_id=rated(level), at=NOON)


def go(order: int, move: str, by: int, at: object = NOON, **given: str) -> rules.State:
    """Make a move."""
    return actions.advance(order_id=order, move=move, given=given, by=by, at=at)  # type: ignore[arg-type]


def follow_up(of: int, level: int) -> None:
    """Add a follow-up to a rating."""
    from haochaping.records import queries as records

    service = records.service(of)
    assert service is not None
    people.submit(
        people.rating.Given(
            service.project_no,
            service.service_number,
            level,
            8,
            kind=2,
            words="又来了一次还是不行",
            rated_at=NOON.isoformat(),
        )
    )


def test_a_bad_follow_up_opens_the_order_of_a_good_rating_and_opens_a_closed_one_again(
    world: people.Place,
) -> None:
    agent, handler = world.users["agent"], world.users["handler"]
    good, bad = rated(5), rated(2)
    follow_up(good, 1)
    order = actions.take_follow_up(evaluation_id=good, at=NOON)
    assert models.Order.objects.get(pk=order).state == rules.State.OPENED
    closed = actions.open_for(evaluation_id=bad, at=NOON)
    go(closed, "dispatch", agent, department=str(world.bureau))
    go(closed, "sign", handler)
    go(closed, "dismiss", handler, finding="不属实")
    go(closed, "reply", handler, reply="已解释")
    go(closed, "call_back", agent, satisfaction="satisfied")
    assert go(closed, "close", agent) is rules.State.CLOSED
    follow_up(bad, 2)
    for _ in range(2):  # however often it is announced
        actions.take_follow_up(evaluation_id=bad, at=NOON)
    order_ = models.Order.objects.get(pk=closed)
    assert (order_.state, order_.reopened, order_.closed_at) == (rules.State.RECTIFYING, 1, None)
    assert order_.due_at is not None


def test_a_phone_number_is_shown_to_who_calls_and_says_why_and_to_nobody_else(
    world: people.Place,
) -> None:
    agent, handler = world.users["agent"], world.users["handler"]
    order = opened()
    with pytest.raises(rules.NotNow):
        actions.reveal_phone(order_id=order, reason="本次回访", by=agent, at=NOON)
    go(order, "dispatch", agent, department=str(world.bureau))
    go(order, "sign", handler)
    go(order, "dismiss", handler, finding="不属实")
    go(order, "reply", handler, reply="已解释")
    with pytest.raises(NotAllowed):
        actions.reveal_phone(order_id=order, reason="本次回访", by=handler, at=NOON)
    with pytest.raises(rules.Incomplete):
        actions.reveal_phone(order_id=order, reason=" ", by=agent, at=NOON)
    assert (
        actions.reveal_phone(order_id=order, reason="本次回访", by=agent, at=NOON) == "13812345678"
    )
    assert audit.of("order", order)[-1].details == {"reason": "本次回访", "found": True}


def test_a_bad_rating_has_one_order_however_often_it_is_announced(world: people.Place) -> None:
    key = rated(2)
    assert actions.open_for(evaluation_id=key, at=NOON) == actions.open_for(
        evaluation_id=key, at=NOON
    )
    order = models.Order.objects.get()
    assert (order.number, order.department_id) == ("CP20261118-0001", world.bureau)


def test_the_whole_loop_with_an_unsatisfied_citizen_is_reopened_and_then_closed(
    world: people.Place,
) -> None:
    agent, handler = world.users["agent"], world.users["handler"]
    order = opened()
    go(order, "dispatch", agent, department=str(world.bureau))
    go(order, "sign", handler)
    go(order, "uphold", handler, finding="属实")
    go(order, "rectify", handler, measures="已补充样本")
    go(order, "reply", handler, reply="已整改")
    go(order, "call_back", agent, satisfaction="unsatisfied")
    with pytest.raises(rules.NotNow):
        go(order, "close", agent)
    go(order, "reopen", agent, NOON + timedelta(days=1), reason="仍未解决")
    assert models.Order.objects.get().due_at == CALENDAR.after(
        NOON + timedelta(days=1), 5
    )  # a new clock
    for move, by, given_ in (
        ("rectify", handler, {"measures": "再整改"}),
        ("reply", handler, {"reply": "再答复"}),
        ("call_back", agent, {"satisfaction": "satisfied"}),
        ("close", agent, {}),
    ):
        go(order, move, by, **given_)
    done = models.Order.objects.get()
    assert (done.state, done.reopened, done.due_at, done.upheld) == ("closed", 1, None, True)
    verbs = [entry.verb for entry in audit.of("order", order)]
    assert verbs == [
        "open",
        "dispatch",
        "sign",
        "uphold",
        "rectify",
        "reply",
        "call_back",
        "reopen",
        "rectify",
        "reply",
        "call_back",
        "close",
    ]
    progress = progress_of(done.evaluation_id)
    assert progress is not None
    assert progress.reply == "再答复"


def test_only_the_department_in_charge_may_handle_and_nobody_elsewhere_may_dispatch(
    world: people.Place,
) -> None:
    order = opened()
    with pytest.raises(NotAllowed):
        go(order, "dispatch", world.users["foreign"], department=str(world.bureau))
    with pytest.raises(NoDepartment):
        go(order, "dispatch", world.users["agent"], department=str(world.other))
    go(order, "dispatch", world.users["agent"], department=str(world.bureau))
    with pytest.raises(NotAllowed):
        go(order, "sign", world.users["agent"])
    assert go(order, "sign", world.users["handler"]) is rules.State.VERIFYING


def test_lists_show_only_what_is_within_reach(world: people.Place) -> None:
    from haochaping.identity import queries as identity

    opened()
    for who, seen in (("city", 1), ("handler", 1), ("foreign", 0)):
        assert queries.within(identity.person(world.users[who]).reach).count() == seen


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_wins_and_the_other_is_told() -> None:
    world = people.build()
    order = opened()
    go(order, "dispatch", world.users["agent"], department=str(world.bureau))
    barrier, results = threading.Barrier(2), []

    def sign() -> None:
        barrier.wait()
        try:
            results.append(str(go(order, "sign", world.users["handler"])))
        except rules.NotNow as told:
            results.append(told.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["not_now", "verifying"]
    assert models.Step.objects.filter(order_id=order, move="sign").count() == 1
