"""A campaign 专项整改: its stages, what it needs, and whether it helped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words


class Stage(StrEnum):
    """Where a campaign is."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


STAGES: Mapping[Stage, Words] = {
    Stage.OPEN: Words("整改中", "In hand"),
    Stage.ANSWERED: Words("已反馈，待验收", "Answered, to be looked at"),
    Stage.CLOSED: Words("已办结", "Closed"),
}


class BadCampaign(Refusal):
    """A campaign lacks what it needs."""

    code = "incomplete"
    says = Words(
        "请选择责任单位，写明整改要求和今天以后的完成日期。",
        "Choose a department, say what is asked, and give a day after today.",
    )


class NotNow(Conflict):
    """The campaign is not at that stage."""

    code = "not_now"
    says = Words("专项已变化，请刷新后再看。", "The campaign has moved on; reload and look again.")


def stage_of(answered_at: datetime | None, closed_at: datetime | None) -> Stage:
    """Return where a campaign is."""
    if closed_at is not None:
        return Stage.CLOSED
    return Stage.OPEN if answered_at is None else Stage.ANSWERED


@dataclass(frozen=True)
class Effect:
    """People a week who told of the problem, before a day and since."""

    before: float
    since: float
    weeks: float  # since then

    @property
    def helped(self) -> bool | None:
        """Whether fewer do; None before two weeks have gone by."""
        return None if self.weeks < 2 else self.since < self.before / 2  # noqa: PLR2004 - weeks


_BEFORE = timedelta(days=56)


def effect(told: Iterable[tuple[date, str]], turned: date, today: date) -> Effect:
    """Return what a campaign did: the days on which people told of the problem, and who, `turned`
    when the department had answered (or was asked). The eight weeks before are compared, or as many
    as there have been since it was told first; whoever tells again in a week is one.
    """
    weekly = {((day - turned).days // 7, who, day) for day, who in told if turned - day <= _BEFORE}
    people = {(week, who) for week, who, _ in weekly}
    first = min((day for *_, day in weekly), default=turned)
    span = max((turned - first).days, 0) / 7
    earlier, weeks = sum(week < 0 for week, _ in people), max((today - turned).days + 1, 1) / 7
    return Effect(earlier / span if span else 0.0, (len(people) - earlier) / weeks, weeks)


TRAIL: Trail = {
    "problem": Subject(
        Words("问题", "problem"),
        {
            "rename": Words("改名", "Renamed a problem"),
            "judge": Words("标注差评原因", "Judged the reasons of a rating"),
            "keywords": Words("修改原因词表", "Changed the words of a reason"),
        },
    ),
    "campaign": Subject(
        Words("专项整改", "campaign"),
        {
            "open": Words("发起专项", "Opened a campaign"),
            "answer": Words("反馈专项", "Answered a campaign"),
            "close": Words("验收办结专项", "Closed a campaign"),
        },
    ),
}
