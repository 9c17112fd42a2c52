"""What may be asked, by when it is answered, and by whom."""

from collections.abc import Mapping
from enum import StrEnum

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words

WORKING_DAYS = 15  # to answer in: trust design §5.6, after GB/T 35273 §8.7
LONGEST = 500  # characters of what is asked, and of the answer


class Kind(StrEnum):
    """What is asked. A copy is given at once and is no request."""

    CORRECT = "correct"  # 更正, PIPL 46
    ERASE = "erase"  # 删除, PIPL 47


class State(StrEnum):
    """How far a request is."""

    OPEN = "open"
    PROPOSED = "proposed"  # one person would erase
    DONE = "done"
    DECLINED = "declined"


KINDS: Mapping[str, Words] = {
    Kind.CORRECT: Words("更正", "correction"),
    Kind.ERASE: Words("删除", "erasure"),
}
STATES: Mapping[str, Words] = {
    State.OPEN: Words("待处理", "to answer"),
    State.PROPOSED: Words("待第二人复核", "for a second person"),
    State.DONE: Words("已办理", "done"),
    State.DECLINED: Words("未同意", "declined"),
}
WAITING = (State.OPEN, State.PROPOSED)


class AskedBefore(Conflict):
    """The same waits for an answer."""

    code = "asked_before"
    says = Words(
        "您已提交过同样的请求，正在处理，请看下方进度。",
        "You asked for this before; it is being worked on, see below.",
    )


class Unsaid(Refusal):
    """A request for correction says what is wrong; an answer says why."""

    code = "unsaid"
    says = Words("请写明内容（答复会告知群众）。", "Write it: the citizen reads the answer.")


class Answered(Conflict):
    """Somebody was faster."""

    code = "answered"
    says = Words("该请求已有人答复。", "Somebody has answered this request.")


# what the audit trail calls what is done here
TRAIL: Trail = {
    "privacy": Subject(
        Words("个人信息请求", "request about personal data"),
        {
            "ask": Words("提出请求", "Asked"),
            "copy": Words("领取个人信息副本", "Took a copy"),
            "propose": Words("提议删除", "Proposed the erasure"),
            "answer": Words("答复请求", "Answered"),
        },
    )
}
