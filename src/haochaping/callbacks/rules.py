"""What an agent may record of a call, and how often somebody is called."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words

MAX_TRIES = 3
AGAIN_AFTER = timedelta(hours=4)
OLDEST, YOUNGEST = timedelta(days=30), timedelta(hours=4)  # services that are called about: not the ones of this minute, nor forgotten ones
AT_ONCE = 20  # calls that an agent takes in hand
HELD_FOR = timedelta(hours=8)  # after which calls that were taken but not made go back


class Outcome(StrEnum):
    """What came of a call."""

    RATED = "rated"  # 已评价
    DECLINED = "declined"  # 不愿评价: nobody is pressed
    UNREACHED = "unreached"  # 未接通
    WRONG = "wrong"  # 号码不是本人


OUTCOMES: Mapping[Outcome, Words] = {
    Outcome.RATED: Words("已评价", "Rated"),
    Outcome.DECLINED: Words("不愿评价", "Does not want to rate"),
    Outcome.UNREACHED: Words("未接通", "Not reached"),
    Outcome.WRONG: Words("号码不符", "Wrong number"),
}


class NotVerified(Refusal):
    """It was not made sure who is on the telephone."""

    code = "not_verified"
    says = Words(
        "请先核对来电人身份（姓名与办件信息一致），再登记评价。", "Make sure who is calling (name and service agree) before you register a rating."
    )


class NothingFound(Refusal):
    """Neither phone nor case number leads to a service."""

    status = 404
    code = "nothing_found"
    says = Words(
        "没有查到办件。请核对办件编号或手机号；确无登记的，请引导群众扫描窗口二维码评价。",
        "No service was found. Check the number; where none was registered, point the citizen to the code at the window.",
    )


class TakenByAnother(Conflict):
    """Another agent makes this call."""

    code = "taken"
    says = Words("这通回访已由其他坐席处理。", "Another agent makes this call.")


def next_call(tries: int, at: datetime) -> datetime | None:
    """Return when somebody who was not reached is called again; None when it is given up."""
    return at + AGAIN_AFTER if tries < MAX_TRIES else None
