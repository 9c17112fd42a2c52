"""The dialects of real clients (domain §1.2).

What a partner is told in each, and the names it uses for the national fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from haochaping.evaluations import rules as rating
from haochaping.kernel.errors import Refusal, Unauthorised
from haochaping.kernel.twins import Twice, once
from haochaping.kernel.words import Words, printable
from haochaping.records import rules as record


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


def fields(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the fields of a message; raises NotReadable where one stands twice."""
    try:
        return once(list(pairs))
    except Twice as found:
        name = printable(found.name)[:60]
        raise NotReadable(
            Words(
                f"字段 {name} 出现了两次，请只保留一个。",
                f"The field {name} stands twice; keep one of them.",
            ),
            field=name,
        ) from None


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
    "affairType": "projectType",
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


def national(row: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Return a row under the national names.

    What has none keeps its own, and is kept with the record.
    """
    return {names.get(name, name): value for name, value in row.items()}


_OF_RATINGS = rating.COLUMNS.known - record.COLUMNS.known


def service_of(row: Mapping[str, str]) -> dict[str, str]:
    """Return what a row that holds a service and its rating says of the service: a follow-up with
    the same service is no other service.
    """
    return {name: value for name, value in row.items() if name not in _OF_RATINGS}


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


# what clients of a dialect send beside the national fields, and what every answer need not name
_OWN = {"affairStatus", *FROM_ANHUI, *FROM_ZHEJIANG}
_NAMED = 100  # of the names that an answer lists


def unknown_fields(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the names in the rows of a message that neither a service nor a rating has: what they
    say is kept beside the service, and their sender hears that nobody reads it.
    """
    known = record.COLUMNS.known | rating.COLUMNS.known | _OWN
    names = {name for row in rows for name, value in row.items() if value and name not in known}
    return [printable(name)[:60] for name in sorted(names)][:_NAMED]
