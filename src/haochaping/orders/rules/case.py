"""An order as the rules see it.

`step` makes one move and returns the case after it, or raises why not. Pure, so that it can be
walked.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from haochaping.calendar.rules import WorkingCalendar
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.orders.rules import ladder
from haochaping.orders.rules.moves import (
    MOVES,
    Fact,
    Incomplete,
    NotNow,
    Side,
    State,
    TooLate,
    check_facts,
    possible,
)
from haochaping.policies.rules import SamePerson, Terms

UNDO_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Case:
    """What the rules need of an order.

    Every field is a column of it, `sides` and `opinion` come from its tracks.
    """

    state: State
    department_id: int
    moved_at: datetime
    due_at: datetime | None
    dispatched_at: datetime | None = None
    is_complex: bool = False
    extension: int = 0  # working days granted
    extended: bool = False  # asked once, whatever was decided
    objected: bool = False
    declined: int = 0
    reopened: int = 0
    upheld: bool | None = None
    satisfaction: str | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    set_aside: bool = (
        False  # the objection was upheld: the rating stays, and the adjusted figures leave it out
    )
    rung: int = 0
    climb_at: datetime | None = None
    calendar_version: int = 0
    provisional: bool = False
    sides: frozenset[Side] = frozenset()
    asked_days: int = 0  # of the extension that waits for a decision
    opinion: tuple[int, bool] | None = None  # who has decided on the objection first, and how


COLUMNS = tuple(
    name for name in Case.__dataclass_fields__ if name not in ("sides", "asked_days", "opinion")
)


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
    facts = check_facts(verb, given)
    if verb in _CHECKS:
        _CHECKS[verb](_Asked(case, facts, at, terms, calendar))
    move = MOVES[verb]
    after = replace(case, **_NOTES[verb](case, facts, at)) if verb in _NOTES else case
    if move.closes is Side.OBJECTION:
        after = _opined(case, by, upheld=verb == "uphold_objection", at=at)
    if move.opens:
        after = replace(after, sides=after.sides | {move.opens})
    if move.closes and (move.closes is not Side.OBJECTION or after.opinion is None):
        after = replace(after, sides=after.sides - {move.closes})
    if move.target is not None and move.target is not after.state:
        after = replace(after, state=move.target)
    if after.state is State.CLOSED:
        after = replace(after, closed_at=at, sides=frozenset(), opinion=None, asked_days=0)
    if after.state is not case.state:
        after = replace(after, moved_at=at)
    timed = (after.state, after.moved_at, after.dispatched_at, after.extension) != (
        case.state,
        case.moved_at,
        case.dispatched_at,
        case.extension,
    )
    return dated(after, at, terms, calendar) if timed else after


def revived(case: Case, at: datetime, terms: Terms, calendar: WorkingCalendar) -> Case:
    """Return the case with a new clock, because the citizen is not satisfied after all."""
    after = replace(
        case,
        **_NEW_CLOCK,
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
    return replace(
        case,
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
    limit = (terms.complex if case.is_complex else terms.ordinary) + case.extension
    whole = calendar.after(
        case.dispatched_at or case.moved_at, limit
    )  # counted from dispatch, whoever signs or takes over when
    return (
        min(whole, calendar.after(case.moved_at, terms.contact))
        if case.state is State.DISPATCHED
        else whole
    )


@dataclass(frozen=True)
class _Asked:
    """A move as it is checked."""

    case: Case
    facts: Mapping[str, str]
    at: datetime
    terms: Terms
    calendar: WorkingCalendar


def _decline(asked: _Asked) -> None:
    if asked.terms.return_hours == 0 or asked.case.declined >= asked.terms.returns:
        raise TooLate(
            Words(
                "按规定不得退回；对责任单位有异议的，请提请裁定。",
                "Returns are not allowed; ask for arbitration instead.",
            )
        )
    if asked.at > asked.calendar.after_hours(
        asked.case.dispatched_at or asked.case.moved_at, asked.terms.return_hours
    ):
        says = f"退回须在派单后 {asked.terms.return_hours} 个工作小时内提出；请提请裁定。"
        raise TooLate(
            Words(
                says,
                f"A return must come within {asked.terms.return_hours} office hours; ask for "
                "arbitration.",
            )
        )


def _dispute(asked: _Asked) -> None:
    with suppress(TooLate):
        _decline(asked)
        raise NotNow(
            Words(
                "现在可以直接退回，无需裁定。", "You may still return it; no arbitration is needed."
            )
        )


def _extend(asked: _Asked) -> None:
    if asked.case.extended:
        raise TooLate(
            Words("每件工单只能申请延期一次。", "An extension can be asked for once only.")
        )
    if asked.case.due_at is not None and asked.at >= asked.case.due_at:
        raise TooLate(
            Words(
                "已过办理时限，不能再申请延期。",
                "The deadline has passed; no extension can be asked for.",
            )
        )
    if not 0 < (whole(asked.facts["days"]) or 0) <= asked.terms.extension:
        says = (
            f"延长天数应为 1–{asked.terms.extension} 个工作日。"
            if asked.terms.extension
            else "本地区不允许延期。"
        )
        raise Incomplete(
            Words(says, f"1 to {asked.terms.extension} working days."), field=Fact.DAYS
        )


def _object(asked: _Asked) -> None:
    if asked.case.objected:
        raise TooLate(Words("每件工单只能申诉一次。", "An objection can be made once only."))
    if asked.terms.objection == 0 or asked.at > asked.calendar.after(
        asked.case.dispatched_at or asked.case.moved_at, asked.terms.objection
    ):
        raise TooLate(
            Words(
                f"申诉须在派单后 {asked.terms.objection} 个工作日内提出。",
                f"Objections end {asked.terms.objection} working days after dispatch.",
            )
        )


def _close(asked: _Asked) -> None:
    if Side.OBJECTION in asked.case.sides:
        raise TooLate(
            Words(
                "申诉尚未裁定，暂不能办结。",
                "An objection is undecided; the order cannot be closed yet.",
            )
        )


# What the policy and fairness forbid beyond the table
_CHECKS = {
    "decline": _decline,
    "dispute": _dispute,
    "extend": _extend,
    "object": _object,
    "close": _close,
}
_NEW_CLOCK: dict[str, Any] = {"satisfaction": None, "extension": 0, "extended": False}
# What a move says of the case besides its state; who takes over goes on with the same clock
_NOTES: Mapping[str, Callable[[Case, Mapping[str, str], datetime], dict[str, Any]]] = {
    "dispatch": lambda _, facts, at: {
        "department_id": int(facts["department"]),
        "dispatched_at": at,
        "is_complex": facts.get("difficulty") == "complex",
    },
    "transfer": lambda _, facts, at: {"department_id": int(facts["department"]), "moved_at": at},
    "arbitrate": lambda _, facts, at: {"department_id": int(facts["department"]), "moved_at": at},
    "decline": lambda case, _facts, _at: {"declined": case.declined + 1, "dispatched_at": None},
    "uphold": lambda _case, _facts, _at: {"upheld": True},
    "dismiss": lambda _case, _facts, _at: {"upheld": False},
    "reply": lambda case, _, at: {
        "replied_at": at,
        "sides": case.sides - {Side.EXTENSION, Side.QUESTION},
        "asked_days": 0,
    },
    "call_back": lambda _case, facts, _at: {"satisfaction": facts["satisfaction"]},
    "reopen": lambda case, _, at: {
        **_NEW_CLOCK,
        "reopened": case.reopened + 1,
        "dispatched_at": at,
    },
    "extend": lambda _case, facts, _at: {"extended": True, "asked_days": int(facts["days"])},
    "grant_extension": lambda case, _facts, _at: {"extension": case.asked_days, "asked_days": 0},
    "refuse_extension": lambda _case, _facts, _at: {"asked_days": 0},
    "object": lambda _case, _facts, _at: {"objected": True},
}


def _opined(case: Case, by: int, *, upheld: bool, at: datetime) -> Case:
    """Two persons decide on an objection; only if both uphold it is the rating set aside."""
    if case.opinion is None:
        return replace(case, opinion=(by, upheld))
    if case.opinion[0] == by:
        raise SamePerson
    if upheld and case.opinion[1]:
        return replace(case, opinion=None, set_aside=True, state=State.CLOSED, moved_at=at)
    return replace(case, opinion=None)
