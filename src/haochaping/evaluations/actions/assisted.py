"""Ratings that agents take on the telephone, and services that citizens report by a code."""

from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.evaluations import rules
from haochaping.evaluations.actions.intake import rate_one
from haochaping.feed import actions as feed
from haochaping.identity import queries as identity
from haochaping.identity.rules import OURSELVES, Right
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Conflict, NotFound
from haochaping.kernel.ids import new_token, receipt_number
from haochaping.kernel.words import Words, chinese
from haochaping.records import actions as records
from haochaping.records import queries as services
from haochaping.records import rules as record_rules


class NotOpen(Conflict):
    """The service has been rated, or its rating is closed."""

    code = "not_open"
    says = Words(
        "该办件已评价过；群众要补充的，请登记为追加评价。",
        "This service has been rated; register a follow-up if there is more to say.",
    )


def register_scanned(  # noqa: PLR0913 - a service is these facts
    *,
    item_id: int | None,
    window_id: int | None,
    staff_id: int | None,
    region: int,
    phone: str,
    project_no: str = "",
    served_at: datetime | None = None,
    at: datetime,
) -> int:
    """Register a service that no system registered, from what a citizen says at a window.

    Return its key. It stays marked as such.
    """
    names = directory.service_names(item_id=item_id, window_id=window_id, staff_id=staff_id)
    given = record_rules.Given(
        project_no=project_no or f"SCAN-{new_token()}",
        service_number=1,
        region=str(region),
        department_code=names.uscc,
        department_name=names.department,
        item_code=names.item_code,
        item_name=names.item,
        served_at=(served_at or at).isoformat(),
        service_name=chinese("现场服务"),
        online=False if window_id else None,
        window_code=names.window_code,
        staff_number=names.staff_number,
        applicant=record_rules.Applicant(phone=phone),
    )
    record = record_rules.accept(given, lambda code: code, at, record_rules.Origin.SCANNED)
    (stored,) = talk(records.register(records=[record], client=OURSELVES))
    feed.rouse()
    return stored.key


@transaction.atomic
def rate_by_phone(
    *,
    record_id: int,
    level: int,
    codes: list[int],
    words: str,
    kind: rules.Kind,
    by: int,
    at: datetime,
) -> str:
    """Register what a citizen says on the telephone 电话评价 and return the receipt number.

    The agent's right and region are checked.
    """
    service = services.service(record_id)
    if service is None:
        raise NotFound
    identity.require(by, Right.CALL_BACK, within=service.region)
    number, channel = (service.project_no, service.service_number), rules.Channel.PHONE
    given = rules.Given(*number, level, channel, kind=kind, codes=codes, words=words)
    try:
        stored = rate_one(given=given, at=at)
    except rules.AlreadyRated:
        raise NotOpen from None
    audit.record(
        subject="evaluation",
        subject_id=stored.id,
        verb="rate_by_phone",
        details={"kind": kind},
        region=service.region,
        by=by,
        at=at,
    )
    return receipt_number(stored.id)
