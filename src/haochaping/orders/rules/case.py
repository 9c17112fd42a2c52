"""An order as the rules see it; what moves check beyond the table, and what they note.

`moves.MOVES` names each of these functions in the row of its move.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haochaping.calendar.rules import WorkingCalendar
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.orders.rules.vocabulary import Fact, Side, State
from haochaping.policies.rules import Terms


class NotNow(Conflict):
    """The move does not start from the order's state, or its call-back or a track says
    otherwise.
    """

    code = "not_now"
    says = Words(
        "工单状态已变化，此操作现在不可用，请刷新后再看。",
        "The order has moved on; this cannot be done now. Reload and look again.",
    )


class Incomplete(Refusal):
    """The move lacks something it needs."""

    code = "incomplete"


class TooLate(Conflict):
    """The policy's time for this is over, or its number is used up."""

    code = "too_late"


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
    # what was promised, kept when the order has moved on: the answer's limit and the call-back's
    answer_due_at: datetime | None = None
    call_due_at: datetime | None = None
    asked_days: int = 0  # of the extension that waits for a decision
    opinion: tuple[int, bool] | None = None  # who has decided on the objection first, and how


COLUMNS = tuple(
    name for name in Case.__dataclass_fields__ if name not in ("sides", "asked_days", "opinion")
)


@dataclass(frozen=True)
class Asked:
    """A move as it is checked."""

    case: Case
    facts: Mapping[str, str]
    at: datetime
    terms: Terms
    calendar: WorkingCalendar


def may_return(asked: Asked) -> None:
    """Raise TooLate once the policy allows no return."""
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
        hours = asked.terms.return_hours
        raise TooLate(
            Words(
                f"退回须在派单后 {hours} 个工作小时内提出；请提请裁定。",
                f"A return must come within {hours} office hours; ask for arbitration.",
            )
        )


def may_dispute(asked: Asked) -> None:
    """Raise NotNow while the order may still be returned."""
    with suppress(TooLate):
        may_return(asked)
        raise NotNow(
            Words(
                "现在可以直接退回，无需裁定。", "You may still return it; no arbitration is needed."
            )
        )


def may_extend(asked: Asked) -> None:
    """Raise unless an extension of so many days can be asked for now."""
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
        most = asked.terms.extension
        says = Words(f"延长天数应为 1–{most} 个工作日。", f"1 to {most} working days.")
        if not most:
            says = Words("本地区不允许延期。", "No extension is allowed here.")
        raise Incomplete(says, field=Fact.DAYS)


def may_object(asked: Asked) -> None:
    """Raise TooLate unless an objection can still be made."""
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


def may_close(asked: Asked) -> None:
    """Raise TooLate while an objection is undecided."""
    if Side.OBJECTION in asked.case.sides:
        raise TooLate(
            Words(
                "申诉尚未裁定，暂不能办结。",
                "An objection is undecided; the order cannot be closed yet.",
            )
        )


type Notes = dict[str, Any]  # fields of the case that a move sets besides its state
type Given = Mapping[str, str]
NEW_CLOCK: Notes = {"satisfaction": None, "extension": 0, "extended": False}


def dispatched(_case: Case, facts: Given, at: datetime) -> Notes:
    """Start the department's clock."""
    return {
        "department_id": int(facts[Fact.DEPARTMENT]),
        "dispatched_at": at,
        "is_complex": facts.get(Fact.DIFFICULTY) == "complex",
    }


def handed_over(_case: Case, facts: Given, at: datetime) -> Notes:
    """Hand the order over; whoever takes it goes on with the same clock."""
    return {"department_id": int(facts[Fact.DEPARTMENT]), "moved_at": at}


def returned(case: Case, _facts: Given, _at: datetime) -> Notes:
    """Count the return; nobody's clock runs."""
    return {"declined": case.declined + 1, "dispatched_at": None}


def found_true(_case: Case, _facts: Given, _at: datetime) -> Notes:
    """Note that the complaint is true 属实."""
    return {"upheld": True}


def found_untrue(_case: Case, _facts: Given, _at: datetime) -> Notes:
    """Note that the complaint is not true 不属实."""
    return {"upheld": False}


def replied(case: Case, _facts: Given, at: datetime) -> Notes:
    """Answer what was asked; no extension is left to decide."""
    sides = case.sides - {Side.EXTENSION, Side.QUESTION}
    return {"replied_at": at, "sides": sides, "asked_days": 0}


def called_back(_case: Case, facts: Given, _at: datetime) -> Notes:
    """Note what the citizen says."""
    return {"satisfaction": facts[Fact.SATISFACTION]}


def reopened(case: Case, _facts: Given, at: datetime) -> Notes:
    """Start a new clock."""
    return {**NEW_CLOCK, "reopened": case.reopened + 1, "dispatched_at": at}


def extension_asked(_case: Case, facts: Given, _at: datetime) -> Notes:
    """Remember the days; whatever is decided, it can be asked once only."""
    return {"extended": True, "asked_days": int(facts[Fact.DAYS])}


def extension_granted(case: Case, _facts: Given, _at: datetime) -> Notes:
    """Lengthen the limit by the days that were asked for."""
    return {"extension": case.asked_days, "asked_days": 0}


def extension_refused(_case: Case, _facts: Given, _at: datetime) -> Notes:
    """Forget the days."""
    return {"asked_days": 0}


def objected(_case: Case, _facts: Given, _at: datetime) -> Notes:
    """Remember the objection: it can be made once only."""
    return {"objected": True}
