"""Golden deadlines: what holds from which moment, in days that anybody can count on a calendar."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from haochaping.calendar.rules import WorkingCalendar
from haochaping.kernel.moments import LOCAL
from haochaping.orders import rules
from haochaping.orders.rules import Case, State, ladder
from haochaping.orders.rules.case import NEW_CLOCK
from haochaping.policies.rules import Terms

CALENDAR = WorkingCalendar(1)  # Monday to Friday, no holidays
WEDNESDAY = datetime(2026, 11, 18, 12, 0, tzinfo=LOCAL)
FRIDAY = datetime(2026, 11, 20, 17, 59, tzinfo=LOCAL)
SATURDAY = datetime(2026, 11, 21, 10, 0, tzinfo=LOCAL)


def case(state: State, moved_at: datetime = WEDNESDAY, **facts: object) -> Case:
    """Return a case in a state."""
    return replace(Case(state, 1, moved_at, None), **facts)  # type: ignore[arg-type]


def text(moment: datetime | None) -> str:
    """Return a moment by the clock of China."""
    return f"{moment.astimezone(LOCAL):%m-%d %H:%M}" if moment else ""


SENT = {"dispatched_at": WEDNESDAY}
COMPLEX = {**SENT, "is_complex": True}


@pytest.mark.parametrize(
    ("of", "due"),
    [
        # to dispatch: the close of the next working day
        (case(State.OPENED), "11-19 18:00"),
        (case(State.OPENED, FRIDAY), "11-23 18:00"),
        (case(State.OPENED, SATURDAY), "11-23 18:00"),
        # to sign: the same from dispatch, however long the whole limit is
        (case(State.DISPATCHED, **SENT), "11-19 18:00"),
        (case(State.DISPATCHED, **COMPLEX), "11-19 18:00"),
        (case(State.DISPATCHED, FRIDAY, dispatched_at=FRIDAY), "11-23 18:00"),
        # never beyond the whole limit: it was passed on the day before that ends
        (
            case(
                State.DISPATCHED,
                datetime(2026, 11, 25, 9, 0, tzinfo=LOCAL),
                dispatched_at=WEDNESDAY,
            ),
            "11-25 18:00",
        ),
        # the whole: 5 working days, complex 15, counted from dispatch whoever holds it
        (case(State.VERIFYING, FRIDAY, **SENT), "11-25 18:00"),
        (case(State.RECTIFYING, SATURDAY, **SENT), "11-25 18:00"),
        (case(State.ANSWERING, SATURDAY, **SENT), "11-25 18:00"),
        (case(State.VERIFYING, FRIDAY, **COMPLEX), "12-09 18:00"),
        (case(State.RECTIFYING, FRIDAY, **COMPLEX), "12-09 18:00"),
        # an extension lies on top
        (case(State.RECTIFYING, extension=3, **SENT), "11-30 18:00"),
        (case(State.RECTIFYING, extension=10, **COMPLEX), "12-23 18:00"),
        # to call back: 3 working days from the reply
        (case(State.REPLIED, SATURDAY, replied_at=WEDNESDAY, **SENT), "11-23 18:00"),
        (case(State.CALLED, SATURDAY, replied_at=WEDNESDAY, **SENT), "11-23 18:00"),
        (case(State.REPLIED, FRIDAY, **SENT), "11-25 18:00"),
        (case(State.CLOSED, **SENT), ""),
    ],
)
def test_each_state_has_its_deadline(of: Case, due: str) -> None:
    assert text(rules.due_at(of, Terms(), CALENDAR)) == due


@pytest.mark.parametrize(
    ("terms", "state", "due"),
    [
        (Terms(contact=2), State.OPENED, "11-20 18:00"),
        (Terms(contact=2), State.DISPATCHED, "11-20 18:00"),
        (Terms(ordinary=10), State.VERIFYING, "12-02 18:00"),
        (Terms(call_back=1), State.REPLIED, "11-19 18:00"),
    ],
)
def test_a_policy_moves_the_deadline_that_it_speaks_of(
    terms: Terms, state: State, due: str
) -> None:
    assert text(rules.due_at(case(state, **SENT), terms, CALENDAR)) == due


DUE = datetime(2026, 11, 25, 18, 0, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("verb", "at"),
    [
        ("remind", "11-24 09:00"),
        ("warn", "11-25 09:00"),
        ("urge", "11-26 09:00"),
        ("supervise", "11-30 09:00"),
        ("circular", "12-02 09:00"),
    ],
)
def test_the_ladder_is_climbed_as_offices_open(verb: str, at: str) -> None:
    assert text(ladder.rung_at(verb, DUE, Terms(), CALENDAR)) == at
    assert [str(rung) for rung in ladder.RUNGS] == [
        "remind",
        "warn",
        "urge",
        "supervise",
        "circular",
    ]


def test_a_reminder_that_lies_in_the_past_is_left_out_and_what_follows_is_not() -> None:
    late = datetime(2026, 12, 24, 9, 0, tzinfo=LOCAL)
    number, at = ladder.next_rung(DUE, WEDNESDAY, 0, Terms(), CALENDAR)
    assert (number, text(at)) == (0, "11-24 09:00")
    number, at = ladder.next_rung(DUE, late, 0, Terms(), CALENDAR)
    assert (ladder.RUNGS[number], text(at)) == ("urge", "11-26 09:00")
    assert ladder.next_rung(DUE, late, 5, Terms(), CALENDAR) == (5, None)
    on_time = datetime(2026, 11, 24, 9, 0, tzinfo=LOCAL)  # exactly then: it is over
    assert ladder.next_rung(DUE, on_time, 0, Terms(), CALENDAR)[0] == 1


def test_a_new_case_has_its_deadline_and_first_rung_and_says_when_the_year_is_not_known() -> None:
    known = WorkingCalendar(7, years=frozenset({2026}))
    fresh = rules.opened(3, WEDNESDAY, Terms(), known)
    assert (fresh.state, fresh.department_id) == (State.OPENED, 3)
    assert (text(fresh.due_at), fresh.calendar_version) == ("11-19 18:00", 7)
    assert (fresh.rung, text(fresh.climb_at), fresh.provisional) == (1, "11-19 09:00", False)
    new_year = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    assert rules.opened(3, new_year, Terms(), known).provisional


def test_a_case_that_comes_back_has_a_new_clock_and_forgets_what_was_answered() -> None:
    old = case(
        State.CLOSED,
        replied_at=WEDNESDAY,
        closed_at=WEDNESDAY,
        extension=3,
        reopened=1,
        dispatched_at=WEDNESDAY,
    )
    back = rules.revived(old, FRIDAY, Terms(), CALENDAR)
    assert (back.state, back.reopened, back.closed_at) == (State.RECTIFYING, 2, None)
    assert (back.dispatched_at, back.moved_at) == (FRIDAY, FRIDAY)
    assert text(back.due_at) == "11-27 18:00"
    assert all(getattr(back, name) == value for name, value in NEW_CLOCK.items())


def test_a_case_whose_rating_was_replaced_is_closed_without_a_deadline() -> None:
    over = rules.withdrawn(case(State.RECTIFYING, rung=3, due_at=FRIDAY, **SENT), SATURDAY)
    assert (over.state, over.closed_at, over.moved_at) == (State.CLOSED, SATURDAY, SATURDAY)
    assert (over.due_at, over.climb_at, over.rung) == (None, None, 0)
