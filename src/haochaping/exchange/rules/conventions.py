"""Where systems of this trade disagree about a code or a length, and what each partner wants.

Every conflict of domain §1 is a setting of the partner with a row in the table that the office sees
(`/admin/partners/conventions`); none is code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from haochaping.evaluations.rules import Channel
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words


class Outward(StrEnum):
    """How we speak to a partner."""

    NATIONAL = "national"  # our canonical dialect of the national dictionary
    SHANDONG = "shandong"  # txnBodyCom, SM2
    FUJIAN = "fujian"  # token, SOAP, SM4
    ZHEJIANG = "zhejiang"  # forms
    GENERIC = "generic"  # signed JSON to whatever address
    WEBHOOK = "webhook"  # an event for each message (Standard Webhooks)
    DROP = "drop"  # files in a folder, local or over SFTP


# which have no message for what a rating or a service has become
UNCHANGING = frozenset({Outward.SHANDONG, Outward.FUJIAN, Outward.ZHEJIANG})
ASKED = frozenset({Outward.NATIONAL})  # who answer questions about what they have
OUTWARD: Mapping[Outward, Words] = {
    Outward.NATIONAL: Words("国家平台（批量 JSON）", "National (batches of JSON)"),
    Outward.SHANDONG: Words("山东（txnBodyCom，SM2）", "Shandong (txnBodyCom, SM2)"),
    Outward.FUJIAN: Words("福建（SOAP，SM4）", "Fujian (SOAP, SM4)"),
    Outward.ZHEJIANG: Words("浙江（表单）", "Zhejiang (forms)"),
    Outward.GENERIC: Words("通用（签名 JSON）", "Generic (signed JSON)"),
    Outward.WEBHOOK: Words("事件推送（Webhook）", "Events (webhooks)"),
    Outward.DROP: Words("文件投递（文件夹或 SFTP）", "Files (folder or SFTP)"),
}


@dataclass(frozen=True)
class Convention:
    """One conflict: what it is about, why it is one, and the ways there are; the first is usual."""

    says: Words
    why: Words
    ways: Mapping[str, Words]


CONVENTIONS: Mapping[str, Convention] = {
    "channels": Convention(
        Words("渠道码 pf", "Channel code pf"),
        Words("6、7 在各地含义相反", "6 and 7 mean opposite things"),
        {
            "gg": Words("6 电话，7 短信", "6 telephone, 7 SMS"),
            "zj": Words("6 短信，无电话", "6 SMS, no telephone"),
            "v1": Words("只有 1–5", "1 to 5 only"),
        },
    ),
    "people": Convention(
        Words("申请人类型 userProp", "Kind of applicant userProp"),
        Words("旧版只分个人、法人", "The old list knows persons and bodies only"),
        {"v2": Words("1–6、9", "1 to 6, 9"), "v1": Words("个人 1，法人 2", "person 1, body 2")},
    ),
    "kinds": Convention(
        Words("办件类型 projectType", "Kind of case projectType"),
        Words("浙江一家写反：承诺 1，即办 2", "A client in Zhejiang turns it round"),
        {
            "12": Words("即办 1，承诺 2", "at once 1, promised 2"),
            "21": Words("承诺 1，即办 2", "promised 1, at once 2"),
        },
    ),
    "area": Convention(
        Words("区划 areaCode 位数", "Digits of areaCode"),
        Words("有的只收 6 位", "Some take six only"),
        {"12": Words("12 位，右补零", "12, padded"), "6": Words("6 位", "6")},
    ),
    "task": Convention(
        Words("事项编码 taskCode", "Item code taskCode"),
        Words("33 位办理项有的只收前 31 位", "Of 33 characters some take 31"),
        {
            "31": Words("31 位，33 位放 taskHandleItem", "31, the 33 in taskHandleItem"),
            "33": Words("原样", "as it is"),
        },
    ),
    "joiner": Convention(
        Words("指标分隔 evalDetail", "Between codes evalDetail"),
        Words("接口用逗号，设备用竖线", "Interfaces use commas, devices bars"),
        {",": Words("逗号", "comma"), "|": Words("竖线", "bar")},
    ),
    "prefix": Convention(
        Words("办件编号前缀 projectNo", "Prefix of projectNo"),
        Words("全国须唯一，有的省加省码", "Unique in the nation: some prefix the province"),
        {"": Words("不加", "none"), "32": Words("加 32", "32")},
    ),
    "reviewed": Convention(
        Words("审核状态 appStatus", "Review appStatus"),
        Words("文档写 1，山东写 0", "1 by the paper, 0 in Shandong"),
        {"1": Words("1 无需审核", "1, needs none"), "0": Words("0", "0")},
    ),
    "source": Convention(
        Words("数据来源 dataSource", "Source dataSource"),
        Words("浙江 133，推得江苏 132（未证实）", "Zhejiang is 133; 132 for Jiangsu by the rule"),
        {"132": Words("132", "132"), "32": Words("32", "32"), "": Words("不填", "left out")},
    ),
    "self_made": Convention(
        Words("自编事项（含八个零）", "Items made locally (eight zeros)"),
        Words("山东不上报", "Shandong does not upload them"),
        {"no": Words("不上报", "not uploaded"), "yes": Words("上报", "uploaded")},
    ),
    "rhythm": Convention(
        Words("报送节奏", "How often"),
        Words("有的每日一批，夜间装载", "Some load one batch a night"),
        {
            "now": Words("随到随报", "at once"),
            "day": Words("每日一批，次日凌晨 1 点", "once a day, at 01:00 on the next"),
        },
    ),
}
_OF_DIALECTS: Mapping[Outward, Mapping[str, str]] = {
    Outward.SHANDONG: {"channels": "v1", "reviewed": "0", "source": ""},
    Outward.FUJIAN: {"channels": "gg"},
    Outward.ZHEJIANG: {"channels": "zj", "people": "v1", "area": "6", "kinds": "21"},
    Outward.GENERIC: {"self_made": "yes"},
    Outward.WEBHOOK: {"self_made": "yes"},
    Outward.DROP: {"self_made": "yes"},
}


def conventions(dialect: str, own: Mapping[str, str]) -> dict[str, str]:
    """Return the way in which each conflict is settled for a partner: its own where it has one,
    its dialect's, the usual one.
    """
    usual = {name: next(iter(one.ways)) for name, one in CONVENTIONS.items()}
    chosen = {**usual, **_OF_DIALECTS.get(Outward(dialect), {})}
    known = {name: way for name, way in own.items() if way in _ways(name)}
    return chosen | known


def _ways(name: str) -> Mapping[str, Words]:
    found = CONVENTIONS.get(name)
    return found.ways if found else {}


_COMMON = {
    Channel.WEB: "1",
    Channel.MOBILE: "2",
    Channel.QR: "3",
    Channel.TABLET: "4",
    Channel.TERMINAL: "5",
    Channel.LINK: "2",  # opened on a phone
    Channel.API: "1",  # a department's own site
}
# ours in the national code; a telephone or a message where there is no code for it goes as 移动端
PF: Mapping[str, Mapping[Channel, str]] = {
    "gg": {**_COMMON, Channel.PHONE: "6", Channel.SMS: "7"},
    "zj": {**_COMMON, Channel.PHONE: "2", Channel.SMS: "6"},
    "v1": {**_COMMON, Channel.PHONE: "2", Channel.SMS: "2"},
}
_PERSON, _BODY = "1", "2"
_AT_ONCE, _PROMISED = "1", "2"  # 即办件, 承诺件


def applicant_kind(kind: int, way: str) -> str:
    """Return the userProp of a kind of applicant (domain §1.5.2)."""
    if way == "v1":
        return _PERSON if kind == 1 else _BODY
    return str(kind)


def project_type(fact: Mapping[str, Any], way: str) -> str:
    """Return the kind of a case as a partner counts kinds: what its system said or, where it said
    nothing, what both its dates tell; "" where nothing does.
    """
    begun, ended = fact["accepted_at"], fact["finished_at"]
    said = fact["project_type"]
    if not said and begun and ended:
        same = business_day(begun) == business_day(ended)
        said = _AT_ONCE if same else _PROMISED
    return _turned(said, way)


def kinds_turned(document: Mapping[str, str], way: str) -> Mapping[str, str]:
    """Return a partner's document with its kind of case as we count kinds."""
    said = document.get("projectType", "")
    return {**document, "projectType": _turned(said, way)} if said else document


def _turned(kind: str, way: str) -> str:
    return way[int(kind) - 1] if kind in (_AT_ONCE, _PROMISED) else kind
