"""Walks through everything that can be done to an order, against a model that was written down
apart from the rules.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import people
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from people import NOON, rated

from haochaping.calendar.rules import WorkingCalendar
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import LOCAL
from haochaping.orders import actions, models, queries, rules
from haochaping.policies.rules import Terms

# The way of an order as the office would draw it: from, what is done, to. Everything that is not
# here leaves the order where it is or is refused.
WAY = {
    ("opened", "dispatch"): "dispatched",
    ("dispatched", "decline"): "opened",
    ("dispatched", "sign"): "verifying",
    ("verifying", "uphold"): "rectifying",
    ("verifying", "dismiss"): "answering",
    ("rectifying", "rectify"): "answering",
    ("answering", "reply"): "replied",
    ("replied", "call_back"): "called",
    ("called", "close"): "closed",
    ("called", "reopen"): "rectifying",
    **{
        (state, "transfer"): "dispatched"
        for state in ("dispatched", "verifying", "rectifying", "answering")
    },
    ("dispatched", "arbitrate"): "dispatched",
    ("verifying", "arbitrate"): "dispatched",
}
OPENS = {
    "extend": "extension",
    "object": "objection",
    "dispute": "dispute",
    "supervise": "supervision",
    "circular": "circular",
}
ENDS = {
    "grant_extension": "extension",
    "refuse_extension": "extension",
    "arbitrate": "dispute",
    "lift_supervision": "supervision",
    "interview": "circular",
    "uphold_objection": "objection",
    "reject_objection": "objection",
}
PERSONS = st.integers(1, 3)
terms = st.builds(
    Terms,
    contact=st.integers(1, 2),
    ordinary=st.integers(2, 6),
    complex=st.integers(6, 20),
    extension=st.integers(0, 10),
    objection=st.integers(0, 5),
    return_hours=st.integers(0, 16),
    returns=st.integers(0, 2),
    remind=st.integers(0, 2),
    urge=st.integers(1, 2),
    supervise=st.integers(2, 4),
    circular=st.integers(4, 8),
)


def facts(draw_days: int, satisfaction: str) -> dict[str, str]:
    """Return good facts for any move."""
    chosen = {fact.value: next(iter(choices)) for fact, choices in rules.CHOICES.items()}
    texts = dict.fromkeys(
        ("reason", "evidence", "finding", "measures", "reply", "note"), "写明情况"
    )
    return {
        **texts,
        **chosen,
        "department": "7",
        "days": str(draw_days),
        "satisfaction": satisfaction,
        "lead": "CP20261118-0001",
    }


class Walk(RuleBasedStateMachine):
    """One order, any move at any time by anybody; the calendar and the policy are drawn too."""

    @initialize(
        policy=terms,
        since=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1)),
        exceptions=st.dictionaries(
            st.dates(date(2026, 1, 1), date(2027, 3, 1)), st.booleans(), max_size=60
        ),
    )
    def begin(self, policy: Terms, since: datetime, exceptions: dict[date, bool]) -> None:
        """Open an order under a policy and a calendar."""
        self.calendar = WorkingCalendar(3, exceptions, frozenset({2026}))
        self.terms = policy
        self.at = since.replace(tzinfo=LOCAL)
        self.case = rules.opened(7, self.at, policy, self.calendar)
        self.state, self.sides, self.declined = "opened", set[str](), 0
        self.asked: dict[str, int] = {}
        self.opinions: list[tuple[int, bool]] = []

    @rule(hours=st.floats(0, 200))
    def time_passes(self, hours: float) -> None:
        """Let hours go by."""
        self.at += timedelta(hours=hours)

    @rule(
        verb=st.sampled_from([*rules.MOVES, "nonsense"]),
        by=PERSONS,
        days=st.integers(0, 12),
        said=st.sampled_from(list(rules.Satisfaction)),
    )
    def somebody_moves(self, verb: str, by: int, days: int, said: rules.Satisfaction) -> None:
        """Try a move; the rules and the model must agree on what becomes of it."""
        offered = rules.moves_from(
            self.case.state, set(Right), self.case.satisfaction, self.case.sides
        )
        try:
            after = rules.step(
                self.case,
                verb,
                facts(days, said),
                by=by,
                at=self.at,
                terms=self.terms,
                calendar=self.calendar,
            )
        except rules.NotNow:
            assert verb not in offered or verb == "dispute"
            return
        except (rules.TooLate, rules.Incomplete, SamePerson) as refused:
            self.must_be_refused(verb, by, days, refused)
            return
        assert verb in rules.MOVES
        self.follow(verb, by)
        self.case = after

    def must_be_refused(self, verb: str, by: int, days: int, refused: Refusal) -> None:
        """Check that a refusal beyond the table has one of these reasons and no other."""
        match verb:
            case "decline":
                since = self.case.dispatched_at or self.case.moved_at
                late = self.at > self.calendar.after_hours(since, self.terms.return_hours)
                assert self.terms.return_hours == 0 or self.declined >= self.terms.returns or late
            case "extend":
                assert (
                    self.asked.get("extend")
                    or self.at >= (self.case.due_at or self.at)
                    or not 0 < days <= self.terms.extension
                )
            case "object":
                assert (
                    self.asked.get("object")
                    or self.terms.objection == 0
                    or self.at > self.case.dispatched_at
                )  # type: ignore[operator]
            case "close":
                assert "objection" in self.sides
            case "uphold_objection" | "reject_objection":
                assert isinstance(refused, SamePerson)
                assert self.opinions[-1][0] == by
            case _:
                raise AssertionError(f"{verb} refused: {refused}")

    def follow(self, verb: str, by: int) -> None:
        """Do the same to the model."""
        self.asked[verb] = self.asked.get(verb, 0) + 1
        if verb in ("uphold_objection", "reject_objection"):
            self.opinions.append((by, verb == "uphold_objection"))
            if len(self.opinions) == 2:
                both = all(upheld for _, upheld in self.opinions)
                self.opinions.clear()
                self.sides.discard("objection")
                if both:
                    self.state = "closed"
        elif verb in ENDS:
            self.sides.discard(ENDS[verb])
        if verb in OPENS:
            self.sides.add(OPENS[verb])
        self.declined += verb == "decline"
        if verb == "reopen":
            self.asked.pop("extend", None)
        if verb == "reply":
            self.sides -= {"extension", "question"}
        self.state = WAY.get((self.state, verb), self.state)
        if self.state == "closed":
            self.sides.clear()
            self.opinions.clear()

    @invariant()
    def rules_and_model_agree(self) -> None:
        """Compare states and open tracks."""
        if hasattr(self, "case"):
            assert self.case.state.value == self.state
            assert {side.value for side in self.case.sides} == self.sides

    @invariant()
    def an_open_order_has_a_due_time_on_working_time_and_a_holder(self) -> None:
        """Check what must hold at every moment."""
        if not hasattr(self, "case"):
            return
        case = self.case
        assert (
            (case.due_at is None)
            == (case.state is rules.State.CLOSED)
            == (case.closed_at is not None)
        )
        if case.due_at is not None:
            assert self.calendar.works(case.due_at.date())
            assert case.due_at.astimezone(LOCAL).time() == time(18)
            assert case.department_id
            assert case.provisional == (case.due_at.year != 2026)
            assert case.climb_at is not None or case.rung == len(rules.RUNGS)
        if case.climb_at is not None:
            assert self.calendar.is_open(case.climb_at)
        assert case.set_aside is False or case.state is rules.State.CLOSED


Walk.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestWalk = Walk.TestCase


@given(
    terms,
    st.integers(0, 4000),
    st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 3, 1)), st.booleans(), max_size=60),
)
def test_the_ladder_is_climbed_in_order_and_each_rung_once(
    policy: Terms, hours: int, exceptions: Mapping[date, bool]
) -> None:
    calendar = WorkingCalendar(1, exceptions)
    case = rules.opened(7, NOON, policy, calendar)
    assert case.due_at is not None
    climbed, rung, at = [], case.rung, case.climb_at
    while at is not None:
        assert at > NOON
        climbed.append((rules.RUNGS[rung], at))
        rung, at = rules.next_rung(
            case.due_at, at + timedelta(hours=hours), rung + 1, policy, calendar
        )
    verbs = [verb for verb, _ in climbed]
    assert verbs[-3:] == ["urge", "supervise", "circular"]  # however late the sweep comes
    assert verbs == sorted(verbs, key=rules.RUNGS.index)
    late = [at for verb, at in climbed if verb in ("urge", "supervise", "circular")]
    assert all(moment > case.due_at for moment in late)
    assert late == sorted(late)


WHO = {
    Right.DISPATCH: "agent",
    Right.HANDLE: "handler",
    Right.CALL_BACK: "agent",
    Right.DECIDE: "city",
    Right.SCREEN: "city",
    Right.SUPERVISE: "city",
    Right.INSTRUCT: "province",
}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [name for name in rules.MOVES if name not in ("merge", "remind", "warn")]
            ),
            st.integers(0, 9),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_the_database_goes_where_the_rules_go(
    world: people.Place, walk: list[tuple[str, int, bool]]
) -> None:
    """The same walk through `actions.advance` and through the pure rules ends in the same case,
    step for step.
    """
    key = actions.open_for(evaluation_id=rated(2), at=NOON)
    order = models.Order.objects.get(pk=key)
    at, pure, steps = NOON, queries.case_of(order), 1
    for verb, hours, other in walk:
        at += timedelta(hours=hours)
        right = rules.MOVES[verb].right
        by = world.users[
            "province"
            if other and right in (Right.DECIDE, Right.SCREEN, Right.SUPERVISE)
            else WHO[right]
        ]
        given_ = {
            **facts(2, "unsatisfied" if other else "satisfied"),
            "department": str(world.bureau),
        }
        order = models.Order.objects.get(pk=key)
        terms_, calendar = Terms(**order.terms), actions._saving.calendar_of(order)
        try:
            wanted = rules.step(pure, verb, given_, by=by, at=at, terms=terms_, calendar=calendar)
        except Refusal as refused:
            with pytest.raises(type(refused)):
                actions.advance(order_id=key, move=verb, given=given_, by=by, at=at)
            continue
        actions.advance(order_id=key, move=verb, given=given_, by=by, at=at)
        steps += 1
        order = models.Order.objects.get(pk=key)
        pure = queries.case_of(order)
        assert replace(pure, due_at=None, climb_at=None) == replace(
            wanted, due_at=None, climb_at=None
        )
        assert (pure.due_at, pure.climb_at) == (wanted.due_at, wanted.climb_at)
    assert models.Step.objects.filter(order_id=key).count() == steps
    order = models.Order.objects.get(pk=key)
    assert order.state == "closed" or queries.holders(order, "urge", people.CITY)
