"""A record as a door hands it in, and writing its numbers and codes as they are kept."""

from enum import IntEnum
from typing import Any, NoReturn

import msgspec

from haochaping.kernel.errors import NotAllowed, Refusal
from haochaping.kernel.numbers import identifier, phone, rounded
from haochaping.kernel.words import Words, storable


class Stage(IntEnum):
    """Which stage of a service is rated: the five of the founding notice §三(六)."""

    ITEM_SET_UP = 1  # 事项设立
    APP_ONLINE = 2  # 应用上线
    SERVICE = 3  # 办件服务
    LICENCE_SHARED = 4  # 证照共享
    RESULT_DELIVERED = 5  # 结果送达


class Status(IntEnum):
    """How far the case is."""

    WAITING = 1  # 待受理
    ACCEPTED = 2  # 已受理
    FINISHED = 3  # 已办结


class Origin(IntEnum):
    """Who says that there was a service. Set by the door, never by the caller."""

    REGISTERED = 1  # 系统登记: the office's own system
    SCANNED = (
        2  # 扫码或设备自助: the citizen, at a window, with a verified phone or a paired device
    )
    SYNTHETIC = 3  # 巡检: our own daily test of a channel; never counted


class BadRecord(Refusal):
    """The record breaks a rule; `code` says which, `field` where."""


class RecordUnknown(Refusal):
    """There is no such record."""

    status = 404
    code = "record_unknown"
    says = Words(
        "没有对应的办件服务记录，请先上报办件。",
        "There is no such service record; register the service first.",
    )


class OutsideScope(NotAllowed):
    """The service lies in a region that the client does not reach."""

    code = "outside_scope"
    says = Words("该办件不在本系统的接入范围内。", "This service lies outside the client's scope.")


class NotYours(NotAllowed):
    """Another system registered the service."""

    code = "not_yours"
    says = Words(
        "该办件由其他系统登记，本系统无权办理；如确需代办，请联系平台管理员授权。",
        "Another system registered this service; ask the platform's administrator for a grant.",
    )


class NotYourDepartment(NotAllowed):
    """The client named a department of another region."""

    code = "department_outside_scope"
    says = Words(
        "该部门不在本系统的接入范围内。", "This department lies outside the client's scope."
    )


class NotAmendable(Refusal):
    """The amendment changes what names the service."""

    code = "not_amendable"
    says = Words(
        "行政区划、部门、事项、服务时间和阶段不能更正；如登记有误，请以新的服务次数重新登记。",
        "Region, department, item, time and stage of a service cannot be amended; register it "
        "again under a new service number.",
    )


class NotYourItem(NotAllowed):
    """The client named an item of another city's department."""

    code = "item_outside_scope"
    says = Words(
        "该事项属于其他地区的部门，请核对事项编码。",
        "This item belongs to a department of another region; check its code.",
    )


class Applicant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the service was for. Everything here is personal data."""

    name: str = ""
    kind: int = 1  # 申请人类型, domain §1.5.2
    certificate_type: str = ""  # 证件类型, domain §1.5.3
    cert_key: str = ""  # opaque hash of number and name from the national identity system
    phone: str = ""


_APART = "\0"  # which no text that is stored may hold


def sealed_text(person: Applicant) -> str:
    """Return what is sealed of an applicant besides the phone: name, kind and key of the
    certificate in one text, for a second seal would be a tenth of what storing a row costs.
    """
    certificate = (person.certificate_type, person.cert_key)
    return _APART.join((person.name, *certificate)) if any(certificate) else person.name


def of_sealed(text: str | None) -> Applicant:
    """Return name and certificate of an applicant as they were sealed; nothing where they were
    erased or never given.
    """
    name, *certificate = (text or "").split(_APART)
    kind, key = certificate or ("", "")
    return Applicant(name=name, certificate_type=kind, cert_key=key)


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record as a door hands it in; `accept` checks every field."""

    project_no: str
    service_number: int
    region: str
    department_code: str
    item_code: str
    served_at: str
    department_name: str = ""
    item_name: str = ""
    task_type: str = "99"
    service_name: str = ""
    stage: int = Stage.SERVICE
    status: int = Status.FINISHED
    accepted_at: str = ""
    finished_at: str = ""
    online: bool | None = None
    window_code: str = ""
    staff_number: str = ""
    staff_name: str = ""
    applicant: Applicant = Applicant()
    extra: dict[str, Any] = {}


def wrong(code: str, field: str, zh: str, en: str) -> BadRecord:
    """Return the refusal for a field."""
    return BadRecord(Words(zh, en), code=code, field=field)


def tidy(given: Given) -> Given:
    """Return a record whose numbers, codes and phone are written as they are kept.

    Raises BadRecord for one that a spreadsheet has rounded or that holds what no code holds: every
    character is kept, or the record is refused.
    """
    changes: dict[str, Any] = {}
    for field in _IDENTIFIERS:
        text = getattr(given, field)
        if text and (kept := identifier(text)) != text:
            changes[field] = kept if kept is not None else _not_kept(text, field)
    person = given.applicant
    if person.phone and (number := phone(person.phone)) != person.phone:
        if number is None:
            raise wrong(
                "phone",
                "applicant.phone",
                "手机号或座机号（带区号）格式不对，且只能填一个。",
                "applicant.phone must be one mobile number, or a landline with its area code.",
            )
        changes["applicant"] = msgspec.structs.replace(person, phone=number)
    return msgspec.structs.replace(given, **changes) if changes else given


_IDENTIFIERS = (
    "project_no",
    "region",
    "department_code",
    "item_code",
    "window_code",
    "staff_number",
)


def _not_kept(text: str, field: str) -> NoReturn:
    if rounded(text):
        raise wrong(
            "number_rounded",
            field,
            f"{field} 已被电子表格改写（科学计数法、千分位、日期）；请把该列设为“文本”后重填。",
            f"{field} was rounded, grouped or made a date by a spreadsheet; make the column text "
            "and fill it in again.",
        )
    raise wrong(
        field if storable(text) else "bad_text",
        field,
        f"{field} 中间含有空格或控制字符，请核对。",
        f"{field} holds white space or control characters inside.",
    )
