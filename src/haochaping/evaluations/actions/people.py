"""Ratings that people give without our page.

By SMS, by telephone, and the services they report by scanning a code.
"""

from datetime import datetime, timedelta

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.evaluations import queries, rules
from haochaping.evaluations.actions.intake import Stored, submit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Reach, Right
from haochaping.indicators import queries as indicators
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Conflict, NotFound
from haochaping.kernel.ids import new_token, receipt_number
from haochaping.kernel.words import Words
from haochaping.notifications import actions as notifications
from haochaping.notifications import queries as messages
from haochaping.notifications import rules as sms
from haochaping.records import actions as records
from haochaping.records import queries as services
from haochaping.records import rules as record_rules

EVERYWHERE = Reach(0, 10**12 - 1)


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
    by: int,
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
        service_name="现场服务",
        online=False if window_id else None,
        window_code=names.window_code,
        staff_number=names.staff_number,
        applicant=record_rules.Applicant(phone=phone),
    )
    record = record_rules.accept(given, lambda code: code, at, record_rules.Origin.SCANNED)
    (stored,) = talk(records.register(records=[record], client_id=None, by=by, at=at))
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
    given = rules.Given(
        service.project_no,
        service.service_number,
        level,
        rules.Channel.PHONE,
        kind=kind,
        codes=codes,
        words=words,
    )
    (stored,) = talk(
        submit(
            ratings=[rules.accept(given, indicators.catalogue(), at)],
            reach=EVERYWHERE,
            client_id=None,
            by=by,
            at=at,
        )
    )
    if stored.refusal is not None or stored.key is None:
        raise (
            NotOpen
            if isinstance(stored.refusal, rules.AlreadyRated)
            else (stored.refusal or NotOpen())
        )
    audit.record(
        subject="evaluation",
        subject_id=stored.key,
        verb="rate_by_phone",
        details={"kind": kind},
        region=service.region,
        by=by,
        at=at,
    )
    return receipt_number(stored.key)


@transaction.atomic
def rate_by_reply(*, reply_id: int, by: int, at: datetime) -> str:
    """Act on an SMS that came in and return what became of it
    (`notifications.models.Reply.outcome`). Safe to repeat.

    A low level counts at once, with the citizen's own text as its words; the reason that is asked
    for afterwards becomes a follow-up.
    """
    answer = messages.answer(reply_id)
    if answer is None:
        raise NotFound
    if answer.outcome:
        return answer.outcome
    reply = sms.parse_reply(answer.content)
    evaluation_id = None
    match reply.meaning:
        case sms.Meaning.UNSUBSCRIBE:
            notifications.opt_out(phone_index=answer.phone_index, by=by, at=at)
            outcome, say = "unsubscribed", "unsubscribed"
        case sms.Meaning.LEVEL:
            outcome, evaluation_id, say = _by_level(answer, reply, by, at)
        case sms.Meaning.WORDS:
            outcome, evaluation_id, say = _reason(answer, reply, by, at)
        case sms.Meaning.EMPTY:
            outcome, say = "unknown", ""
    if say:
        receipt = receipt_number(evaluation_id) if evaluation_id else ""
        notifications.queue(
            template=say, phone=answer.phone, values={"receipt": receipt}, urgent=True, by=by, at=at
        )
    notifications.note_outcome(
        reply_id=reply_id, outcome=outcome, evaluation_id=evaluation_id, by=by, at=at
    )
    return outcome


def rate_by_digit(*, record_id: int, text: str, by: int, at: datetime) -> str:
    """Store what a reply's text means for one service and return the receipt number.

    The path of an SMS without the SMS, for our own tests.
    """
    reply, service = sms.parse_reply(text), services.service(record_id)
    if service is None or reply.meaning is not sms.Meaning.LEVEL:
        raise NotFound
    stored = _store_reply(service, reply, text, at, by, at)
    if stored.key is None:
        raise stored.refusal or NotOpen()
    return receipt_number(stored.key)


def _store_reply(
    service: services.Service, reply: sms.Reply, text: str, sent_at: datetime, by: int, at: datetime
) -> Stored:
    words = reply.rest or (text.strip() if rules.is_bad(reply.level) else "")
    given = rules.Given(
        service.project_no,
        service.service_number,
        reply.level,
        rules.Channel.SMS,
        sent_at.isoformat(),
        words=words,
    )
    (stored,) = talk(
        submit(
            ratings=[rules.accept(given, indicators.catalogue(), at)],
            reach=EVERYWHERE,
            client_id=None,
            by=by,
            at=at,
        )
    )
    return stored


def _by_level(
    answer: messages.Answer, reply: sms.Reply, by: int, at: datetime
) -> tuple[str, int | None, str]:
    asked = _asked(answer)
    rated = queries.rated({record for record, _ in asked})
    open_ones = [record for record, _ in asked if record not in rated]
    if not open_ones:
        return (
            (
                "repeated"
                if asked
                else "late"
                if messages.asked(answer.phone_index, answer.sent_at - timedelta(days=90))
                else "nothing_open"
            ),
            None,
            "",
        )
    service = services.service(open_ones[0])
    if service is None:
        return "nothing_open", None, ""
    stored = _store_reply(service, reply, answer.content, answer.sent_at, by, at)
    if stored.key is None:
        return "repeated", None, ""
    return (
        "rated",
        stored.key,
        "reason" if rules.is_bad(reply.level) and not reply.rest else "thanks",
    )


def _asked(answer: messages.Answer) -> list[tuple[int, str]]:
    """Return the services this reply may be about.

    The one whose extension it was sent to, else all that are open, the latest first.
    """
    asked = messages.asked(answer.phone_index, answer.sent_at - timedelta(days=sms.REPLY_DAYS))
    named = [
        (record, extension)
        for record, extension in asked
        if extension and answer.destination.endswith(extension)
    ]
    return named or asked


def _reason(
    answer: messages.Answer, reply: sms.Reply, by: int, at: datetime
) -> tuple[str, int | None, str]:
    """Take words as the reason of a bad rating that came by SMS before, as a follow-up.

    Else ask again once.
    """
    asked = [record for record, _ in _asked(answer)]
    rated = queries.rated(set(asked))
    for record in asked:
        first = rated.get(record)
        if (
            first is None
            or not first.is_bad
            or first.channel is not rules.Channel.SMS
            or queries.follow_up(record) is not None
        ):
            continue
        service = services.service(record)
        if service is None:
            continue
        given = rules.Given(
            service.project_no,
            service.service_number,
            first.level,
            rules.Channel.SMS,
            answer.sent_at.isoformat(),
            rules.Kind.FOLLOW_UP,
            words=reply.rest,
        )
        (stored,) = talk(
            submit(
                ratings=[rules.accept(given, indicators.catalogue(), at)],
                reach=EVERYWHERE,
                client_id=None,
                by=by,
                at=at,
            )
        )
        if stored.key is not None:
            return "reason", stored.key, "thanks"
    return "unknown", None, "help" if asked else ""
