"""How a bad rating is worked through. Read MOVES; everything else follows from it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from haochaping.identity.rules import Right
from haochaping.kernel.calendar import WorkingCalendar
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words


class State(StrEnum):
    """Where an order is. Few and flat; the rest are facts beside the order."""

    OPENED = "opened"  # 待派单
    DISPATCHED = "dispatched"  # 待签收
    VERIFYING = "verifying"  # 核实中
    RECTIFYING = "rectifying"  # 整改中
    ANSWERING = "answering"  # 待答复
    REPLIED = "replied"  # 待回访
    CALLED = "called"  # 已回访
    CLOSED = "closed"  # 已办结


STATES: Mapping[State, Words] = {
    State.OPENED: Words("待派单", "To dispatch"),
    State.DISPATCHED: Words("待签收", "To sign"),
    State.VERIFYING: Words("核实中", "Verifying"),
    State.RECTIFYING: Words("整改中", "Rectifying"),
    State.ANSWERING: Words("待答复", "To answer"),
    State.REPLIED: Words("待回访", "To call back"),
    State.CALLED: Words("已回访", "Called back"),
    State.CLOSED: Words("已办结", "Closed"),
}


class Fact(StrEnum):
    """What a move must be given."""

    DEPARTMENT = "department"
    REASON = "reason"
    FINDING = "finding"
    MEASURES = "measures"
    REPLY = "reply"
    SATISFACTION = "satisfaction"


FACTS: Mapping[Fact, Words] = {
    Fact.DEPARTMENT: Words("责任单位", "Department"),
    Fact.REASON: Words("理由", "Reason"),
    Fact.FINDING: Words("核实情况", "Finding"),
    Fact.MEASURES: Words("整改措施", "Measures"),
    Fact.REPLY: Words("给群众的答复", "Reply to the citizen"),
    Fact.SATISFACTION: Words("回访结果", "Result of the call"),
}


class Satisfaction(StrEnum):
    """What the citizen said of the handling when called back."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    UNREACHED = "unreached"


SATISFACTIONS: Mapping[Satisfaction, Words] = {
    Satisfaction.SATISFIED: Words("满意", "Satisfied"),
    Satisfaction.UNSATISFIED: Words("不满意", "Not satisfied"),
    Satisfaction.UNREACHED: Words("三次未接通", "Not reached three times"),
}


@dataclass(frozen=True)
class Move:
    """A way from one state to another: who may go it, what it is called, what it needs, and after which call it is open."""

    source: State
    target: State
    right: Right
    says: Words  # the label of the button and the sentence of the timeline
    needs: tuple[Fact, ...] = ()
    after: frozenset[Satisfaction] | None = None  # open only after a call-back with one of these results


_CONTENT = frozenset({Satisfaction.SATISFIED, Satisfaction.UNREACHED})

MOVES: Mapping[str, Move] = {
    "dispatch": Move(State.OPENED, State.DISPATCHED, Right.DISPATCH, Words("派单", "Dispatch"), (Fact.DEPARTMENT,)),
    "decline": Move(State.DISPATCHED, State.OPENED, Right.HANDLE, Words("退回", "Return"), (Fact.REASON,)),
    "sign": Move(State.DISPATCHED, State.VERIFYING, Right.HANDLE, Words("签收", "Sign for")),
    "uphold": Move(State.VERIFYING, State.RECTIFYING, Right.HANDLE, Words("属实", "Verified true"), (Fact.FINDING,)),
    "dismiss": Move(State.VERIFYING, State.ANSWERING, Right.HANDLE, Words("不属实", "Not true"), (Fact.FINDING,)),
    "rectify": Move(State.RECTIFYING, State.ANSWERING, Right.HANDLE, Words("整改完成", "Rectified"), (Fact.MEASURES,)),
    "reply": Move(State.ANSWERING, State.REPLIED, Right.HANDLE, Words("答复群众", "Reply"), (Fact.REPLY,)),
    "call_back": Move(State.REPLIED, State.CALLED, Right.CALL_BACK, Words("登记回访", "Record the call"), (Fact.SATISFACTION,)),
    "close": Move(State.CALLED, State.CLOSED, Right.CALL_BACK, Words("办结", "Close"), after=_CONTENT),
    "reopen": Move(
        State.CALLED, State.RECTIFYING, Right.CALL_BACK, Words("重新交办", "Reopen"), (Fact.REASON,), after=frozenset({Satisfaction.UNSATISFIED})
    ),
}


@dataclass(frozen=True)
class Limits:
    """Limits in working days, from the policy in force when the order was dispatched."""

    contact: int = 1  # to dispatch, and to sign
    ordinary: int = 5  # to verify, rectify and reply, from dispatch
    complex: int = 15
    call_back: int = 3  # from the reply


class NotNow(Conflict):
    """The move does not start from the order's state, or its call-back says otherwise."""

    code = "not_now"
    says = Words("工单状态已变化，此操作现在不可用，请刷新后再看。", "The order has moved on; this cannot be done now. Reload and look again.")


class Incomplete(Refusal):
    """The move lacks something it needs."""

    code = "incomplete"


def moves_from(state: State, rights: Collection[Right], satisfaction: str | None) -> list[str]:
    """Return the moves to show as buttons."""
    return [
        name for name, move in MOVES.items() if move.source is state and move.right in rights and (move.after is None or satisfaction in move.after)
    ]


def advance(state: State, name: str, given: Mapping[str, str], satisfaction: str | None) -> State:
    """Return the state after a move; raises NotNow, or Incomplete naming what is missing."""
    move = MOVES.get(name)
    if move is None or move.source is not state or (move.after is not None and satisfaction not in move.after):
        raise NotNow
    for fact in move.needs:
        value = given.get(fact, "").strip()
        if not value or (fact is Fact.SATISFACTION and value not in Satisfaction):
            label = FACTS[fact]
            raise Incomplete(Words(f"请填写{label.zh}。", f"{label.en} is missing."), field=fact)
        if len(value) > 2000:  # noqa: PLR2004 - the form's own limit
            raise Incomplete(Words("内容最长 2000 字。", "At most 2000 characters."), field=fact)
    return MOVES[name].target


def due_at(state: State, since: datetime, dispatched_at: datetime | None, limits: Limits, calendar: WorkingCalendar) -> datetime | None:
    """Return when the present holder must have moved on; None once nobody holds it. The clock of the department starts at dispatch."""
    match state:
        case State.CLOSED:
            return None
        case State.OPENED | State.DISPATCHED:
            return calendar.after(since, limits.contact)
        case State.VERIFYING | State.RECTIFYING | State.ANSWERING:
            return calendar.after(dispatched_at or since, limits.ordinary)
        case State.REPLIED | State.CALLED:
            return calendar.after(since, limits.call_back)


def remaining(due: datetime | None, at: datetime) -> tuple[str, Words]:
    """Return how pressing a deadline is (`none`, `calm`, `soon`, `late`) and the words: 还剩 5 小时 28 分."""
    if due is None:
        return "none", Words("—", "—")
    left = due - at
    span = abs(left)
    if span >= timedelta(days=2):
        words = Words(f"{span.days} 天", f"{span.days} d")
    elif span >= timedelta(hours=1):
        hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
        words = Words(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    else:
        minutes = int(span.total_seconds()) // 60
        words = Words(f"{minutes} 分钟", f"{minutes} min")
    if left < timedelta(0):
        return "late", Words(f"超期 {words.zh}", f"{words.en} late")
    return ("soon" if left < timedelta(hours=4) else "calm"), Words(f"还剩 {words.zh}", f"{words.en} left")


def diagram() -> str:
    """Return the states and moves as a mermaid diagram, for docs/orders-states.md."""
    lines = ["stateDiagram-v2", "  [*] --> opened"]
    lines += [f"  {move.source} --> {move.target}: {move.says.zh} {name}" for name, move in MOVES.items()]
    return "\n".join([*lines, "  closed --> [*]"])
