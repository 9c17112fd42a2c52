"""Measures of the loop: what nobody looked at stays in the denominator."""

from haochaping.analytics.rules import Counts, Loop
from haochaping.insight.measures import ALL
from haochaping.insight.rules.measure import Facts


def test_who_verifies_nothing_has_rectified_nothing() -> None:
    slow = Loop(due=100, due_verified=20, due_upheld=15, due_rectified=15, due_rectified_in_time=8)
    facts = Facts(Counts(), slow, {}, 1.05)
    assert ALL["rectified_share"].of(facts).value == 15 / 95  # five were found untrue
    assert ALL["rectified_in_time"].of(facts).value == 8 / 95
