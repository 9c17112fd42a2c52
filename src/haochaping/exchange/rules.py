"""The dialects of real clients (domain §1.2): what a partner is told in each, and the names it uses for the national fields."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from haochaping.analytics.rules import Counts
from haochaping.kernel.errors import Refusal, Unauthorised
from haochaping.kernel.words import Words


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
CHANNELS: Mapping[Dialect, str] = {Dialect.SHANDONG: "v1", Dialect.FUJIAN: "gg", Dialect.ZHEJIANG: "zj", Dialect.ANHUI: "gg"}  # meaning of pf 6 and 7


class NotReadable(Refusal):
    """What a partner sent is not what its dialect says."""

    status = 400
    code = "not_readable"
    says = Words("报文格式不符，请对照 docs/integrate/dialects.md。", "The message is not as its dialect has it; see docs/integrate/dialects.md.")


class NotSigned(Unauthorised):
    """A partner could not be identified."""

    code = "not_signed"
    says = Words("应用标识或签名不符，请核对地址与密钥。", "The application or its signature is unknown; check address and keys.")


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
_LATER = {"1": "2", "2": "3"}  # Zhejiang's affairStatus (1 received, 2 finished) in the national proStatus


NEVER = 0.001  # how unlikely it must be that so many ratings hold no bad one, before we say so
_USUAL = 1.2e-4  # bad ratings in public figures: at least 1.2 in 10 000 (domain §9.3)


def alarms(counts: Counts, whole: Counts, failed: Sequence[int], *, tested: bool) -> list[Words]:
    """Return what is wrong with a channel. A channel that takes good ratings only is seen by the first rule the same day, by the second soon.

    The second compares with the share of bad ratings over all channels (at least the public 1.2 in 10 000): n ratings without a bad one have the
    chance (1 - p)^n.
    """
    found = []
    bad = [level for level in failed if level <= 2]  # noqa: PLR2004 - 差评
    if bad and len(failed) < 5:  # noqa: PLR2004 - all levels
        found.append(
            Words("巡检：差评提交不了，好评可以！请立即检查。", "Our test: bad ratings are refused while good ones are taken. Look at once.")
        )
    elif failed:
        found.append(Words(f"巡检：{'、'.join(map(str, failed))} 级提交失败。", f"Our test: levels {', '.join(map(str, failed))} are refused."))
    if not tested:
        found.append(Words("两天内没有巡检结果。", "No test in two days."))
    share = max(whole.bad / whole.total if whole.total else 0, _USUAL)
    if counts.total and not counts.bad and (1 - share) ** counts.total < NEVER:
        found.append(
            Words(f"{counts.total} 条评价中没有一条差评，极不寻常。", f"Not one bad rating among {counts.total}: most unusual for this channel.")
        )
    return found


def national(row: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Return a row under the national names; what has none keeps its own, and is kept with the record."""
    return {names.get(name, name): value for name, value in row.items()}


def completed(row: Mapping[str, str], at: str) -> dict[str, str]:
    """Fill in what a dialect leaves out because it means one thing only: the first service, finished, now."""
    whole = dict(row)
    if "affairStatus" in row:
        whole.setdefault("proStatus", _LATER.get(row["affairStatus"], "3"))
    for name, value in (("serviceNumber", "1"), ("proStatus", "3"), ("serviceTime", at)):
        if not whole.get(name):
            whole[name] = value
    if not whole.get("deptCode") and "_" in whole.get("orgcode", ""):
        whole["deptCode"] = whole["orgcode"].split("_", 1)[1]
    return whole
