"""Raw and adjusted figures.

An upheld objection and a replaced rating leave the raw ones alone, live and folded alike.
"""

from datetime import timedelta

import people
import pytest
from people import NOON, given_rating, given_record, rated, register, submit

from haochaping.analytics import queries, rules
from haochaping.config import flow
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import queries as ratings
from haochaping.evaluations import rules as rating
from haochaping.kernel import clock
from haochaping.orders import actions as moves
from haochaping.orders import models as orders
from haochaping.orders.tests.test_orders import go

SCOPE = (320000000000, 329999999999)


def figures() -> rules.Counts:
    """Return the figures of the province around the day of the tests, after checking that folding
    changes nothing of them.
    """
    since, until = NOON.date() - timedelta(days=400), NOON.date() + timedelta(days=400)
    live = queries.figures(SCOPE, since, until).whole
    while sum(
        pull(clock.now()) for name, pull in flow.PULLS.items() if name in ("sequence", "rollup")
    ):
        pass
    folded = queries.figures(SCOPE, since, until).whole
    assert live == folded
    return folded


def replace(key: int, level: int) -> None:
    """Replace a rating as its citizen does."""
    given = rating.Given(
        "x", 1, level, rating.Channel.LINK, codes=[] if level > 2 else [108], words=""
    )
    evaluations.replace(given=given, record_id=key, by=0, at=clock.now())


def test_an_upheld_objection_shows_in_the_adjusted_figures_only(world: people.Place) -> None:
    bad, _ = rated(1), rated(5)
    order = moves.open_for(evaluation_id=bad, at=NOON)
    go(order, "dispatch", world.users["agent"], department=str(world.bureau))
    go(order, "sign", world.users["handler"])
    go(order, "object", world.users["handler"], claim="malicious", reason="x", evidence="y")
    for who in ("city", "province"):
        assert figures().adjusted.bad == 1
        go(order, "uphold_objection", world.users[who], finding="监控显示无此人")
    counts = figures()
    assert (counts.bad, counts.total, counts.set_aside) == (1, 2, 1)
    assert (counts.adjusted.bad, counts.adjusted.total) == (0, 1)
    with pytest.raises(rating.BadRating) as refused:
        replace(bad, 5)
    assert refused.value.code == "set_aside"


def test_a_rating_is_replaced_once_within_its_days_and_both_stay(world: people.Place) -> None:
    key = rated(1)
    replace(key, 4)
    with pytest.raises(rating.AlreadyRated):
        replace(key, 5)
    counts = figures()
    assert counts.levels == (0, 0, 0, 0, 1)
    assert counts.adjusted.levels == (0, 1, 0, 0, 0)
    assert (ratings.rated({key})[key].level, ratings.replacement(key).level) == (1, 4)  # type: ignore[union-attr]
    late = rated(2)
    with pytest.raises(rating.BadRating):
        evaluations.replace(
            given=rating.Given("x", 1, 5, rating.Channel.LINK),
            record_id=late,
            by=0,
            at=clock.now() + timedelta(days=16),
        )


def test_who_replaces_a_bad_rating_ends_its_order_unless_a_department_has_had_it(
    world: people.Place,
) -> None:
    quiet, pressed = (moves.open_for(evaluation_id=rated(1), at=NOON) for _ in range(2))
    go(pressed, "dispatch", world.users["agent"], department=str(world.bureau))
    go(pressed, "sign", world.users["handler"])  # whether it pressed them nobody knows
    for order in (quiet, pressed):
        key = orders.Order.objects.get(pk=order).evaluation_id
        replace(key, 5)
        moves.take_replacement(evaluation_id=key, before=1, level=5, at=NOON + timedelta(hours=1))
    assert [orders.Order.objects.get(pk=order).state for order in (quiet, pressed)] == [
        "closed",
        "verifying",
    ]
    assert orders.Step.objects.filter(order_id=pressed, move="flag").exists()


def test_who_replaces_a_good_rating_by_a_bad_one_gets_an_order(world: people.Place) -> None:
    service = given_record()
    register(service)
    (stored,) = submit(given_rating(service, 5))
    assert stored.key
    replace(stored.key, 1)
    moves.take_replacement(evaluation_id=stored.key, before=5, level=1, at=NOON)
    assert orders.Order.objects.get().level == 1
    assert figures().adjusted.bad == 1


def test_the_score_follows_the_weights() -> None:
    assert rules.Counts((2, 1, 0, 0, 1)).score((100, 80, 60, 30, 0)) == 70
    assert rules.Counts().score((100, 80, 60, 30, 0)) is None
