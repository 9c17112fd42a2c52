"""What an agent may record of a call, and how often somebody is called."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.words import Words

MAX_TRIES = 3
AGAIN_AFTER = timedelta(hours=4)
OLDEST, YOUNGEST = (
    timedelta(days=30),
    timedelta(hours=4),
)  # services that are called about: not the ones of this minute, nor forgotten ones
AT_ONCE = 20  # calls that an agent takes in hand
MOST_SAMPLED = (
    50  # services of a department and week, rated and unrated each, whatever a policy says
)
HELD_FOR = timedelta(hours=8)  # after which calls that were taken but not made go back


class Why(StrEnum):
    """Why somebody is called; the first first."""

    ORDER = "order"  # 差评回访: was it put right?
    AUDIT = "audit"  # 随机抽查
    UNRATED = "unrated"  # 未评价回访


WHYS: Mapping[Why, Words] = {
    Why.ORDER: Words("差评办理回访", "Was it put right?"),
    Why.AUDIT: Words("随机抽查", "Random sample"),
    Why.UNRATED: Words("未评价办件", "Not rated yet"),
}


class Outcome(StrEnum):
    """What came of a call."""

    RATED = "rated"  # 已评价
    ANSWERED = "answered"  # 已回访: the answer is with the order or the sample
    DECLINED = "declined"  # 不愿评价: nobody is pressed
    UNREACHED = "unreached"  # 未接通
    WRONG = "wrong"  # 号码不是本人
    OBSOLETE = "obsolete"  # the order has moved on without a call


OUTCOMES: Mapping[Outcome, Words] = {
    Outcome.RATED: Words("已评价", "Rated"),
    Outcome.ANSWERED: Words("已回访", "Answered"),
    Outcome.DECLINED: Words("不愿接受", "Does not want to"),
    Outcome.UNREACHED: Words("未接通", "Not reached"),
    Outcome.WRONG: Words("号码不符", "Wrong number"),
    Outcome.OBSOLETE: Words("无需再打", "No call needed"),
}
SCRIPTS: Mapping[Why, Words] = {
    Why.ORDER: Words(
        "您好，这里是 12345。您对“{item}”的评价，责任单位已经处理并答复。想听听您：问题解决了吗？"
        "您对处理结果满意吗？（不引导、不劝改评价）",
        "Hello, this is 12345. What you said of “{item}” was worked on. Is it solved, are you "
        "satisfied? (Lead nobody to anything.)",
    ),
    Why.AUDIT: Words(
        "您好，这里是 12345。我们随机了解政务服务情况：您办理“{item}”时，感受是非常满意、满意、"
        "基本满意、不满意，还是非常不满意？（只记录，不解释）",
        "Hello, this is 12345. At random we ask: how was “{item}”? Very satisfied, satisfied, "
        "fairly, dissatisfied, very? (Only write it down.)",
    ),
    Why.UNRATED: Words(
        "您好，这里是 12345。您近日办理了“{item}”，想请您评价一下，只需一分钟。",
        "Hello, this is 12345. You have used “{item}”; would you rate it?",
    ),
}


class NotVerified(Refusal):
    """It was not made sure who is on the telephone."""

    code = "not_verified"
    says = Words(
        "请先核对来电人身份（姓名与办件信息一致），再登记评价。",
        "Make sure who is calling (name and service agree) before you register a rating.",
    )


class AnswerMissing(Refusal):
    """What the citizen said was not chosen."""

    code = "answer_missing"
    says = Words(
        "请选择回访结果；不满意的请记下原因。",
        "Choose what was said; of somebody who is not satisfied, write down why.",
    )


class ReasonMissing(Refusal):
    """A look at a number needs its reason."""

    code = "reason_missing"
    says = Words("请填写查看号码的理由。", "Say why you need the number.")


class NothingFound(Refusal):
    """Neither phone nor case number leads to a service."""

    status = 404
    code = "nothing_found"
    says = Words(
        "没有查到办件。请核对办件编号或手机号；确无登记的，请引导群众扫描窗口二维码评价。",
        "No service was found. Check the number; where none was registered, point the citizen to "
        "the code at the window.",
    )


class TakenByAnother(Conflict):
    """Another agent makes this call."""

    code = "taken"
    says = Words("这通回访已由其他坐席处理。", "Another agent makes this call.")


def week_of(at: datetime) -> int:
    """Return the ISO week before the one of a moment, as 202648.

    The week that the sample is drawn from.
    """
    year, week, _ = (at.astimezone(LOCAL) - timedelta(days=7)).isocalendar()
    return year * 100 + week


def next_call(tries: int, at: datetime) -> datetime | None:
    """Return when somebody who was not reached is called again; None when it is given up."""
    return at + AGAIN_AFTER if tries < MAX_TRIES else None


# what the audit trail calls what is done here
TRAIL: Trail = {
    "call": Subject(
        Words("回访", "call"),
        {
            "call": Words("回访登记", "Recorded a call"),
            "take": Words("领取回访", "Took calls"),
            "reveal_phone": Words("查看群众电话", "Looked at a phone number"),
            "dial": Words("隐号拨打", "Had a citizen called"),
        },
    ),
    "evaluation": Subject(
        Words("评价", "rating"), {"search": Words("按电话或编号查找", "Looked services up")}
    ),
    "sample": Subject(Words("随机抽查", "sample"), {"draw": Words("随机抽样", "Drew the sample")}),
}
