"""The conversation by SMS: what becomes of a reply."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from haochaping.evaluations import queries, rules
from haochaping.evaluations.actions.intake import rate_one
from haochaping.invitations import queries as invitations
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.notifications import actions as notifications
from haochaping.notifications import queries as messages
from haochaping.records import queries as records

_ASKED_LONG_AGO = timedelta(days=90)


class Became(NamedTuple):
    """What became of a reply (`notifications.models.Reply.outcome`), and which text answers it."""

    outcome: str
    evaluation_id: int | None = None
    say: str = ""  # a template, empty for silence


@transaction.atomic
def rate_by_reply(*, reply_id: int, at: datetime) -> str:
    """Act on an SMS that came in and return what became of it. Safe to repeat.

    A low level counts at once, with the citizen's own text as its words; the reason that is asked
    for afterwards becomes a follow-up.
    """
    answer = messages.answer(reply_id)
    if answer is None:
        raise NotFound
    if answer.outcome:
        return answer.outcome
    became = _act(answer, at)
    if became.say:
        receipt = receipt_number(became.evaluation_id) if became.evaluation_id else ""
        values = {"receipt": receipt}
        notifications.queue(
            template=became.say,
            phone=answer.phone,
            values=values,
            record_id=became.evaluation_id,
            urgent=True,
            at=at,
        )
    notifications.note_outcome(
        reply_id=reply_id, outcome=became.outcome, evaluation_id=became.evaluation_id
    )
    return became.outcome


def _act(answer: messages.Answer, at: datetime) -> Became:
    reply = rules.parse_reply(answer.content)
    match reply.meaning:
        case rules.Meaning.UNSUBSCRIBE:
            notifications.opt_out(phone_index=answer.phone_index, at=at)
            return Became("unsubscribed", say="unsubscribed")
        case rules.Meaning.LEVEL:
            became = _take_level(answer, reply, at)
            if not reply.leaves:
                return became
            notifications.opt_out(phone_index=answer.phone_index, at=at)
            return became._replace(say="unsubscribed")
        case rules.Meaning.WORDS:
            return _take_reason(answer, reply, at)
    return Became("unknown")


def rate_by_digit(*, record_id: int, text: str, at: datetime) -> str:
    """Store what a reply's text means for one service and return the receipt number.

    The path of an SMS without the SMS, for our own tests.
    """
    reply, service = rules.parse_reply(text), records.service(record_id)
    if service is None or reply.meaning is not rules.Meaning.LEVEL:
        raise NotFound
    stored = rate_one(given=_first_rating(service, reply, text, at), at=at)
    return receipt_number(stored.id)


def _first_rating(
    service: records.Service, reply: rules.Reply, text: str, sent_at: datetime
) -> rules.Given:
    words = reply.rest or (text.strip() if rules.is_bad(reply.level) else "")
    return rules.Given(
        service.project_no,
        service.service_number,
        reply.level,
        rules.Channel.SMS,
        sent_at.isoformat(),
        words=words[: rules.MAX_WORDS],
    )


def _take_level(answer: messages.Answer, reply: rules.Reply, at: datetime) -> Became:
    """Rate the latest service that the reply may be about and that is not rated yet."""
    asked = invitations.asked_by_sms(answer.phone_index, answer.destination, answer.sent_at)
    rated = queries.rated(set(asked))
    open_ones = [record for record in asked if record not in rated]
    if asked and not open_ones:
        return Became("repeated")
    if not asked:
        since = answer.sent_at - _ASKED_LONG_AGO
        late = invitations.was_ever_asked(answer.phone_index, since)
        return Became("late" if late else "nothing_open")
    service = records.service(open_ones[0])
    if service is None:
        return Became("nothing_open")
    given = _first_rating(service, reply, answer.content, answer.sent_at)
    try:
        stored = rate_one(given=given, at=at)
    except Refusal:
        return Became("repeated")
    unexplained = rules.is_bad(reply.level) and not reply.rest
    return Became("rated", stored.id, "reason" if unexplained else "thanks")


def _take_reason(answer: messages.Answer, reply: rules.Reply, at: datetime) -> Became:
    """Take words as the reason of a bad rating that came by SMS before, as a follow-up.

    Else say once how to answer.
    """
    asked = invitations.asked_by_sms(answer.phone_index, answer.destination, answer.sent_at)
    rated = queries.rated(set(asked))
    for record in asked:
        first = rated.get(record)
        if first is None or not _wants_reason(first):
            continue
        service = records.service(record)
        if service is None:
            continue
        given = rules.Given(
            service.project_no,
            service.service_number,
            first.level,
            rules.Channel.SMS,
            answer.sent_at.isoformat(),
            rules.Kind.FOLLOW_UP,
            words=reply.rest[: rules.MAX_WORDS],
        )
        try:
            return Became("reason", rate_one(given=given, at=at).id, "thanks")
        except Refusal:
            continue
    return Became("unknown", say="help" if asked else "")


def _wants_reason(first: queries.Rated) -> bool:
    by_sms = first.is_bad and first.channel is rules.Channel.SMS
    return by_sms and queries.follow_up(first.id) is None
