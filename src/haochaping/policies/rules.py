"""The terms of a policy 处置规则: what each says, within which bounds, and how a region's values
lie over those of the region above.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words, chinese


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for an order, as it was when its clock started.

    Days are working days unless said.
    """

    contact: int = 1  # 首次联系: to dispatch, and to sign
    ordinary: int = 5  # 一般: to verify, rectify and reply, from dispatch
    complex: int = 15  # 疑难
    extension: int = 10  # 延期 at most, once; 0: none
    call_back: int = 3  # 回访, from the reply
    objection: int = 3  # 申诉, from dispatch
    return_hours: int = 4  # 退回: office hours from dispatch; 0: never
    returns: int = 1  # how often; what is disputed after that is arbitrated
    remind: int = 1  # before the deadline
    urge: int = 1  # 催办, after it
    supervise: int = 3  # 督办
    circular: int = 5  # 通报
    second_opinion: int = (
        28  # calendar days after closing until the citizen is asked again; 0: not asked
    )
    change: int = (
        15  # calendar days in which a citizen may replace the rating, judge the handling, ask again
    )
    first: int = 180  # calendar days after the service in which it may be rated 首次评价
    follow_up: int = 365  # calendar days after the rating in which it may be added to 追加评价
    # services per department and week that are called for the audit sample, rated and unrated each
    sample: int = 2
    auto_dispatch: int = 0  # 1: to the rated department at once; 0: by hand
    quiet_from: int = 21  # hour of the day: no message until
    quiet_until: int = 8
    per_day: int = 3  # messages to one phone that are not urgent
    per_month: int = 10
    # features of a region; 1: on
    ask_by_sms: int = 1  # 短信邀评: who was served is asked by SMS
    rate_by_scan: int = 1  # who scans a code may rate what no system registered
    weight_5: int = 100  # of 满意度得分
    weight_4: int = 80
    weight_3: int = 60
    weight_2: int = 30
    weight_1: int = 0

    @property
    def weights(self) -> tuple[int, int, int, int, int]:
        """The weights of levels 5…1."""
        return self.weight_5, self.weight_4, self.weight_3, self.weight_2, self.weight_1


@dataclass(frozen=True)
class Field:
    """A term as the form shows it, with its bounds."""

    says: Words
    unit: Words
    lowest: int
    highest: int


_DAYS, _NATURAL, _HOURS = (
    Words("工作日", "working days"),
    Words("天", "days"),
    Words("工作小时", "office hours"),
)
_CLOCK, _TIMES, _POINTS = Words("点", "o'clock"), Words("次", "times"), Words("分", "points")

GROUPS: Mapping[Words, Mapping[str, Field]] = {
    Words("办理时限", "Limits"): {
        "contact": Field(Words("派单、签收（首次联系）", "To dispatch and to sign"), _DAYS, 1, 10),
        "ordinary": Field(Words("一般差评办结", "Ordinary orders"), _DAYS, 1, 60),
        "complex": Field(Words("疑难差评办结", "Complex orders"), _DAYS, 1, 90),
        "extension": Field(
            Words("延期最长（0 为不可延期）", "Longest extension (0: none)"), _DAYS, 0, 60
        ),
        "call_back": Field(Words("答复后回访", "Call-back after the reply"), _DAYS, 1, 30),
    },
    Words("退回、申诉与派单", "Returns, objections and dispatch"): {
        "return_hours": Field(
            Words("派单后可退回（0 为不得退回）", "Return within (0: never)"), _HOURS, 0, 80
        ),
        "returns": Field(Words("退回次数上限", "Returns at most"), _TIMES, 0, 5),
        "objection": Field(Words("派单后可申诉", "Objection within"), _DAYS, 0, 30),
        "auto_dispatch": Field(
            Words(
                "自动派给被评单位（1 是 0 否）",
                "Dispatch to the rated office at once (1 yes, 0 no)",
            ),
            Words("", ""),
            0,
            1,
        ),
    },
    Words("督办阶梯", "Escalation"): {
        "remind": Field(Words("到期前提醒", "Reminder before the deadline"), _DAYS, 0, 5),
        "urge": Field(Words("超期催办", "Urge, overdue by"), _DAYS, 1, 30),
        "supervise": Field(
            Words("超期督办（黄牌）", "Supervision, overdue by (yellow card)"), _DAYS, 1, 30
        ),
        "circular": Field(
            Words("超期通报、约谈（红牌）", "Circular, overdue by (red card)"), _DAYS, 1, 60
        ),
    },
    Words("群众", "Citizens"): {
        "change": Field(
            Words("改评、追问、评判办理的期限", "May replace, ask again, judge within"),
            _NATURAL,
            0,
            90,
        ),
        "first": Field(Words("办事后可评价", "May be rated after the service"), _NATURAL, 1, 730),
        "follow_up": Field(
            Words("评价后可追评", "May be added to after the rating"), _NATURAL, 1, 1095
        ),
        "second_opinion": Field(
            Words("办结后再问一次（0 为不问）", "Asked again after closing (0: not)"),
            _NATURAL,
            0,
            180,
        ),
        "sample": Field(
            Words(
                "每周每单位随机抽查（已评、未评各）",
                "Random sample per office and week (rated and unrated each)",
            ),
            _TIMES,
            0,
            50,
        ),
    },
    Words("短信", "Messages"): {
        "quiet_from": Field(Words("免打扰从", "Quiet from"), _CLOCK, 12, 23),
        "quiet_until": Field(Words("免打扰到", "Quiet until"), _CLOCK, 0, 12),
        "per_day": Field(Words("同一号码每天最多", "To one phone a day at most"), _TIMES, 1, 20),
        "per_month": Field(
            Words("同一号码每月最多", "To one phone a month at most"), _TIMES, 1, 60
        ),
    },
    Words("功能开关", "Features"): {
        "ask_by_sms": Field(
            Words("办事后短信邀评（1 开 0 关）", "Ask by SMS after the service (1 on, 0 off)"),
            Words("", ""),
            0,
            1,
        ),
        "rate_by_scan": Field(
            Words(
                "扫码可评价系统未登记的办件（1 开 0 关）",
                "A scan may rate what no system registered (1 on, 0 off)",
            ),
            Words("", ""),
            0,
            1,
        ),
    },
    Words("满意度得分权重", "Weights of the score"): {
        f"weight_{level}": Field(Words(f"{level} 星", f"Level {level}"), _POINTS, 0, 100)
        for level in range(5, 0, -1)
    },
}
FIELDS: Mapping[str, Field] = {
    name: field for group in GROUPS.values() for name, field in group.items()
}

# What other places have (domain §3.4). Jiangsu's own numbers are not known to us, so the default is
# 1/5/15 and says so.
PRESETS: Mapping[str, tuple[Words, Mapping[str, int]]] = {
    "1-5-15": (
        Words("1/5/15（参照上海，不得退回）", "1/5/15 (like Shanghai, no returns)"),
        {"contact": 1, "ordinary": 5, "complex": 15, "return_hours": 0},
    ),
    "15": (
        Words("15（参照四川某市）", "15 (like a city in Sichuan)"),
        {"contact": 1, "ordinary": 15, "complex": 15, "extension": 0},
    ),
    "5": (
        Words("5（参照德州）", "5 (like Dezhou)"),
        {"contact": 1, "ordinary": 5, "complex": 5, "extension": 0},
    ),
    "1-2-3": (
        Words("1/2/3（参照汝州）", "1/2/3 (like Ruzhou)"),
        {"contact": 1, "ordinary": 2, "complex": 3, "extension": 0},
    ),
}
DEFAULT_SOURCE = chinese("默认 1/5/15（参照上海；江苏省规定待补充）")


class BadTerms(Refusal):
    """A value lies outside its bounds, or two contradict each other."""

    code = "bad_terms"


def read_values(sent: Mapping[str, str]) -> dict[str, int]:
    """Read the values that a form sets; empty ones are inherited.

    Raises BadTerms naming the field.
    """
    values = {}
    for name, field in FIELDS.items():
        text = sent.get(name, "").strip()
        if not text:
            continue
        value = whole(text)
        if value is None or not field.lowest <= value <= field.highest:
            says = Words(
                f"“{field.says.zh}”应为 {field.lowest}–{field.highest} 的整数。",
                f"{field.says.en}: a whole number, {field.lowest} to {field.highest}.",
            )
            raise BadTerms(says, field=name)
        values[name] = value
    return values


def merged(layers: Iterable[Mapping[str, Any]]) -> Terms:
    """Lay the values of regions over each other, the province's first.

    Raises BadTerms where the result contradicts itself.
    """
    values: dict[str, int] = {}
    for layer in layers:
        values |= {name: value for name, value in layer.items() if name in FIELDS}
    terms = Terms(**values)
    if not terms.contact <= terms.ordinary <= terms.complex:
        raise BadTerms(
            Words(
                "时限应满足：首次联系 ≤ 一般 ≤ 疑难。",
                "Limits must grow: contact, ordinary, complex.",
            ),
            field="ordinary",
        )
    if not terms.urge <= terms.supervise <= terms.circular:
        raise BadTerms(
            Words(
                "督办阶梯应满足：催办 ≤ 督办 ≤ 通报。",
                "The ladder must grow: urge, supervise, circular.",
            ),
            field="supervise",
        )
    return terms


def sound(layers: Sequence[Mapping[str, Any]]) -> Terms:
    """Lay the values of regions over each other, without the narrowest where they contradict each
    other: what is agreed is checked before (`policies.queries.check`), and a region goes on.
    """
    for kept in range(len(layers), 0, -1):
        with suppress(BadTerms):
            return merged(layers[:kept])
    return Terms()


def changed(old: Terms, new: Terms) -> list[tuple[Field, int, int]]:
    """Return which terms differ, with old and new value."""
    return [
        (field, getattr(old, name), getattr(new, name))
        for name, field in FIELDS.items()
        if getattr(old, name) != getattr(new, name)
    ]


# what the audit trail calls what is done here
TRAIL: Trail = {
    "policy": Subject(
        Words("处置规则", "policy"),
        {
            "propose": Words("提议规则", "Proposed a policy"),
            "approve": Words("审核规则", "Approved a policy"),
            "withdraw": Words("撤回规则提议", "Withdrew a proposal"),
        },
        {name: field.says for name, field in FIELDS.items() if field.says.zh},
    )
}
