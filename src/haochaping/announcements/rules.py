"""What an announcement may say, to whom, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel import personal
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words, storable

TITLE, BODY = 80, 1000  # characters
_LONGEST = timedelta(days=366)


class Audience(StrEnum):
    """Whom an announcement is for."""

    STAFF = "staff"
    PUBLIC = "public"
    DEVICES = "devices"


AUDIENCES: Mapping[Audience, Words] = {
    Audience.STAFF: Words("工作人员（工作台）", "Staff, on the desk"),
    Audience.PUBLIC: Words("群众（首页和公告页）", "Citizens, on the front page"),
    Audience.DEVICES: Words("窗口评价器待机页（只显示标题）", "Idle tablets: the title only"),
}


class BadAnnouncement(Refusal):
    """An announcement that nobody could read."""

    code = "bad_announcement"
    says = Words(
        "请填写标题（80 字内）和内容（1000 字内），至少选一类对象；起止不超过一年且未过期。",
        "Title (80 characters) and text (1000) are needed, whom it is for, and days not over, a "
        "year at most.",
    )


@dataclass(frozen=True)
class Draft:
    """An announcement as it is written."""

    region: int
    title: Words
    body: Words
    audience: frozenset[Audience]
    since: date
    until: date  # with this day

    @property
    def by_two(self) -> bool:
        """Whether a second person looks before others than staff read it."""
        return self.audience != {Audience.STAFF}


class Personal(Refusal):
    """An announcement that tells who somebody is."""

    code = "personal_data"
    says = Words(
        "公告会公开展示，文字中疑似有个人信息（电话、证件号、姓名等），请改写后再提交。",
        "Everybody reads it, and it seems to hold personal data: write it differently.",
    )


def check(draft: Draft, today: date) -> None:
    """Raise BadAnnouncement, or Personal where others than staff would read who somebody is."""
    if draft.by_two and any(map(personal.is_in, (*draft.title, *draft.body))):
        raise Personal
    texts = (draft.title, draft.body)
    whole = all(
        one.zh and storable(one.zh + one.en) and max(len(one.zh), len(one.en)) <= most
        for one, most in zip(texts, (TITLE, BODY), strict=True)
    )
    days = today <= draft.until and draft.since <= draft.until <= draft.since + _LONGEST
    if not (whole and draft.audience and days):
        raise BadAnnouncement


TRAIL: Trail = {
    "announcement": Subject(
        Words("公告", "announcement"),
        {
            "propose": Words("拟公告", "Wrote an announcement"),
            "approve": Words("发布公告", "Published an announcement"),
            "reject": Words("退回公告", "Turned down an announcement"),
            "withdraw": Words("撤下公告", "Withdrew an announcement"),
        },
    )
}
