"""Messages: their wording, and when one may be sent (domain §5)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.words import Words, chinese
from haochaping.notifications.rules.notices import Topic, digest
from haochaping.policies.rules import Terms

MAX_TRIES = 6
# after which a message that a killed worker was sending is taken up again
LEASE = timedelta(minutes=5)


class State(StrEnum):
    """Where a message is."""

    QUEUED = "queued"  # 待发送
    SENDING = "sending"  # 发送中
    SENT = "sent"  # 已提交运营商
    DELIVERED = "delivered"  # 已送达
    FAILED = "failed"  # 发送失败
    SUPPRESSED = "suppressed"  # 未发送: opted out, over a cap, or no longer needed


STATES: Mapping[State, Words] = {
    State.QUEUED: Words("待发送", "Queued"),
    State.SENDING: Words("发送中", "Sending"),
    State.SENT: Words("已提交", "Sent"),
    State.DELIVERED: Words("已送达", "Delivered"),
    State.FAILED: Words("失败", "Failed"),
    State.SUPPRESSED: Words("未发送", "Not sent"),
}
# What may follow what. A receipt that comes late, twice or in the wrong order changes nothing.
NEXT: Mapping[State, frozenset[State]] = {
    # to SENT: a gateway's answer that came when the message had been queued again
    State.QUEUED: frozenset({State.SENDING, State.SENT, State.SUPPRESSED}),
    State.SENDING: frozenset({State.SENT, State.QUEUED, State.FAILED, State.DELIVERED}),
    State.SENT: frozenset({State.DELIVERED, State.FAILED}),
    State.DELIVERED: frozenset(),
    State.FAILED: frozenset({State.DELIVERED}),  # some carriers correct themselves
    State.SUPPRESSED: frozenset(),
}


@dataclass(frozen=True)
class Template:
    """A text with `{places}`.

    Gateways want the number under which it was approved, which is a setting of the site.
    """

    text: str
    says: Words  # what it is for
    urgent: bool = False  # asked for by the person this moment: no quiet hours, no cap


INVITE = "invite"  # the template that asks to rate: it counts for the caps and has an extension
TEMPLATES: Mapping[str, Template] = {
    "check": Template(
        chinese("【好差评】验证码 {code}，5 分钟内有效，用于评价政务服务。请勿告诉他人。"),
        Words("验证码", "Code"),
        urgent=True,
    ),
    INVITE: Template(
        chinese(
            "【好差评】您好，您办理的“{item}”已完成，请您评价：回复5非常满意 4满意 3基本满意 "
            "2不满意 1非常不满意，或点 {link} 。退订回TD"
        ),
        Words("评价邀请", "Invitation"),
    ),
    "thanks": Template(
        chinese("【好差评】已收到您的评价，谢谢。回执号 {receipt} 。"),
        Words("收到评价", "Thanks"),
        urgent=True,
    ),
    "reason": Template(
        chinese(
            "【好差评】很抱歉没让您满意，您的评价已登记（回执号 {receipt}）并将核实整改。"
            "如愿说明原因，请直接回复文字。"
        ),
        Words("询问原因", "Reason asked"),
        urgent=True,
    ),
    "help": Template(
        chinese(
            "【好差评】没有看懂您的回复。请回复数字：5非常满意 4满意 3基本满意 2不满意 "
            "1非常不满意。退订回TD"
        ),
        Words("回复提示", "Help"),
        urgent=True,
    ),
    "progress": Template(chinese("【好差评】{says} 进度：{link}"), Words("办理进度", "Progress")),
    "again": Template(
        chinese(
            "【好差评】您反映的问题已办结一段时间，现在还满意吗？点 {link} 告诉我们，"
            "不满意会重新办理。"
        ),
        Words("办结后回问", "Second opinion"),
    ),
    "office": Template(
        chinese("【好差评】{office}：{says}，请登录平台处理。"),
        Words("单位提醒", "To an office"),
        urgent=True,
    ),
    "unsubscribed": Template(
        chinese("【好差评】已退订，不再向您发送评价邀请。"),
        Words("退订确认", "Unsubscribed"),
        urgent=True,
    ),
}


_EXAMPLE: Mapping[str, str] = {
    "code": "381604",
    "item": chinese("企业设立登记"),
    "link": "https://hcp.example.gov.cn/s/7Q3K8MZT",
    "receipt": "CDA1-4DXZ-PE2TJ",
    "says": chinese("您反映的问题已整改。"),
    "office": chinese("好差评工单"),
}
# answers that no person writes: a machine at the other end could ask for them for ever
AUTOMATIC = ("thanks", "reason", "help", "unsubscribed")
ONCE = ("help", "unsubscribed")  # of them, said once in a conversation


@dataclass(frozen=True)
class Part:
    """A part of a long message: which it is of how many, its bytes and their coding byte."""

    reference: int
    total: int
    number: int
    raw: bytes
    coding: int


def segments(text: str) -> int:
    """Return how many messages the carrier charges.

    70 UCS-2 characters in one, 67 in each part of a longer one.
    """
    units = len(text.encode("utf-16-be")) // 2
    # The standard's own numbers (3GPP TS 23.040).
    return 1 if units <= 70 else -(-units // 67)  # noqa: PLR2004


def may_send_at(at: datetime, terms: Terms, *, urgent: bool) -> datetime:
    """Return the first moment from `at` on that lies outside the quiet hours of a policy, in
    China's time.
    """
    local = at.astimezone(LOCAL)
    if urgent or terms.quiet_until <= local.hour < terms.quiet_from:
        return at
    day = local.date() + timedelta(days=local.hour >= terms.quiet_from)
    return datetime.combine(day, time(terms.quiet_until), LOCAL)


def over_cap(sent: Sequence[datetime], at: datetime, terms: Terms) -> bool:
    """Say whether a phone has had enough messages for now."""
    return (
        sum(moment > at - timedelta(days=1) for moment in sent) >= terms.per_day
        or len(sent) >= terms.per_month
    )


def next_try(tries: int, at: datetime) -> datetime | None:
    """Return when a message that failed for a passing reason is tried again.

    10 s, 40 s, 160 s …; None when it is given up.
    """
    return at + timedelta(seconds=10 * 4 ** (tries - 1)) if tries < MAX_TRIES else None


def example(template: str) -> Mapping[str, str]:
    """Return what stands in a template's places in a preview: an office is told what waits."""
    waits = {"says": digest([Topic.URGE, Topic.REMIND, Topic.REMIND])}
    return {**_EXAMPLE, **(waits if template == "office" else {})}


class UnknownTemplate(Refusal):
    """There is no such template, or a value is missing."""

    code = "unknown_template"
    says = Words(
        "短信模板不存在或缺少变量。", "The template does not exist, or a value is missing."
    )


def wording(template: str, values: Mapping[str, str], text: str = "") -> str:
    """Return the text of a message, as the template has it or as an office had it approved
    (`text`); raises UnknownTemplate.
    """
    found = TEMPLATES.get(template)
    if found is None:
        raise UnknownTemplate
    try:
        return (text or found.text).format_map(values)
    except (KeyError, ValueError, IndexError):
        raise UnknownTemplate from None


class BadText(Refusal):
    """A text cannot take the place of a template's."""

    code = "bad_template"


_PLACE = re.compile(r"\{([a-z]*)\}")
_LONGEST = 300  # characters: five parts


def checked_text(template: str, text: str) -> str:
    """Return a text that may take the place of a template's: it begins with a signature 签名 in
    【】, as carriers ask for, has the places that the template has, each once, and, where people
    may refuse more, says how. Raises BadText or UnknownTemplate.
    """
    found = TEMPLATES.get(template)
    if found is None:
        raise UnknownTemplate
    plain = " ".join(text.split())
    wanted, places = sorted(_PLACE.findall(found.text)), sorted(_PLACE.findall(plain))
    if places != wanted or _PLACE.sub("", plain).count("{") or _PLACE.sub("", plain).count("}"):
        named = "".join(f"{{{place}}}" for place in wanted) or "—"
        raise BadText(
            Words(
                f"正文须恰好含有这些占位符，各一次：{named}",
                f"The text must have these places, each once: {named}",
            )
        )
    if not re.match(r"【[^【】]{2,12}】", plain) or len(plain) > _LONGEST:
        raise BadText(
            Words(
                f"正文须以【签名】开头，最长 {_LONGEST} 字。",
                f"A text begins with a signature in 【】 and has at most {_LONGEST} characters.",
            )
        )
    if _REFUSE in found.text and _REFUSE not in plain:
        raise BadText(Words(f"正文须含“{_REFUSE}”。", f"The text must say “{_REFUSE}”."))
    return plain


_REFUSE = chinese("退订回TD")
