"""What a service record 办件服务记录 must be.

One record is one service; a case has as many as it has services (domain §1.4.1).
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from haochaping.directory.rules import ItemCode, is_uscc, parse_item
from haochaping.kernel import ids
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.words import storable
from haochaping.records.rules.given import Applicant, Given, Origin, tidy, wrong
from haochaping.regions.rules import Level, city_of, level_of, parse_code

_LAST_SERVICE = 99
EXTRA = "record.extra"  # under which it is sealed
_LONGEST_EXTRA = 8000
_CONTROLS = re.compile(
    r"\\u00(?:[01][0-9a-f]|7f)"
)  # as JSON writes them, all but tab and line ends
_FUTURE = timedelta(minutes=10)  # clocks of other systems may run a little ahead
_TASK_TYPES = frozenset(("01", "05", "07", "08", "09", "10", "20"))


class Record(msgspec.Struct, frozen=True):
    """A record that may be stored."""

    given: Given
    region: int
    item: ItemCode
    served_at: datetime
    accepted_at: datetime | None
    finished_at: datetime | None
    content: bytes  # what makes it the same when it comes again: values, not spellings
    origin: Origin = Origin.REGISTERED

    @property
    def natural_key(self) -> str:
        """Project number and service number: what makes the record the only one."""
        return natural_key(self.given.project_no, self.given.service_number)

    def key(self, salt: int) -> int:
        """Return the fact key of the record."""
        return ids.fact_key(self.served_at, self.natural_key, salt)


def natural_key(project_no: str, service_number: int) -> str:
    """Return the text that identifies a service."""
    return f"{project_no}#{service_number}"


def check_key(project_no: str, service_number: int) -> None:
    """Raise BadRecord unless these can identify a service."""
    # The column's width.
    if not 1 <= len(project_no.strip()) <= len(project_no) <= 64 or not project_no.isprintable():  # noqa: PLR2004
        raise wrong(
            "project_no",
            "project_no",
            "办件编号不可为空，最长 64 个字符。",
            "project_no must have 1 to 64 printable characters.",
        )
    if not 1 <= service_number <= _LAST_SERVICE:
        raise wrong(
            "service_number",
            "service_number",
            "服务次数应为 1–99。",
            "service_number must be 1 to 99.",
        )


def plain_text(text: str, field: str, longest: int) -> None:
    """Raise BadRecord unless a text fits and holds nothing that PostgreSQL or Unicode refuses."""
    if len(text) > longest:
        raise wrong(
            "too_long",
            field,
            f"{field} 最长 {longest} 个字符。",
            f"{field} may have {longest} characters at most.",
        )
    if not storable(text):
        raise wrong(
            "bad_text",
            field,
            f"{field} 含有不允许的字符（NUL 或残缺的 Unicode）。",
            f"{field} holds a NUL or a broken Unicode character.",
        )


def _moment(text: str, field: str, *, needed: bool) -> datetime | None:
    if not text and not needed:
        return None
    moment = parse_moment(text)
    if moment is None:
        raise wrong(
            "time",
            field,
            f"{field} 应为 2026-08-12 14:01:41（北京时间）或带时区的 RFC 3339 时间。",
            f"{field} must be like 2026-08-12 14:01:41 (China) or RFC 3339.",
        )
    return moment


def accept(
    given: Given,
    resolve: Callable[[int], int | None],
    at: datetime,
    origin: Origin = Origin.REGISTERED,
) -> Record:
    """Check a record; return it ready to store or raise BadRecord.

    `resolve` turns a region code into the one in force.
    """
    given = tidy(given)
    check_key(given.project_no, given.service_number)
    region = _region(given.region, resolve)
    if not is_uscc(given.department_code):
        raise wrong(
            "department_code",
            "department_code",
            "部门统一社会信用代码校验位不符，请核对。",
            "The department's credit code fails its check character.",
        )
    item = _item(given)
    _check_numbers(given)
    for field, longest in _LONGEST.items():
        plain_text(getattr(given, field), field, longest)
    for field, longest in _LONGEST_OF_APPLICANT.items():
        plain_text(getattr(given.applicant, field), f"applicant.{field}", longest)
    if given.extra:
        _check_extra(given.extra)
    served_at, accepted_at, finished_at = _moments(given, at)
    times = (served_at, accepted_at, finished_at)
    return Record(given, region, item, *times, _content(given, region, times), origin)


def _content(given: Given, region: int, times: Sequence[datetime | None]) -> bytes:
    """Return what makes a record the same when it comes again: values, not spellings."""
    return msgspec.json.encode(
        (
            [getattr(given, field) for field in _SAID],
            region,
            [moment and moment.timestamp() for moment in times],
            [getattr(given.applicant, field) for field in Applicant.__struct_fields__],
            given.extra,
        ),
        order="deterministic",
    )


# what a record says besides its region, times and applicant; names belong to the directory
_SAID = (
    "project_no",
    "service_number",
    "department_code",
    "item_code",
    "task_type",
    "service_name",
    "stage",
    "status",
    "online",
    "window_code",
    "staff_number",
)


def serves(of: int, region: int) -> bool:
    """Say whether a window or a member of staff of a region serves in a record's: of the same city,
    or anywhere for what the province itself does.
    """
    return level_of(region) is Level.PROVINCE or city_of(of) == city_of(region)


def may_name(region: int, of: int | None) -> bool:
    """Say whether a record of a region may name an item of a department of a region: of its own
    city or of the province; None where nobody has confirmed whose it is.
    """
    return of is None or level_of(of) is Level.PROVINCE or serves(of, region)


def _check_extra(extra: dict[str, Any]) -> None:
    try:
        text = msgspec.json.encode(extra).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        raise wrong(
            "bad_text", "extra", "extra 含有残缺字符。", "extra holds half of a character."
        ) from None
    if len(text) > _LONGEST_EXTRA:
        raise wrong(
            "too_long",
            "extra",
            f"extra 最长 {_LONGEST_EXTRA} 个字符。",
            f"extra may have {_LONGEST_EXTRA} characters at most.",
        )
    if _CONTROLS.search(text) or not storable(text):
        raise wrong("bad_text", "extra", "extra 含有控制字符。", "extra holds a control character.")


def _region(text: str, resolve: Callable[[int], int | None]) -> int:
    code = parse_code(text)
    if code is None:
        raise wrong(
            "region_shape",
            "region",
            "行政区划代码应为 6 位或 12 位数字。",
            "The region code must have 6 or 12 digits.",
        )
    region = resolve(code)
    if region is None:
        raise wrong(
            "region_unknown",
            "region",
            "行政区划代码不存在，请核对最新代码表。",
            "The region code is unknown; check it against the current table.",
        )
    return region


def _item(given: Given) -> ItemCode:
    if not given.item_code:
        raise wrong("item_missing", "item_code", "缺少事项编码。", "The item code is missing.")
    item = parse_item(given.item_code)
    if item is None:
        raise wrong(
            "item_code",
            "item_code",
            "事项编码应为 31 位实施编码或 33 位办理项编码。",
            "The item code must have 31 characters, or 33 for a handling item.",
        )
    return item


def task_type(text: str) -> str:
    """Return the kind of item 事项类型; whatever is not in the national set is 99, and 11 is 20
    (domain §1.4.1).
    """
    return "20" if text == "11" else text if text in _TASK_TYPES else "99"


def accept_reason(text: str) -> str:
    """Return why a record is amended; raises BadRecord."""
    plain_text(text, "reason", 200)
    return text.strip()


_LONGEST = {
    "task_type": 30,
    "department_name": 120,
    "item_name": 200,
    "service_name": 60,
    "window_code": 30,
    "staff_number": 30,
    "staff_name": 60,
}
_LONGEST_OF_APPLICANT = {"name": 120, "cert_key": 200, "phone": 30, "certificate_type": 3}


def _check_numbers(given: Given) -> None:
    if given.status not in (1, 2, 3):
        raise wrong(
            "status",
            "status",
            "办件状态应为 1（待受理）、2（已受理）或 3（已办结）。",
            "status must be 1, 2 or 3.",
        )
    if given.stage not in (1, 2, 3, 4, 5):
        raise wrong("stage", "stage", "服务阶段应为 1–5。", "stage must be 1 to 5.")
    if not 0 <= given.applicant.kind <= 99:  # noqa: PLR2004 - 申请人类型 has two digits
        raise wrong(
            "applicant_kind",
            "applicant.kind",
            "申请人类型应为 1–9 的代码。",
            "applicant.kind must be a code from 1 to 9.",
        )


def _moments(given: Given, at: datetime) -> tuple[datetime, datetime | None, datetime | None]:
    """Return when the service was given, accepted and finished."""
    served_at = _moment(given.served_at, "served_at", needed=True)
    accepted_at = _moment(given.accepted_at, "accepted_at", needed=False)
    finished_at = _moment(given.finished_at, "finished_at", needed=False)
    if accepted_at is not None and finished_at is not None and finished_at < accepted_at:
        raise wrong(
            "time",
            "finished_at",
            "办结时间早于受理时间，请核对。",
            "finished_at is earlier than accepted_at.",
        )
    if served_at is None or served_at > at + _FUTURE:
        raise wrong(
            "time",
            "served_at",
            "服务时间不能晚于现在，请校准时钟。",
            "served_at lies in the future; set your clock.",
        )
    return served_at, accepted_at, finished_at
