"""What can happen to an order, and what a move is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from haochaping.identity.rules import Right
from haochaping.kernel.words import Words
from haochaping.notifications.rules import Topic
from haochaping.orders.rules.case import Asked, Case, Notes
from haochaping.orders.rules.vocabulary import DECIDED, Fact, Satisfaction, Side, State
from haochaping.policies.rules import Terms


class Verb(StrEnum):
    """Everything that can happen to an order: the moves of people, then what nobody has a button
    for.
    """

    DISPATCH = "dispatch"  # 派单
    DECLINE = "decline"  # 退回
    SIGN = "sign"  # 签收
    UPHOLD = "uphold"  # 属实
    DISMISS = "dismiss"  # 不属实
    RECTIFY = "rectify"  # 整改完成
    REPLY = "reply"  # 答复
    CALL_BACK = "call_back"  # 回访
    CLOSE = "close"  # 办结
    REOPEN = "reopen"  # 重新交办
    CONTACT = "contact"  # 联系群众
    INTERIM = "interim"  # 阶段性答复
    TRANSFER = "transfer"  # 转办
    MERGE = "merge"  # 并入
    EXTEND = "extend"  # 申请延期
    GRANT_EXTENSION = "grant_extension"  # 同意延期
    REFUSE_EXTENSION = "refuse_extension"  # 不同意延期
    OBJECT = "object"  # 申诉
    UPHOLD_OBJECTION = "uphold_objection"  # 支持申诉
    REJECT_OBJECTION = "reject_objection"  # 驳回申诉
    DISPUTE = "dispute"  # 提请裁定
    ARBITRATE = "arbitrate"  # 裁定
    REMIND = "remind"  # 到期提醒
    WARN = "warn"  # 今日到期
    URGE = "urge"  # 催办
    SUPERVISE = "supervise"  # 督办
    ANSWER_SUPERVISION = "answer_supervision"  # 督办反馈
    LIFT_SUPERVISION = "lift_supervision"  # 解除督办
    CIRCULAR = "circular"  # 通报
    INTERVIEW = "interview"  # 约谈
    INSTRUCT = "instruct"  # 批示
    OPEN = "open"  # 收到差评
    FOLLOW_UP = "follow_up"  # 追评
    REVIVE = "revive"  # 群众不满意，重新交办
    JUDGE = "judge"  # 群众评判
    ASK_AGAIN = "ask_again"  # 追问
    UNDO = "undo"  # 撤销
    WITHDRAW = "withdraw"  # 改评了结
    SUCCEED = "succeed"  # 单位承继
    REDATE = "redate"  # 重算时限
    FLAG = "flag"  # 列入核查


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that happens to an order, and who hears of it."""

    says: Words  # the label of the button and the sentence of the timeline
    tells: Topic | None = None  # of what its holder is told
    citizen: str = ""  # what the citizen is told by SMS, in words without anybody's name
    calls: bool = False  # after it somebody is called back, or no more
    board: str = ""  # where the supervision board counts it


@dataclass(frozen=True, kw_only=True)
class Move(Happening):
    """Something that can be done to an order.

    From where, to where, by whom, and what it needs; a new move is one row of MOVES.
    """

    sources: frozenset[State]
    target: State | None = None  # None: the order stays where it is
    right: Right
    needs: tuple[Fact, ...] = ()
    may: tuple[Fact, ...] = ()  # may be given besides
    # open only after a call-back with one of these results
    after: frozenset[Satisfaction] | None = None
    beside: Side | None = None  # open only while this track is
    opens: Side | None = None
    closes: Side | None = None
    checks: Callable[[Asked], None] | None = None  # what policy and fairness forbid besides
    notes: Callable[[Case, Mapping[str, str], datetime], Notes] | None = None
    renews: bool = False  # its clock goes by the policy of this day
    undoable: bool = False  # the same person may take it back for a few minutes
    rung: Callable[[Terms], int] | None = None  # of the ladder: working days from the deadline
    button: bool = True  # False: the platform's alone
    bulk: bool = False  # makes sense for several orders at once
    second: bool = False  # shown behind the main buttons, although it moves the order
    shared: bool = False  # followers go along although the order stays where it is
    hotline: str = ""  # what a city's own 12345 system calls it (docs/integrate/hotline-12345.md)

    @property
    def asks(self) -> bool:
        """Whether another office must decide."""
        return self.opens in DECIDED
