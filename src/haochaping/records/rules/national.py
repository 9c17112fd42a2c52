"""Files of service records in the national field names (domain §1.4.1)."""

from collections.abc import Mapping

from haochaping.kernel.headings import Columns
from haochaping.kernel.numbers import identifier, plain, whole
from haochaping.kernel.words import Words
from haochaping.records.rules import given as rules

_READ = frozenset(
    [
        "areaCode",
        "deptCode",
        "proDepart",
        "orgName",
        "taskCode",
        "taskHandleItem",
        "taskName",
        "taskType",
        "projectNo",
        "projectName",
        "proStatus",
        "acceptDate",
        "resultDate",
        "serviceName",
        "serviceNumber",
        "serviceTime",
        "userName",
        "userProp",
        "userPageType",
        "certKey",
        "certKeyGOV",
        "mobile",
        "proManager",
        "proManagerNo",
        "proChannel",
        "windowCode",
    ]
)
# 即办件 1, 承诺件 2: some clients have the second name for it
PROJECT_TYPE, _PROMISE_TIME = "projectType", "promiseTime"
# the other names of domain §1.4.1, kept beside the record
_KEPT = frozenset(
    [
        "orgcode",
        PROJECT_TYPE,
        "subMatter",
        _PROMISE_TIME,
        "creditType",
        "certType",
        "creditNum",
        "handleUserName",
        "handleUserPageType",
        "handleUserPageCode",
        "phoneNumber",
        "contactMobile",
        "departmentName",
        "officeName",
        "officeCode",
        "evaluatedPersonInfo",
        "eventType",
        "type",
        "promiseDay",
        "promiseType",
        "anticipateDay",
        "anticipateType",
        "dataSource",
        "customFields",
        "backUrl",
        "pf5UrlType",
        "pf",
        "appId",
    ]
)
_TASK_CODE = 31  # characters, GB/T 39554.1-2020
COLUMNS = Columns(_READ | _KEPT, needed=(("projectNo",), ("serviceNumber",)))


def from_national(row: Mapping[str, str]) -> rules.Given:
    """Turn a row with national field names into a record to be checked.

    Raises BadRecord where a number is no number.
    """
    task, handling = row.get("taskCode", ""), row.get("taskHandleItem", "")
    task = identifier(task) or task
    extra = _extra(row)
    if len(task) != _TASK_CODE:
        handling = ""  # a handling item does not stand for a task code that is missing or cut off
    if handling and not handling.startswith(task):
        # not in every region is the task code the beginning of its handling item's
        extra["taskCode"] = task
    return rules.Given(
        project_no=row.get("projectNo", ""),
        service_number=_number(row, "serviceNumber", "service_number"),
        region=row.get("areaCode", ""),
        department_code=row.get("deptCode", ""),
        department_name=row.get("proDepart") or row.get("orgName", ""),
        item_code=handling or task,
        item_name=row.get("taskName", ""),
        task_type=(plain(row.get("taskType", "")) or "99").zfill(2),  # Excel's 1 is 01
        service_name=row.get("serviceName", ""),
        status=_number(row, "proStatus", "status"),
        served_at=row.get("serviceTime", ""),
        accepted_at=row.get("acceptDate", ""),
        finished_at=row.get("resultDate", ""),
        online={"1": True, "2": False}.get(plain(row.get("proChannel", "")).lstrip("0")),
        window_code=row.get("windowCode", ""),
        staff_number=row.get("proManagerNo", ""),
        staff_name=row.get("proManager", ""),
        applicant=rules.Applicant(
            name=row.get("userName", ""),
            kind=whole(plain(row.get("userProp", ""))) or 9,
            certificate_type=row.get("userPageType", ""),
            cert_key=row.get("certKey") or row.get("certKeyGOV", ""),
            phone=row.get("mobile", ""),
        ),
        extra=extra,
    )


def _extra(row: Mapping[str, str]) -> dict[str, str]:
    """Return what is kept beside a record, the kind of its case under its first name."""
    extra = {name: value for name, value in row.items() if name not in _READ and value}
    kind = extra.get(PROJECT_TYPE) or extra.get(_PROMISE_TIME)
    return {**extra, PROJECT_TYPE: kind} if kind else extra


def _number(row: Mapping[str, str], name: str, field: str) -> int:
    number = whole(row.get(name, "").strip(), digits=6)
    if number is None:
        raise rules.BadRecord(
            Words(f"{name} 应为整数。", f"{name} must be a whole number."), code=field, field=name
        )
    return number
