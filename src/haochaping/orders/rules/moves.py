"""How a bad rating is worked through. Read MOVES; everything else follows from it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from haochaping.identity.rules import Right
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words


class State(StrEnum):
    """Where an order is. Few and flat; the rest are tracks beside the order."""

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


class Side(StrEnum):
    """A track beside the order.

    Opened by one move, ended by another, at most one of a kind at a time.
    """

    EXTENSION = "extension"  # 延期申请
    OBJECTION = "objection"  # 申诉: the rating is mistaken or malicious
    DISPUTE = "dispute"  # 退回争议
    SUPERVISION = "supervision"  # 督办
    CIRCULAR = "circular"  # 通报
    QUESTION = "question"  # 群众追问


SIDES: Mapping[Side, Words] = {
    Side.EXTENSION: Words("延期待批", "Extension asked"),
    Side.OBJECTION: Words("申诉待裁定", "Objection"),
    Side.DISPUTE: Words("争议待裁定", "Dispute"),
    Side.SUPERVISION: Words("督办中", "Supervised"),
    Side.CIRCULAR: Words("已通报", "Circular"),
    Side.QUESTION: Words("群众追问", "Asked again"),
}


class Fact(StrEnum):
    """What a move must or may be given."""

    DEPARTMENT = "department"
    DIFFICULTY = "difficulty"
    GROUND = "ground"
    CLAIM = "claim"
    REASON = "reason"
    EVIDENCE = "evidence"
    DAYS = "days"
    FINDING = "finding"
    MEASURES = "measures"
    REPLY = "reply"
    SATISFACTION = "satisfaction"
    NOTE = "note"
    LEAD = "lead"
    WAY = "way"


FACTS: Mapping[Fact, Words] = {
    Fact.DEPARTMENT: Words("责任单位", "Department"),
    Fact.DIFFICULTY: Words("难易", "Difficulty"),
    Fact.GROUND: Words("退回依据", "Ground"),
    Fact.CLAIM: Words("申诉类型", "Claim"),
    Fact.REASON: Words("理由", "Reason"),
    Fact.EVIDENCE: Words("证据说明", "Evidence"),
    Fact.DAYS: Words("延长工作日", "More working days"),
    Fact.FINDING: Words("核实情况", "Finding"),
    Fact.MEASURES: Words("整改措施", "Measures"),
    Fact.REPLY: Words("给群众的答复", "Reply to the citizen"),
    Fact.SATISFACTION: Words("回访结果", "Result of the call"),
    Fact.NOTE: Words("备注", "Note"),
    Fact.LEAD: Words("主办工单编号", "Lead order"),
    Fact.WAY: Words("联系方式", "Way"),
}


class Satisfaction(StrEnum):
    """What the citizen said of the handling."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    # not satisfied, for reasons that are not the department's: law or policy forbids what is wanted
    BEYOND = "beyond"
    UNREACHED = "unreached"
    DECLINED = "declined"


SATISFACTIONS: Mapping[Satisfaction, Words] = {
    Satisfaction.SATISFIED: Words("满意", "Satisfied"),
    Satisfaction.UNSATISFIED: Words("不满意（单位原因）", "Not satisfied (the department's doing)"),
    Satisfaction.BEYOND: Words(
        "不满意（诉求于法无据）", "Not satisfied (not the department's doing)"
    ),
    Satisfaction.UNREACHED: Words("三次未接通", "Not reached three times"),
    Satisfaction.DECLINED: Words("不愿接受回访", "Does not want to be asked"),
}

# What a fact may be, where it is chosen from a list
CHOICES: Mapping[Fact, Mapping[str, Words]] = {
    Fact.SATISFACTION: {value.value: says for value, says in SATISFACTIONS.items()},
    Fact.DIFFICULTY: {
        "ordinary": Words("一般", "Ordinary"),
        "complex": Words("疑难复杂", "Complex"),
    },
    Fact.GROUND: {
        "duties": Words(
            "依三定规定不属本单位职责", "Not among this office's duties by its charter"
        ),
        "place": Words("属地管辖不在本地区", "Another place has jurisdiction"),
        "law": Words("法律法规规章另有主管机关", "A law names another authority"),
        "court": Words("已进入诉讼、仲裁、复议程序", "Before a court, arbitration or review"),
    },
    Fact.CLAIM: {
        "mistaken": Words("误评", "Mistaken"),
        "malicious": Words("恶意差评", "Malicious"),
    },
    Fact.WAY: {
        "phone": Words("电话", "Telephone"),
        "visit": Words("上门", "Visit"),
        "message": Words("短信微信", "Message"),
        "window": Words("来访", "At the window"),
    },
}


@dataclass(frozen=True)
class Move:
    """Something that can be done to an order.

    From where, to where, by whom, what it is called and what it needs.
    """

    sources: frozenset[State]
    target: State | None  # None: the order stays where it is
    right: Right
    says: Words  # the label of the button and the sentence of the timeline
    needs: tuple[Fact, ...] = ()
    may: tuple[Fact, ...] = ()  # may be given besides
    after: frozenset[Satisfaction] | None = (
        None  # open only after a call-back with one of these results
    )
    opens: Side | None = None
    closes: Side | None = None
    undoable: bool = False  # the same person may take it back for a few minutes


def _at(*states: State) -> frozenset[State]:
    return frozenset(states)


_DEPARTMENT = _at(State.VERIFYING, State.RECTIFYING, State.ANSWERING)
_HELD = _DEPARTMENT | {State.DISPATCHED}
_OPEN = frozenset(State) - {State.CLOSED}
_ENDS = frozenset(Satisfaction) - {Satisfaction.UNSATISFIED}
_S, _R, _F = State, Right, Fact

MOVES: Mapping[str, Move] = {
    # The way of an order
    "dispatch": Move(
        _at(_S.OPENED),
        _S.DISPATCHED,
        _R.DISPATCH,
        Words("派单", "Dispatch"),
        (_F.DEPARTMENT,),
        (_F.DIFFICULTY, _F.NOTE),
        undoable=True,
    ),
    "decline": Move(
        _at(_S.DISPATCHED), _S.OPENED, _R.HANDLE, Words("退回", "Return"), (_F.GROUND, _F.REASON)
    ),
    "sign": Move(
        _at(_S.DISPATCHED), _S.VERIFYING, _R.HANDLE, Words("签收", "Sign for"), undoable=True
    ),
    "uphold": Move(
        _at(_S.VERIFYING),
        _S.RECTIFYING,
        _R.HANDLE,
        Words("属实", "Verified true"),
        (_F.FINDING,),
        undoable=True,
    ),
    "dismiss": Move(
        _at(_S.VERIFYING),
        _S.ANSWERING,
        _R.HANDLE,
        Words("不属实", "Not true"),
        (_F.FINDING,),
        undoable=True,
    ),
    "rectify": Move(
        _at(_S.RECTIFYING),
        _S.ANSWERING,
        _R.HANDLE,
        Words("整改完成", "Rectified"),
        (_F.MEASURES,),
        undoable=True,
    ),
    "reply": Move(
        _at(_S.ANSWERING), _S.REPLIED, _R.HANDLE, Words("答复群众", "Reply"), (_F.REPLY,)
    ),
    "call_back": Move(
        _at(_S.REPLIED),
        _S.CALLED,
        _R.CALL_BACK,
        Words("登记回访", "Record the call"),
        (_F.SATISFACTION,),
        (_F.NOTE,),
        undoable=True,
    ),
    "close": Move(_at(_S.CALLED), _S.CLOSED, _R.CALL_BACK, Words("办结", "Close"), after=_ENDS),
    "reopen": Move(
        _at(_S.CALLED),
        _S.RECTIFYING,
        _R.CALL_BACK,
        Words("重新交办", "Reopen"),
        (_F.REASON,),
        after=frozenset({Satisfaction.UNSATISFIED, Satisfaction.BEYOND}),
    ),
    # Beside it
    "contact": Move(
        _DEPARTMENT, None, _R.HANDLE, Words("联系群众", "Contact the citizen"), (_F.WAY, _F.NOTE)
    ),
    "interim": Move(
        _DEPARTMENT, None, _R.HANDLE, Words("阶段性答复", "Interim reply"), (_F.REPLY,)
    ),
    "transfer": Move(
        _HELD, _S.DISPATCHED, _R.DISPATCH, Words("转办", "Transfer"), (_F.DEPARTMENT, _F.REASON)
    ),
    "merge": Move(
        _HELD | {_S.OPENED},
        None,
        _R.DISPATCH,
        Words("并入主办工单", "Merge into a lead order"),
        (_F.LEAD,),
    ),
    "extend": Move(
        _DEPARTMENT,
        None,
        _R.HANDLE,
        Words("申请延期", "Ask for an extension"),
        (_F.DAYS, _F.REASON),
        opens=Side.EXTENSION,
    ),
    "grant_extension": Move(
        _DEPARTMENT,
        None,
        _R.DECIDE,
        Words("同意延期", "Grant the extension"),
        (),
        (_F.NOTE,),
        closes=Side.EXTENSION,
    ),
    "refuse_extension": Move(
        _DEPARTMENT,
        None,
        _R.DECIDE,
        Words("不同意延期", "Refuse the extension"),
        (_F.REASON,),
        closes=Side.EXTENSION,
    ),
    "object": Move(
        _DEPARTMENT,
        None,
        _R.HANDLE,
        Words("申诉", "Object to the rating"),
        (_F.CLAIM, _F.REASON, _F.EVIDENCE),
        opens=Side.OBJECTION,
    ),
    "uphold_objection": Move(
        _OPEN,
        None,
        _R.SCREEN,
        Words("支持申诉", "Uphold the objection"),
        (_F.FINDING,),
        closes=Side.OBJECTION,
    ),
    "reject_objection": Move(
        _OPEN,
        None,
        _R.SCREEN,
        Words("驳回申诉", "Reject the objection"),
        (_F.FINDING,),
        closes=Side.OBJECTION,
    ),
    "dispute": Move(
        _at(_S.DISPATCHED),
        None,
        _R.HANDLE,
        Words("提请裁定责任单位", "Ask for arbitration"),
        (_F.GROUND, _F.REASON),
        opens=Side.DISPUTE,
    ),
    "arbitrate": Move(
        _at(_S.DISPATCHED, _S.VERIFYING),
        _S.DISPATCHED,
        _R.DECIDE,
        Words("裁定责任单位", "Arbitrate"),
        (_F.DEPARTMENT, _F.REASON),
        closes=Side.DISPUTE,
    ),
    "remind": Move(_OPEN, None, _R.SUPERVISE, Words("到期提醒", "Reminded")),
    "warn": Move(_OPEN, None, _R.SUPERVISE, Words("今日到期", "Due today")),
    "urge": Move(_OPEN, None, _R.SUPERVISE, Words("催办", "Urge"), (), (_F.NOTE,)),
    "supervise": Move(
        _OPEN,
        None,
        _R.SUPERVISE,
        Words("督办", "Supervise"),
        (),
        (_F.NOTE,),
        opens=Side.SUPERVISION,
    ),
    "answer_supervision": Move(
        _HELD, None, _R.HANDLE, Words("督办反馈", "Answer the supervision"), (_F.MEASURES,)
    ),
    "lift_supervision": Move(
        _OPEN,
        None,
        _R.SUPERVISE,
        Words("解除督办", "Lift the supervision"),
        (_F.REASON,),
        closes=Side.SUPERVISION,
    ),
    "circular": Move(
        _OPEN, None, _R.SUPERVISE, Words("通报", "Circular"), (), (_F.NOTE,), opens=Side.CIRCULAR
    ),
    "interview": Move(
        _OPEN,
        None,
        _R.SUPERVISE,
        Words("约谈记录", "Record the interview"),
        (_F.NOTE,),
        closes=Side.CIRCULAR,
    ),
    "instruct": Move(_OPEN, None, _R.INSTRUCT, Words("领导批示", "Instruct"), (_F.NOTE,)),
}
# What the platform and the citizen do; nobody has a button for it
EVENTS: Mapping[str, Words] = {
    "open": Words("收到差评", "Bad rating received"),
    "follow_up": Words("群众追评仍不满意", "The citizen added a bad follow-up"),
    "revive": Words("群众不满意，重新交办", "Opened again: the citizen is not satisfied"),
    "judge": Words("群众评判办理结果", "The citizen judged the handling"),
    "ask_again": Words("群众追问", "The citizen asked again"),
    "undo": Words("撤销上一步", "Last step undone"),
    "withdraw": Words("群众改评，工单了结", "The citizen replaced the rating"),
    "succeed": Words("单位变更，由承继单位办理", "Handed to the department's successor"),
    "redate": Words("按新规则重算时限", "New deadline by a new policy"),
    "flag": Words("联系后改评，列入核查", "Replaced soon after contact: to be checked"),
}
AUTOMATIC = frozenset({"remind", "warn"})  # of the moves, those without a button


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


def says_of(verb: str) -> Words:
    """Return the words for a move or an event."""
    return MOVES[verb].says if verb in MOVES else EVENTS[verb]


def possible(verb: str, state: State, satisfaction: str | None, sides: Collection[Side]) -> bool:
    """Say whether the table allows a move now."""
    move = MOVES.get(verb)
    return (
        move is not None
        and state in move.sources
        and (move.after is None or satisfaction in move.after)
        and (move.opens is None or move.opens not in sides)
        and (move.closes is None or move.closes in sides)
        and (verb != "answer_supervision" or Side.SUPERVISION in sides)
    )


def moves_from(
    state: State, rights: Collection[Right], satisfaction: str | None, sides: Collection[Side] = ()
) -> list[str]:
    """Return the moves to show as buttons."""
    return [
        name
        for name, move in MOVES.items()
        if name not in AUTOMATIC
        and move.right in rights
        and possible(name, state, satisfaction, sides)
    ]


def check_facts(verb: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of a move, stripped.

    Raises Incomplete naming what is missing, unknown or too long.
    """
    move = MOVES[verb]
    kept = {}
    for fact in (*move.needs, *move.may):
        value = given.get(fact, "").strip()
        label = FACTS[fact]
        if not value and fact in move.needs:
            raise Incomplete(Words(f"请填写{label.zh}。", f"{label.en} is missing."), field=fact)
        if value and fact in CHOICES and value not in CHOICES[fact]:
            raise Incomplete(Words(f"请选择{label.zh}。", f"Choose: {label.en}."), field=fact)
        if len(value) > 2000:  # noqa: PLR2004 - the form's own limit
            raise Incomplete(Words("内容最长 2000 字。", "At most 2000 characters."), field=fact)
        if value:
            kept[fact.value] = value
    return kept


def diagram() -> str:
    """Return the states and moves as a mermaid diagram, for docs/orders-states.md.

    What leaves the order where it is stands below it.
    """
    lines = ["stateDiagram-v2", "  [*] --> opened"]
    for name, move in MOVES.items():
        if move.target is not None:
            lines += [
                f"  {source} --> {move.target}: {move.says.zh} {name}"
                for source in State
                if source in move.sources
            ]
    return "\n".join([*lines, "  closed --> rectifying: 重新交办 revive", "  closed --> [*]"])


def matrix() -> str:
    """Return every move with who may make it, from where and what it needs, as a Markdown table."""
    lines = [
        "| move | says | right | from | needs | may | track |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, move in MOVES.items():
        sources = (
            "any open"
            if move.sources == _OPEN
            else ", ".join(source for source in State if source in move.sources)
        )
        track = (
            f"opens {move.opens}" if move.opens else f"ends {move.closes}" if move.closes else ""
        )
        lines.append(
            f"| {name} | {move.says.zh} {move.says.en} | {move.right} | {sources} | "
            f"{', '.join(move.needs)} | {', '.join(move.may)} | {track} |"
        )
    return "\n".join(lines)
