"""Notices to offices: what about, where they lead, and how they are gathered for outside."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from haochaping.identity.rules import Right
from haochaping.kernel.errors import Refusal
from haochaping.kernel.masking import mask_phone
from haochaping.kernel.words import Words, chinese


class Topic(StrEnum):
    """What an office is told about an order, or about a rating that is held."""

    DISPATCHED = "dispatched"
    REOPENED = "reopened"
    RETURNED = "returned"
    REMIND = "remind"
    WARN = "warn"
    URGE = "urge"
    SUPERVISE = "supervise"
    CIRCULAR = "circular"
    ASKED = "asked"  # an extension, an objection or a dispute waits for a decision
    DECIDED = "decided"
    CITIZEN = "citizen"  # the citizen asked again or judged
    REPLIED = "replied"
    CAMPAIGN = "campaign"  # a problem that several people told of is to be put right
    FINDING = "finding"  # a detector's finding was decided, or somebody appealed
    EXCHANGE = "exchange"  # a partner refuses messages, is late, or has other figures
    POST = "post"  # 岗位: one waits for a second person, or was decided
    OWN_POST = "own_post"  # one's own post, password or account was changed
    PRIVACY = "privacy"  # 个人信息请求: a citizen asks about their data
    KEY = "key"  # 接口密钥: one person made a key for a system that runs
    WAITING = "waiting"  # ratings that waited for their service do not count
    HELD = "held"  # a bad rating waits for a person: outside the hours of its window


TOPICS: Mapping[Topic, Words] = {
    Topic.DISPATCHED: Words("新派工单", "new orders"),
    Topic.REOPENED: Words("重新交办", "reopened"),
    Topic.RETURNED: Words("被退回", "returned"),
    Topic.REMIND: Words("即将到期", "due soon"),
    Topic.WARN: Words("今日到期", "due today"),
    Topic.URGE: Words("超期催办", "urged: overdue"),
    Topic.SUPERVISE: Words("督办", "under supervision"),
    Topic.CIRCULAR: Words("通报", "circulars"),
    Topic.ASKED: Words("待审批裁定", "waiting for your decision"),
    Topic.DECIDED: Words("审批结果", "decided"),
    Topic.CITIZEN: Words("群众追问", "asked again by citizens"),
    Topic.REPLIED: Words("待回访", "to call back"),
    Topic.CAMPAIGN: Words("专项整改", "campaigns"),
    Topic.FINDING: Words("异常认定", "findings"),
    Topic.EXCHANGE: Words("平台对接", "partners"),
    Topic.POST: Words("岗位复核", "posts"),
    Topic.OWN_POST: Words("您的岗位", "your own post"),
    Topic.PRIVACY: Words("个人信息请求", "requests about personal data"),
    Topic.KEY: Words("接口密钥已更换", "keys of systems changed"),
    Topic.WAITING: Words("待登记评价未计入", "waiting ratings not counted"),
    Topic.HELD: Words("差评异常待核", "held bad ratings"),
}


# the page that a notice leads to, and whether it is that of its subject
PLACES: Mapping[Topic, tuple[str, bool]] = {
    Topic.CAMPAIGN: ("problems:campaign", True),
    Topic.FINDING: ("detection:one", True),
    Topic.EXCHANGE: ("exchange:partner", True),
    Topic.POST: ("accounts:person", True),
    Topic.OWN_POST: ("accounts:own", False),
    Topic.PRIVACY: ("privacy:list", False),
    Topic.KEY: ("calls:client", True),
    Topic.WAITING: ("calls:client", True),
    Topic.HELD: ("screening:holds", False),
}  # else that of an order


@dataclass(frozen=True)
class Telling:
    """What an office is to be told.

    The holders of a right in exactly this region, or in a department; or one person alone.
    """

    office: int
    right: Right
    department_id: int | None
    topic: Topic
    subject_id: int
    label: str  # an order's number
    user_id: int | None = None
    about: str = ""  # what was rated
    unit: str = ""  # whose it is
    due_at: datetime | None = None


_AT_ONCE = frozenset({Topic.SUPERVISE, Topic.CIRCULAR})
_DIGEST_EVERY = timedelta(minutes=30)
BOTH_SECRETS = timedelta(days=1)  # for which the old one of a webhook signs too


class Way(StrEnum):
    """How an office is told outside the platform."""

    SMS = "sms"
    MAIL = "mail"
    WEBHOOK = "webhook"


WAYS: Mapping[Way, Words] = {
    Way.SMS: Words("短信", "SMS"),
    Way.MAIL: Words("邮件", "Mail"),
    Way.WEBHOOK: Words("接口推送", "Webhook"),
}


class BadContact(Refusal):
    """The address does not fit the way."""

    code = "bad_contact"
    says = Words(
        "请填写有效的手机号、邮箱或 https:// 地址。",
        "Give a valid mobile number, mail address or https:// address.",
    )


def contact_address(way: Way, text: str) -> str:
    """Return the address, cleaned; raises BadContact."""
    address = text.strip()
    fits = {
        Way.SMS: r"1[3-9]\d{9}",
        Way.MAIL: r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,}",
        Way.WEBHOOK: r"https?://[^\s]{4,400}",
    }
    if not re.fullmatch(fits[way], address, re.ASCII):
        raise BadContact
    return address


def masked_address(way: str, address: str) -> str:
    """Return an address as a page shows it."""
    return (
        mask_phone(address)
        if way == Way.SMS
        else address
        if way == Way.WEBHOOK
        else f"{address[:2]}***@{address.partition('@')[2]}"
    )


def due_digest(topics: Sequence[str], told_at: datetime | None, at: datetime) -> bool:
    """Say whether an office is told now.

    Supervision at once, the rest together, at most every half hour.
    """
    return (
        told_at is None
        or at - told_at >= _DIGEST_EVERY
        or any(topic in _AT_ONCE for topic in topics)
    )


def digest(topics: Sequence[str]) -> str:
    """Return what waits, in one line: 督办 1 件、催办 2 件."""
    counts = Counter(topics)
    return "、".join(
        chinese(f"{TOPICS[topic].zh} {counts[topic]} 件")
        for topic in reversed(Topic)
        if counts[topic]
    )
