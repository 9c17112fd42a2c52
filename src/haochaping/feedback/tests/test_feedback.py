"""What citizens say of the handling: until when, how often, and what it does."""

from datetime import timedelta

import people
import pytest
from people import NOON, rated

from haochaping.feedback import actions
from haochaping.kernel.errors import NotFound
from haochaping.orders import rules
from haochaping.orders.rules import State
from haochaping.orders.tests.test_tracks import at, dispatched, replied


def judged(order: int, *, satisfied: bool = True, words: str = "", when: object = NOON) -> State:
    """Judge an order."""
    key = at(order).evaluation_id
    return actions.judge(evaluation_id=key, satisfied=satisfied, words=words, at=when)  # type: ignore[arg-type]


def test_satisfied_closes_and_not_satisfied_with_words_opens_again(world: people.Place) -> None:
    good, bad = replied(world), replied(world)
    assert judged(good) is State.CLOSED
    assert judged(good) is State.CLOSED
    with pytest.raises(rules.Incomplete):
        judged(bad, satisfied=False, words=" ")
    assert at(bad).state == State.REPLIED
    assert judged(bad, satisfied=False, words="还是没办") is State.RECTIFYING
    assert at(bad).reopened == 1


def test_a_closed_order_is_opened_for_four_weeks_and_fifteen_days(world: people.Place) -> None:
    order, late = replied(world), replied(world)
    for one in (order, late):
        judged(one)
    closed = at(order).closed_at
    assert closed is not None
    last = closed + timedelta(days=28 + 15)
    with pytest.raises(rules.TooLate):
        judged(late, satisfied=False, words="又来了", when=last + timedelta(seconds=1))
    assert judged(order, satisfied=False, words="又来了", when=last) is State.RECTIFYING


def test_what_is_not_answered_yet_is_not_judged(world: people.Place) -> None:
    with pytest.raises(rules.NotNow):
        judged(dispatched(world))
    with pytest.raises(NotFound):
        actions.judge(evaluation_id=rated(5), satisfied=True, at=NOON)


def test_a_citizen_asks_five_times_while_the_order_is_open(world: people.Place) -> None:
    order = dispatched(world)
    key = at(order).evaluation_id
    with pytest.raises(rules.Incomplete):
        actions.ask_again(evaluation_id=key, words="  ", at=NOON)
    for number in range(5):
        actions.ask_again(evaluation_id=key, words=f"第 {number} 次", at=NOON)
    with pytest.raises(rules.TooLate):
        actions.ask_again(evaluation_id=key, words="再问", at=NOON)
    closed = replied(world)
    judged(closed)
    with pytest.raises(rules.NotNow):
        actions.ask_again(evaluation_id=at(closed).evaluation_id, words="问", at=NOON)
    with pytest.raises(NotFound):
        actions.ask_again(evaluation_id=rated(5), words="问", at=NOON)
