"""What a move needs, and what policy and fairness forbid, on the edge of each."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from haochaping.calendar.rules import WorkingCalendar
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel.moments import LOCAL
from haochaping.orders import rules
from haochaping.orders.rules import Case, NotNow, Satisfaction, Side, State, TooLate, Verb
from haochaping.orders.rules.moves import MOVES
from haochaping.policies.rules import Terms

CALENDAR = WorkingCalendar(1)
NINE = datetime(2026, 11, 18, 9, 0, tzinfo=LOCAL)  # a Wednesday
SECOND = timedelta(seconds=1)
NEEDED = {
    "department": "1",
    "ground": "duties",
    "reason": "x",
    "finding": "x",
    "measures": "x",
    "reply": "x",
    "satisfaction": "satisfied",
    "way": "phone",
    "note": "x",
    "days": "3",
    "claim": "malicious",
    "evidence": "x",
    "lead": "1",
}


def case(state: State, **facts: object) -> Case:
    """Return a case that was dispatched on Wednesday at nine."""
    usual = Case(state, 1, NINE, NINE + timedelta(days=7), dispatched_at=NINE)
    return replace(usual, **facts)  # type: ignore[arg-type]


def move(
    of: Case, verb: Verb, at: datetime = NINE, terms: Terms | None = None, by: int = 1, **given: str
) -> Case:
    """Make a move."""
    facts = {**{fact: NEEDED[fact] for fact in MOVES[verb].needs}, **given}
    return rules.step(of, verb, facts, by=by, at=at, terms=terms or Terms(), calendar=CALENDAR)


def test_a_return_comes_within_four_office_hours_and_once() -> None:
    sent = case(State.DISPATCHED)
    last = NINE.replace(hour=14, minute=30)  # the lunch break does not count
    back = move(sent, Verb.DECLINE, last)
    assert (back.state, back.declined, back.dispatched_at) == (State.OPENED, 1, None)
    with pytest.raises(TooLate):
        move(sent, Verb.DECLINE, last + SECOND)
    with pytest.raises(TooLate):
        move(replace(sent, declined=1), Verb.DECLINE)
    move(replace(sent, declined=1), Verb.DECLINE, terms=Terms(returns=2))
    with pytest.raises(TooLate):
        move(sent, Verb.DECLINE, terms=Terms(return_hours=0))


def test_arbitration_is_for_who_cannot_return_any_more() -> None:
    sent = case(State.DISPATCHED)
    with pytest.raises(NotNow):
        move(sent, Verb.DISPUTE)
    assert move(sent, Verb.DISPUTE, NINE + timedelta(days=1)).sides == {MOVES[Verb.DISPUTE].opens}


@pytest.mark.parametrize(
    ("days", "good"),
    [("1", True), ("10", True), ("0", False), ("11", False), ("x", False), ("-1", False)],
)
def test_an_extension_is_of_one_to_ten_days(days: str, good: bool) -> None:
    work = case(State.RECTIFYING)
    if not good:
        with pytest.raises(rules.Incomplete) as refused:
            move(work, Verb.EXTEND, days=days)
        assert refused.value.field == "days"
        return
    asked = move(work, Verb.EXTEND, days=days)
    assert (asked.extended, asked.asked_days) == (True, int(days))
    granted = move(asked, Verb.GRANT_EXTENSION, by=2)
    assert (granted.extension, granted.asked_days) == (int(days), 0)
    assert granted.due_at == CALENDAR.after(NINE, 5 + int(days))
    refused_ = move(asked, Verb.REFUSE_EXTENSION, by=2)
    assert (refused_.extension, refused_.asked_days, refused_.extended) == (0, 0, True)


def test_an_extension_is_asked_before_the_deadline_once_and_where_there_is_one() -> None:
    work = case(State.RECTIFYING)
    assert work.due_at is not None
    move(work, Verb.EXTEND, work.due_at - SECOND)
    with pytest.raises(TooLate):
        move(work, Verb.EXTEND, work.due_at)
    with pytest.raises(TooLate):
        move(replace(work, extended=True), Verb.EXTEND)
    with pytest.raises(rules.Incomplete) as refused:
        move(work, Verb.EXTEND, terms=Terms(extension=0))
    assert "不允许" in refused.value.says.zh


def test_an_objection_comes_within_three_working_days_and_once() -> None:
    work = case(State.VERIFYING)
    last = datetime(2026, 11, 23, 18, 0, tzinfo=LOCAL)
    asked = move(work, Verb.OBJECT, last)
    assert asked.objected
    assert Side.OBJECTION in asked.sides
    with pytest.raises(TooLate):
        move(work, Verb.OBJECT, last + SECOND)
    with pytest.raises(TooLate):
        move(replace(work, objected=True), Verb.OBJECT)
    with pytest.raises(TooLate):
        move(work, Verb.OBJECT, terms=Terms(objection=0))


def test_two_persons_uphold_an_objection_and_either_may_reject_it() -> None:
    asked = move(case(State.VERIFYING), Verb.OBJECT)
    once = move(asked, Verb.UPHOLD_OBJECTION, by=2)
    assert (once.opinion, once.set_aside) == ((2, True), False)
    assert Side.OBJECTION in once.sides
    with pytest.raises(SamePerson):
        move(once, Verb.UPHOLD_OBJECTION, by=2)
    both = move(once, Verb.UPHOLD_OBJECTION, by=3)
    assert (both.set_aside, both.state, both.opinion) == (True, State.CLOSED, None)
    for first, second in (
        (Verb.UPHOLD_OBJECTION, Verb.REJECT_OBJECTION),
        (Verb.REJECT_OBJECTION, Verb.UPHOLD_OBJECTION),
    ):
        decided = move(move(asked, first, by=2), second, by=3)
        assert (decided.set_aside, decided.state) == (False, State.VERIFYING)
        assert decided.opinion is None
        assert Side.OBJECTION not in decided.sides


def test_an_order_is_not_closed_while_an_objection_is_undecided() -> None:
    called = case(State.CALLED, satisfaction=Satisfaction.SATISFIED)
    assert move(called, Verb.CLOSE).state is State.CLOSED
    with pytest.raises(TooLate):
        move(replace(called, sides=frozenset({Side.OBJECTION})), Verb.CLOSE)


@pytest.mark.parametrize(
    ("said", "close", "reopen"),
    [
        (Satisfaction.SATISFIED, True, False),
        (Satisfaction.UNSATISFIED, False, True),
        (Satisfaction.BEYOND, True, True),
        (Satisfaction.UNREACHED, True, False),
        (Satisfaction.DECLINED, True, False),
    ],
)
def test_what_the_citizen_said_opens_one_way_or_both(
    said: Satisfaction, close: bool, reopen: bool
) -> None:
    assert rules.possible(Verb.CLOSE, State.CALLED, said, ()) == close
    assert rules.possible(Verb.REOPEN, State.CALLED, said, ()) == reopen
    again = case(State.CALLED, satisfaction=said, extension=3, extended=True)
    if reopen:
        back = move(again, Verb.REOPEN, NINE + timedelta(days=9))
        assert (back.state, back.reopened, back.extension) == (State.RECTIFYING, 1, 0)
        assert (back.extended, back.satisfaction) == (False, None)
        assert back.due_at == CALENDAR.after(NINE + timedelta(days=9), 5)


def test_dispatch_says_who_and_how_hard_and_a_transfer_keeps_the_clock() -> None:
    opened = case(State.OPENED, dispatched_at=None)
    hard = move(opened, Verb.DISPATCH, department="7", difficulty="complex")
    assert (hard.department_id, hard.is_complex, hard.dispatched_at) == (7, True, NINE)
    assert not move(opened, Verb.DISPATCH, department="7").is_complex
    passed = move(hard, Verb.TRANSFER, NINE + timedelta(days=2), department="8")
    assert (passed.department_id, passed.dispatched_at) == (8, NINE)
    assert passed.moved_at == NINE + timedelta(days=2)


def test_a_reply_ends_what_was_asked_and_findings_are_kept() -> None:
    assert move(case(State.VERIFYING), Verb.UPHOLD).upheld is True
    untrue = move(case(State.VERIFYING), Verb.DISMISS)
    assert (untrue.upheld, untrue.state) == (False, State.ANSWERING)
    sides = frozenset({Side.EXTENSION, Side.QUESTION, Side.OBJECTION})
    told = move(case(State.ANSWERING, sides=sides, asked_days=3), Verb.REPLY)
    assert told.sides == {Side.OBJECTION}
    assert (told.replied_at, told.asked_days, told.state) == (NINE, 0, State.REPLIED)


@pytest.mark.parametrize("verb", [verb for verb, row in MOVES.items() if row.needs])
def test_each_needed_fact_is_asked_for_by_its_name(verb: str) -> None:
    whole = {fact: NEEDED[fact] for fact in MOVES[verb].needs}
    assert rules.check_facts(verb, {**whole, "odd": "x"}) == whole
    for fact in MOVES[verb].needs:
        for text in ("", "  "):
            with pytest.raises(rules.Incomplete) as refused:
                rules.check_facts(verb, whole | {fact: text})
            assert refused.value.field == fact


def test_texts_have_two_thousand_characters_and_choices_are_choices() -> None:
    assert rules.check_facts(Verb.UPHOLD, {"finding": f" {'x' * 2000} "})["finding"] == "x" * 2000
    with pytest.raises(rules.Incomplete):
        rules.check_facts(Verb.UPHOLD, {"finding": "x" * 2001})
    with pytest.raises(rules.Incomplete) as refused:
        rules.check_facts(Verb.CALL_BACK, {"satisfaction": "delighted"})
    assert refused.value.field == "satisfaction"


def test_only_moves_of_the_table_that_fit_state_right_and_tracks_are_offered() -> None:
    handler = rules.moves_from(State.VERIFYING, {Right.HANDLE}, None)
    assert {Verb.UPHOLD, Verb.DISMISS, Verb.EXTEND, Verb.OBJECT} <= set(handler)
    assert Verb.GRANT_EXTENSION not in handler
    office = {Right.DECIDE, Right.SUPERVISE}
    assert Verb.GRANT_EXTENSION not in rules.moves_from(State.VERIFYING, office, None)
    beside = rules.moves_from(State.VERIFYING, office, None, {Side.EXTENSION})
    assert {Verb.GRANT_EXTENSION, Verb.REFUSE_EXTENSION} <= set(beside)
    asked = rules.moves_from(State.VERIFYING, {Right.HANDLE}, None, {Side.EXTENSION})
    assert Verb.EXTEND not in asked
    assert Verb.REMIND not in rules.moves_from(State.VERIFYING, set(Right), None)
    assert rules.moves_from(State.VERIFYING, set(), None) == []
    assert not rules.possible("no_such_move", State.OPENED, None, ())
    with pytest.raises(NotNow):
        move(case(State.OPENED), Verb.SIGN)
