"""How a bad rating is worked through. Read MOVES; everything else follows from it."""

from collections.abc import Mapping

from haochaping.identity.rules import Right
from haochaping.kernel.words import Words, chinese
from haochaping.notifications.rules import Topic
from haochaping.orders.rules import case as cases
from haochaping.orders.rules.verbs import Happening, Move, Verb
from haochaping.orders.rules.vocabulary import Fact, Satisfaction, Side, State


def _at(*states: State) -> frozenset[State]:
    return frozenset(states)


_DEPARTMENT = _at(State.VERIFYING, State.RECTIFYING, State.ANSWERING)
_HELD = _DEPARTMENT | {State.DISPATCHED}
ANY_OPEN = frozenset(State) - {State.CLOSED}
_ENDS = frozenset(Satisfaction) - {Satisfaction.UNSATISFIED}
_S, _R, _F = State, Right, Fact

MOVES: Mapping[str, Move] = {
    # The way of an order
    Verb.DISPATCH: Move(
        says=Words("派单", "Dispatch"),
        sources=_at(_S.OPENED),
        target=_S.DISPATCHED,
        right=_R.DISPATCH,
        needs=(_F.DEPARTMENT,),
        may=(_F.DIFFICULTY, _F.NOTE),
        notes=cases.dispatched,
        renews=True,
        undoable=True,
        bulk=True,
        tells=Topic.DISPATCHED,
        citizen=chinese("您反映的问题已转责任单位办理。"),
        hotline="dispatch",
    ),
    Verb.DECLINE: Move(
        says=Words("退回", "Return"),
        sources=_at(_S.DISPATCHED),
        target=_S.OPENED,
        right=_R.HANDLE,
        needs=(_F.GROUND, _F.REASON),
        checks=cases.may_return,
        notes=cases.returned,
        second=True,
        tells=Topic.RETURNED,
        board="returned",
        hotline="return",
    ),
    Verb.SIGN: Move(
        says=Words("签收", "Sign for"),
        sources=_at(_S.DISPATCHED),
        target=_S.VERIFYING,
        right=_R.HANDLE,
        undoable=True,
        bulk=True,
        hotline="sign",
    ),
    Verb.UPHOLD: Move(
        says=Words("属实", "Verified true"),
        sources=_at(_S.VERIFYING),
        target=_S.RECTIFYING,
        right=_R.HANDLE,
        needs=(_F.FINDING,),
        notes=cases.found_true,
        undoable=True,
        hotline="uphold",
    ),
    Verb.DISMISS: Move(
        says=Words("不属实", "Not true"),
        sources=_at(_S.VERIFYING),
        target=_S.ANSWERING,
        right=_R.HANDLE,
        needs=(_F.FINDING,),
        notes=cases.found_untrue,
        undoable=True,
        hotline="dismiss",
    ),
    Verb.RECTIFY: Move(
        says=Words("整改完成", "Rectified"),
        sources=_at(_S.RECTIFYING),
        target=_S.ANSWERING,
        right=_R.HANDLE,
        needs=(_F.MEASURES,),
        undoable=True,
        hotline="rectify",
    ),
    Verb.REPLY: Move(
        says=Words("答复群众", "Reply"),
        sources=_at(_S.ANSWERING),
        target=_S.REPLIED,
        right=_R.HANDLE,
        needs=(_F.REPLY,),
        notes=cases.replied,
        tells=Topic.REPLIED,
        citizen=chinese("责任单位已答复，请您评判办理结果。"),
        calls=True,
        hotline="finish",
    ),
    Verb.CALL_BACK: Move(
        says=Words("登记回访", "Record the call"),
        sources=_at(_S.REPLIED),
        target=_S.CALLED,
        right=_R.CALL_BACK,
        needs=(_F.SATISFACTION,),
        may=(_F.NOTE,),
        notes=cases.called_back,
        undoable=True,
        hotline="call_back",
    ),
    Verb.CLOSE: Move(
        says=Words("办结", "Close"),
        sources=_at(_S.CALLED),
        target=_S.CLOSED,
        right=_R.CALL_BACK,
        after=_ENDS,
        checks=cases.may_close,
        bulk=True,
        calls=True,
        hotline="close",
    ),
    Verb.REOPEN: Move(
        says=Words("重新交办", "Reopen"),
        sources=_at(_S.CALLED),
        target=_S.RECTIFYING,
        right=_R.CALL_BACK,
        needs=(_F.REASON,),
        after=frozenset({Satisfaction.UNSATISFIED, Satisfaction.BEYOND}),
        notes=cases.reopened,
        renews=True,
        tells=Topic.REOPENED,
        citizen=chinese("您不满意的问题已重新交办。"),
        calls=True,
        board="reopened",
        hotline="reopen",
    ),
    # Beside it
    Verb.CONTACT: Move(
        says=Words("联系群众", "Contact the citizen"),
        sources=_DEPARTMENT,
        right=_R.HANDLE,
        needs=(_F.WAY, _F.NOTE),
        shared=True,
    ),
    Verb.INTERIM: Move(
        says=Words("阶段性答复", "Interim reply"),
        sources=_DEPARTMENT,
        right=_R.HANDLE,
        needs=(_F.REPLY,),
        shared=True,
        citizen=chinese("责任单位已作阶段性答复。"),
        hotline="interim",
    ),
    Verb.TRANSFER: Move(
        says=Words("转办", "Transfer"),
        sources=_HELD,
        target=_S.DISPATCHED,
        right=_R.DISPATCH,
        needs=(_F.DEPARTMENT, _F.REASON),
        notes=cases.handed_over,
        second=True,
        tells=Topic.DISPATCHED,
    ),
    Verb.MERGE: Move(
        says=Words("并入主办工单", "Merge into a lead order"),
        sources=_HELD | {_S.OPENED},
        right=_R.DISPATCH,
        needs=(_F.LEAD,),
    ),
    Verb.EXTEND: Move(
        says=Words("申请延期", "Ask for an extension"),
        sources=_DEPARTMENT,
        right=_R.HANDLE,
        needs=(_F.DAYS, _F.REASON),
        opens=Side.EXTENSION,
        checks=cases.may_extend,
        notes=cases.extension_asked,
        tells=Topic.ASKED,
        hotline="extension",
    ),
    Verb.GRANT_EXTENSION: Move(
        says=Words("同意延期", "Grant the extension"),
        sources=_DEPARTMENT,
        right=_R.DECIDE,
        may=(_F.NOTE,),
        closes=Side.EXTENSION,
        notes=cases.extension_granted,
        shared=True,
        tells=Topic.DECIDED,
        citizen=chinese("因情况复杂，责任单位已获批延长办理时间。"),
    ),
    Verb.REFUSE_EXTENSION: Move(
        says=Words("不同意延期", "Refuse the extension"),
        sources=_DEPARTMENT,
        right=_R.DECIDE,
        needs=(_F.REASON,),
        closes=Side.EXTENSION,
        notes=cases.extension_refused,
        tells=Topic.DECIDED,
    ),
    Verb.OBJECT: Move(
        says=Words("申诉", "Object to the rating"),
        sources=_DEPARTMENT,
        right=_R.HANDLE,
        needs=(_F.CLAIM, _F.REASON, _F.EVIDENCE),
        opens=Side.OBJECTION,
        checks=cases.may_object,
        notes=cases.objected,
        tells=Topic.ASKED,
        board="objections",
    ),
    Verb.UPHOLD_OBJECTION: Move(
        says=Words("支持申诉", "Uphold the objection"),
        sources=ANY_OPEN,
        right=_R.SCREEN,
        needs=(_F.FINDING,),
        closes=Side.OBJECTION,
        tells=Topic.DECIDED,
        calls=True,
    ),
    Verb.REJECT_OBJECTION: Move(
        says=Words("驳回申诉", "Reject the objection"),
        sources=ANY_OPEN,
        right=_R.SCREEN,
        needs=(_F.FINDING,),
        closes=Side.OBJECTION,
        tells=Topic.DECIDED,
    ),
    Verb.DISPUTE: Move(
        says=Words("提请裁定责任单位", "Ask for arbitration"),
        sources=_at(_S.DISPATCHED),
        right=_R.HANDLE,
        needs=(_F.GROUND, _F.REASON),
        opens=Side.DISPUTE,
        checks=cases.may_dispute,
        tells=Topic.ASKED,
    ),
    Verb.ARBITRATE: Move(
        says=Words("裁定责任单位", "Arbitrate"),
        sources=_at(_S.DISPATCHED, _S.VERIFYING),
        target=_S.DISPATCHED,
        right=_R.DECIDE,
        needs=(_F.DEPARTMENT, _F.REASON),
        closes=Side.DISPUTE,
        notes=cases.handed_over,
        second=True,
        tells=Topic.DISPATCHED,
    ),
    Verb.REMIND: Move(
        says=Words("到期提醒", "Reminded"),
        sources=ANY_OPEN,
        right=_R.SUPERVISE,
        rung=lambda terms: -terms.remind,
        button=False,
        tells=Topic.REMIND,
    ),
    Verb.WARN: Move(
        says=Words("今日到期", "Due today"),
        sources=ANY_OPEN,
        right=_R.SUPERVISE,
        rung=lambda _terms: 0,
        button=False,
        tells=Topic.WARN,
    ),
    Verb.URGE: Move(
        says=Words("催办", "Urge"),
        sources=ANY_OPEN,
        right=_R.SUPERVISE,
        may=(_F.NOTE,),
        rung=lambda terms: terms.urge,
        bulk=True,
        tells=Topic.URGE,
        board="urged",
    ),
    Verb.SUPERVISE: Move(
        says=Words("督办", "Supervise"),
        sources=ANY_OPEN,
        right=_R.SUPERVISE,
        may=(_F.NOTE,),
        opens=Side.SUPERVISION,
        rung=lambda terms: terms.supervise,
        bulk=True,
        tells=Topic.SUPERVISE,
        board="yellow",
    ),
    Verb.ANSWER_SUPERVISION: Move(
        says=Words("督办反馈", "Answer the supervision"),
        sources=_HELD,
        right=_R.HANDLE,
        needs=(_F.MEASURES,),
        beside=Side.SUPERVISION,
    ),
    Verb.LIFT_SUPERVISION: Move(
        says=Words("解除督办", "Lift the supervision"),
        sources=ANY_OPEN,
        right=_R.SUPERVISE,
        needs=(_F.REASON,),
        closes=Side.SUPERVISION,
    ),
    Verb.CIRCULAR: Move(
        says=Words("通报", "Circular"),
        sources=ANY_OPEN,
        right=_R.SUPERVISE,
        may=(_F.NOTE,),
        opens=Side.CIRCULAR,
        rung=lambda terms: terms.circular,
        tells=Topic.CIRCULAR,
        board="red",
    ),
    Verb.INTERVIEW: Move(
        says=Words("约谈记录", "Record the interview"),
        sources=ANY_OPEN,
        right=_R.SUPERVISE,
        needs=(_F.NOTE,),
        closes=Side.CIRCULAR,
    ),
    Verb.INSTRUCT: Move(
        says=Words("领导批示", "Instruct"),
        sources=ANY_OPEN,
        right=_R.INSTRUCT,
        needs=(_F.NOTE,),
        tells=Topic.DECIDED,
    ),
}
# What the platform and the citizen do; nobody has a button for it
EVENTS: Mapping[str, Happening] = {
    Verb.OPEN: Happening(says=Words("收到差评", "Bad rating received")),
    Verb.FOLLOW_UP: Happening(says=Words("群众追评仍不满意", "The citizen added a bad follow-up")),
    Verb.REVIVE: Happening(
        says=Words("群众不满意，重新交办", "Opened again: the citizen is not satisfied"),
        tells=Topic.REOPENED,
        calls=True,
        board="reopened",
    ),
    Verb.JUDGE: Happening(
        says=Words("群众评判办理结果", "The citizen judged the handling"), tells=Topic.CITIZEN
    ),
    Verb.ASK_AGAIN: Happening(
        says=Words("群众追问", "The citizen asked again"), tells=Topic.CITIZEN
    ),
    Verb.UNDO: Happening(says=Words("撤销上一步", "Last step undone"), calls=True),
    Verb.WITHDRAW: Happening(
        says=Words("群众改评，工单了结", "The citizen replaced the rating"), calls=True
    ),
    Verb.SUCCEED: Happening(
        says=Words("单位变更，由承继单位办理", "Handed to the department's successor"),
        tells=Topic.DISPATCHED,
    ),
    Verb.REDATE: Happening(says=Words("按新规则重算时限", "New deadline by a new policy")),
    Verb.FLAG: Happening(
        says=Words("群众改评，回访时核实", "Replaced by the citizen: asked at the call-back")
    ),
}
ROWS: Mapping[str, Happening] = {**MOVES, **EVENTS}
