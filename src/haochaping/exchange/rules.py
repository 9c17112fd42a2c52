"""The dialects of real clients (domain §1.2).

What a partner is told in each, and the names it uses for the national fields.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from haochaping.analytics.rules import Counts
from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Conflict, Refusal, Unauthorised
from haochaping.kernel.words import Words, storable
from haochaping.orders.rules import MOVES


class Dialect(StrEnum):
    """A family of clients."""

    SHANDONG = "sd"  # JSON in a bank-style envelope, SM2
    FUJIAN = "fj"  # token, then SOAP with an SM4-encrypted XML document
    ZHEJIANG = "zj"  # form posts
    ANHUI = "ah"  # a page address with the case in doubly encoded Base64


DIALECTS: Mapping[Dialect, Words] = {
    Dialect.SHANDONG: Words("山东（txnBodyCom 信封，SM2）", "Shandong (txnBodyCom envelope, SM2)"),
    Dialect.FUJIAN: Words("福建（SOAP，SM4）", "Fujian (SOAP, SM4)"),
    Dialect.ZHEJIANG: Words("浙江（表单）", "Zhejiang (forms)"),
    Dialect.ANHUI: Words("安徽（评价页地址）", "Anhui (page address)"),
}
CHANNELS: Mapping[Dialect, str] = {
    Dialect.SHANDONG: "v1",
    Dialect.FUJIAN: "gg",
    Dialect.ZHEJIANG: "zj",
    Dialect.ANHUI: "gg",
}  # meaning of pf 6 and 7


class NotReadable(Refusal):
    """What a partner sent is not what its dialect says."""

    status = 400
    code = "not_readable"
    says = Words(
        "报文格式不符，请对照 docs/integrate/dialects.md。",
        "The message is not as its dialect has it; see docs/integrate/dialects.md.",
    )


class NotSigned(Unauthorised):
    """A partner could not be identified."""

    code = "not_signed"
    says = Words(
        "应用标识或签名不符，请核对地址与密钥。",
        "The application or its signature is unknown; check address and keys.",
    )


# Anhui's and Zhejiang's own names for what the national dictionary calls otherwise (domain §1.4.1)
FROM_ANHUI: Mapping[str, str] = {
    "projNo": "projectNo",
    "projName": "projectName",
    "serviceCode": "taskCode",
    "infoTypeName": "taskName",
    "serviceDepartmentCode": "deptCode",
    "serviceDepartment": "proDepart",
    "applicantName": "userName",
    "applicantPhone": "mobile",
    "regionCode": "areaCode",
    "transactionTime": "serviceTime",
    "applyTime": "acceptDate",
    "handleStateName": "serviceName",
}
FROM_ZHEJIANG: Mapping[str, str] = {
    "affairId": "projectNo",
    "affairTime": "serviceTime",
    "matterId": "taskCode",
    "matterName": "taskName",
    "departIdentityCode": "deptCode",
    "departName": "proDepart",
    "operatorName": "proManager",
    "userPhone": "mobile",
}
_LATER = {
    "1": "2",
    "2": "3",
}  # Zhejiang's affairStatus (1 received, 2 finished) in the national proStatus


NEVER = 0.001  # how unlikely it must be that so many ratings hold no bad one, before we say so
_USUAL = 1.2e-4  # bad ratings in public figures: at least 1.2 in 10 000 (domain §9.3)


def alarms(counts: Counts, whole: Counts, failed: Sequence[int], *, tested: bool) -> list[Words]:
    """Return what is wrong with a channel. A channel that takes good ratings only is seen by the
    first rule the same day, by the second soon.

    The second compares with the share of bad ratings over all channels (at least the public 1.2 in
    10 000): n ratings without a bad one have the chance (1 - p)^n.
    """
    found = []
    bad = [level for level in failed if level <= 2]  # noqa: PLR2004 - 差评
    if bad and len(failed) < 5:  # noqa: PLR2004 - all levels
        found.append(
            Words(
                "巡检：差评提交不了，好评可以！请立即检查。",
                "Our test: bad ratings are refused while good ones are taken. Look at once.",
            )
        )
    elif failed:
        found.append(
            Words(
                f"巡检：{'、'.join(map(str, failed))} 级提交失败。",
                f"Our test: levels {', '.join(map(str, failed))} are refused.",
            )
        )
    if not tested:
        found.append(Words("两天内没有巡检结果。", "No test in two days."))
    share = max(whole.bad / whole.total if whole.total else 0, _USUAL)
    if counts.total and not counts.bad and (1 - share) ** counts.total < NEVER:
        found.append(
            Words(
                f"{counts.total} 条评价中没有一条差评，极不寻常。",
                f"Not one bad rating among {counts.total}: most unusual for this channel.",
            )
        )
    return found


def national(row: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Return a row under the national names.

    What has none keeps its own, and is kept with the record.
    """
    return {names.get(name, name): value for name, value in row.items()}


def completed(row: Mapping[str, str], at: str) -> dict[str, str]:
    """Fill in what a dialect leaves out because it means one thing only.

    The first service, finished, now.
    """
    whole = dict(row)
    if "affairStatus" in row:
        whole.setdefault("proStatus", _LATER.get(row["affairStatus"], "3"))
    for name, value in (("serviceNumber", "1"), ("proStatus", "3"), ("serviceTime", at)):
        if not whole.get(name):
            whole[name] = value
    if not whole.get("deptCode") and "_" in whole.get("orgcode", ""):
        whole["deptCode"] = whole["orgcode"].split("_", 1)[1]
    return whole


# --- the contract with the 12345 systems of cities (docs/integrate/hotline-12345.md)


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message of the contract, in either direction.

    `seq` counts from 1 without gaps, in each direction by itself.
    """

    seq: int
    kind: str
    order: str  # number of the order, CP20261123-0017
    at: str = ""
    facts: dict[str, str] = {}


# What a hotline may say of an order, and the move that it makes (orders.rules.MOVES)
HEARD = {move.hotline: verb for verb, move in MOVES.items() if move.hotline}
# what is no move: a file; the number to call back on, with the reason
BESIDE = frozenset({"attachment", "reveal"})
KEY_OVERLAP = timedelta(days=3)  # for which a city's old key is good beside the new one
AHEAD = 1000  # messages that may come before the one that is missing
_AGAIN = (2, 5, 15, 60, 300, 900, 3600)  # seconds


class OutOfTouch(Conflict):
    """A number came again with other content, or far ahead of what is missing."""

    code = "sequence"
    says = Words(
        "序号重复但内容不同，或超前过多；请从 expected 起重发。",
        "The number came with other content, or far ahead; send again from `expected`.",
    )


class BadMessage(Refusal):
    """A message of the contract cannot be read."""

    code = "bad_message"
    says = Words(
        "消息不符合 12345 交换约定，请对照 docs/integrate/hotline-12345.md。",
        "The message is not as docs/integrate/hotline-12345.md has it.",
    )


def read_message(body: bytes) -> Message:
    """Read a message; raises BadMessage."""
    try:
        message = msgspec.json.decode(body, type=Message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadMessage from None
    texts = (message.kind, message.order, message.at, *message.facts, *message.facts.values())
    if not (
        0 < message.seq < 1 << 53
        and (message.kind in HEARD or message.kind in BESIDE)
        and all(map(storable, texts))
    ):
        raise BadMessage
    return message


class Recorded(msgspec.Struct, frozen=True):
    """What a telephone system tells when a call has ended."""

    call: int
    recording: str = ""


def read_recorded(body: bytes) -> Recorded | None:
    """Read it; None where it cannot be read."""
    try:
        told = msgspec.json.decode(body, type=Recorded)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return told if 0 < told.call < 1 << 63 and storable(told.recording) else None


def said_again(tries: int, at: datetime) -> datetime:
    """Return when a message that was not heard is said again.

    After seconds at first, each hour in the end, for ever.
    """
    return at + timedelta(seconds=_AGAIN[min(tries, len(_AGAIN)) - 1])


# what the audit trail calls what is done here
TRAIL: Trail = {
    "channel": Subject(Words("渠道", "channel"), {"probe": Words("渠道巡检", "Tested a channel")}),
    "hotline": Subject(
        Words("12345 系统", "12345 system"), {"connect": Words("建立对接", "Connected")}
    ),
}
