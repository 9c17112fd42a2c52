"""Making a move: `step` returns the case after it, or raises why not. Pure, so it can be walked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from haochaping.calendar.rules import WorkingCalendar
from haochaping.identity.rules import SamePerson
from haochaping.orders.rules import ladder
from haochaping.orders.rules.case import NEW_CLOCK, Asked, Case, NotNow
from haochaping.orders.rules.moves import MOVES
from haochaping.orders.rules.possible import check_facts, possible
from haochaping.orders.rules.verbs import Move, Verb
from haochaping.orders.rules.vocabulary import Side, State
from haochaping.policies.rules import Terms

HANDLED = (State.DISPATCHED, State.VERIFYING, State.RECTIFYING, State.ANSWERING)
UNDO_WITHIN = timedelta(minutes=10)


def opened(department_id: int, at: datetime, terms: Terms, calendar: WorkingCalendar) -> Case:
    """Return the case of a bad rating that has just come in."""
    return dated(Case(State.OPENED, department_id, at, None), at, terms, calendar)


def step(
    case: Case,
    verb: str,
    given: Mapping[str, str],
    *,
    by: int,
    at: datetime,
    terms: Terms,
    calendar: WorkingCalendar,
) -> Case:
    """Return the case after a move; raises NotNow, Incomplete, TooLate or SamePerson."""
    if not possible(verb, case.state, case.satisfaction, case.sides):
        raise NotNow
    move, facts = MOVES[verb], check_facts(verb, given)
    if move.checks is not None:
        move.checks(Asked(case, facts, at, terms, calendar))
    after = case if move.notes is None else replace(case, **move.notes(case, facts, at))
    if move.closes is Side.OBJECTION:
        after = _opined(case, by, upheld=verb == Verb.UPHOLD_OBJECTION, at=at)
    after = _arrived(_on_track(after, move), case, move, at)
    return dated(after, at, terms, calendar) if _clock_of(after) != _clock_of(case) else after


def _on_track(case: Case, move: Move) -> Case:
    """Open and end the tracks of a move; an objection ends with its second opinion."""
    if move.opens:
        case = replace(case, sides=case.sides | {move.opens})
    if move.closes and (move.closes is not Side.OBJECTION or case.opinion is None):
        case = replace(case, sides=case.sides - {move.closes})
    return case


def _arrived(after: Case, before: Case, move: Move, at: datetime) -> Case:
    """Go to the move's target; a closed order has no tracks."""
    if move.target is not None:
        after = replace(after, state=move.target)
    if after.state is State.CLOSED:
        after = replace(after, closed_at=at, sides=frozenset(), opinion=None, asked_days=0)
    return after if after.state is before.state else replace(after, moved_at=at)


def _clock_of(case: Case) -> tuple[object, ...]:
    """Return what the deadline depends on."""
    return case.state, case.moved_at, case.dispatched_at, case.extension


def revived(case: Case, at: datetime, terms: Terms, calendar: WorkingCalendar) -> Case:
    """Return the case with a new clock, because the citizen is not satisfied after all."""
    after = replace(
        case,
        **NEW_CLOCK,
        state=State.RECTIFYING,
        moved_at=at,
        dispatched_at=at,
        closed_at=None,
        reopened=case.reopened + 1,
    )
    return dated(after, at, terms, calendar)


def withdrawn(case: Case, at: datetime) -> Case:
    """Return the case closed, because the citizen has replaced the bad rating by a good one."""
    return replace(
        case,
        state=State.CLOSED,
        moved_at=at,
        closed_at=at,
        due_at=None,
        rung=0,
        climb_at=None,
        sides=frozenset(),
        opinion=None,
    )


def dated(case: Case, at: datetime, terms: Terms, calendar: WorkingCalendar) -> Case:
    """Return the case with its deadline and the next rung of the ladder."""
    due = due_at(case, terms, calendar)
    rung, climb_at = ladder.next_rung(due, at, 0, terms, calendar) if due else (0, None)
    provisional = due is not None and not calendar.knows(due.date())
    promised: dict[str, datetime | None] = {}
    if case.state in HANDLED:
        promised["answer_due_at"] = _answer_due(case, terms, calendar)
    elif case.state is State.REPLIED:
        promised["call_due_at"] = due
    return replace(
        case,
        **promised,  # type: ignore[arg-type]
        due_at=due,
        rung=rung,
        climb_at=climb_at,
        calendar_version=calendar.version,
        provisional=provisional,
    )


def due_at(case: Case, terms: Terms, calendar: WorkingCalendar) -> datetime | None:
    """Return when the present holder must have moved on; None once nobody holds it.

    The department's clock starts at dispatch.
    """
    match case.state:
        case State.CLOSED:
            return None
        case State.OPENED:
            return calendar.after(case.moved_at, terms.contact)
        case State.REPLIED | State.CALLED:
            return calendar.after(case.replied_at or case.moved_at, terms.call_back)
    whole = _answer_due(case, terms, calendar)
    return (
        min(whole, calendar.after(case.moved_at, terms.contact))
        if case.state is State.DISPATCHED
        else whole
    )


def _answer_due(case: Case, terms: Terms, calendar: WorkingCalendar) -> datetime:
    """Return when the citizen must have been answered: counted from dispatch, whoever signs or
    takes over when.
    """
    limit = (terms.complex if case.is_complex else terms.ordinary) + case.extension
    return calendar.after(case.dispatched_at or case.moved_at, limit)


def _opined(case: Case, by: int, *, upheld: bool, at: datetime) -> Case:
    """Two persons decide on an objection; only if both uphold it is the rating set aside."""
    if case.opinion is None:
        return replace(case, opinion=(by, upheld))
    if case.opinion[0] == by:
        raise SamePerson
    if upheld and case.opinion[1]:
        return replace(case, opinion=None, set_aside=True, state=State.CLOSED, moved_at=at)
    return replace(case, opinion=None)
