"""Queueing messages and moving them along."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from haochaping.kernel import outbox
from haochaping.kernel.crypto import Keyring, Unreadable
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.moments import business_day
from haochaping.kernel.numbers import is_mobile
from haochaping.kernel.numbers import phone as normalised
from haochaping.notifications import events, models, queries, rules
from haochaping.policies import queries as policies
from haochaping.policies.rules import Terms
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

log = logging.getLogger(__name__)

PROVINCE = PROVINCE_OF_THE_PLATFORM
_EXTENSION_DAYS = 9  # for which no other invitation of a phone gets the same extension


@dataclass(frozen=True)
class Outgoing:
    """A message that a sender is to send.

    `id` stays the same at every try, so that a gateway can tell a repetition.
    """

    id: int
    phone: str
    template: str
    values: Mapping[str, str]
    text: str
    extension: str
    tries: int  # this one included: a worker that stood still meanwhile is known by it
    until: datetime  # when another worker may take it up


@transaction.atomic
def queue(  # noqa: PLR0913 - a message is these facts
    *,
    template: str,
    phone: str,
    values: Mapping[str, str],
    record_id: int | None = None,
    region: int = PROVINCE,
    urgent: bool = False,
    after: timedelta = timedelta(0),
    at: datetime,
) -> int:
    """Queue a message and return its id: outside quiet hours, under the caps, and never to
    somebody who opted out (urgent ones excepted).
    """
    keyring, phone = _keyring(), normalised(phone) or ""
    index = keyring.blind(phone, "phone") or b""
    urgent = urgent or rules.TEMPLATES[template].urgent
    terms = policies.terms(region, at)
    # no mobile: a landline, or what was stored before numbers had one form
    why = _why_not(template, index, at, terms, urgent=urgent) if is_mobile(phone) else "no_mobile"
    whose = queries.whose_message(models.Message(phone_index=index, queued_at=at))
    due = rules.may_send_at(at + after, terms, urgent=urgent)
    waits: dict[str, Any] = {"state": rules.State.QUEUED, "due_at": due}
    fate = {"state": rules.State.SUPPRESSED, "done_at": at, "why": why} if why else waits
    message = models.Message.objects.create(
        template=template,
        phone=keyring.seal(phone, "message.phone", whose) or b"",
        phone_index=index,
        values=_sealed(values, whose),
        record_id=record_id,
        region=region,
        extension=_extension(index, at) if template == rules.INVITE else "",
        urgent=urgent,
        segments=rules.segments(rules.wording(template, values, queries.text_of(template))),
        queued_at=at,
        **fate,
    )
    if not why and due <= at:
        outbox.publish(events.MessageQueued(message.pk))
    return message.pk


def _keyring() -> Keyring:
    keyring: Keyring = settings.KEYRING
    return keyring


def _sealed(values: Mapping[str, str], whose: str) -> bytes:
    text = json.dumps(dict(values), ensure_ascii=False)
    return _keyring().seal(text, "message.values", whose) or b""


def _why_not(template: str, index: bytes, at: datetime, terms: Terms, *, urgent: bool) -> str:
    if template in rules.AUTOMATIC:
        return _said_enough(index, template, at, terms)
    if urgent:
        return ""
    if models.OptOut.objects.filter(phone_index=index).exists():
        return "opted_out"
    month = models.Message.objects.filter(
        phone_index=index, queued_at__gt=at - timedelta(days=30), template=rules.INVITE
    ).exclude(state="suppressed")
    return (
        "over_cap"
        if rules.over_cap(list(month.values_list("queued_at", flat=True)), at, terms)
        else ""
    )


def _said_enough(index: bytes, template: str, at: datetime, terms: Terms) -> str:
    """Return why an automatic answer is not given: no machine at the other end gets a second.

    What asks or confirms is said once in a conversation, which begins with an invitation; and a
    phone gets no more automatic answers a day than other messages.
    """
    # replies of one phone at the same moment: the second sees what the first was answered
    one_at_a_time(f"answer {index.hex()}")
    said = models.Message.objects.filter(phone_index=index).exclude(state="suppressed")
    answers = said.filter(template__in=rules.AUTOMATIC)
    today = answers.filter(queued_at__gt=at - timedelta(days=1))
    if template in rules.ONCE:
        asked = said.filter(template=rules.INVITE).order_by("-queued_at")
        since = asked.values_list("queued_at", flat=True).first() or at - timedelta(days=30)
        if answers.filter(template=template, queued_at__gte=since).exists():
            return "said_before"
    return "over_cap" if today.count() >= terms.per_day else ""


def _extension(index: bytes, at: datetime) -> str:
    """Return two digits that no open invitation of this phone has.

    Extension numbers are scarce, so they are unique per phone only.
    """
    since = at - timedelta(days=_EXTENSION_DAYS)
    taken = set(
        models.Message.objects.filter(
            phone_index=index, template=rules.INVITE, queued_at__gt=since
        ).values_list("extension", flat=True)
    )
    return next((f"{number:02d}" for number in range(1, 100) if f"{number:02d}" not in taken), "")


def claim(*, limit: int, daily_segments: int, at: datetime) -> list[Outgoing]:
    """Take messages that are due, for a worker to send.

    A worker that is killed loses its lease and they are taken up again.
    """
    left = daily_segments - queries.segments_on(business_day(at))
    claimed, texts = [], queries.texts()
    with transaction.atomic():
        due = (
            models.Message.objects.select_for_update(skip_locked=True)
            .filter(due_at__lte=at)
            .order_by("-urgent", "due_at")[:limit]
        )
        for row in due:
            urgent = row.urgent or rules.TEMPLATES[row.template].urgent
            if row.segments > left and not urgent:
                _put_off(row, at)
                continue
            row.state, row.tries, row.due_at = rules.State.SENDING, row.tries + 1, at + rules.LEASE
            try:
                claimed.append(_outgoing(row, texts))
            except (Unreadable, ValueError) as bug:  # it holds up nobody behind it
                log.warning("message %s cannot be read: %s", row.pk, type(bug).__name__)
                _unreadable(row, at)
                continue
            left -= row.segments
            row.save(update_fields=["state", "tries", "due_at"])
    return claimed


def _unreadable(row: models.Message, at: datetime) -> None:
    """Have a message that does not open wait, for its key may come, and give it up in the end."""
    row.due_at = rules.next_try(row.tries, at)
    row.state = rules.State.QUEUED if row.due_at else rules.State.FAILED
    row.why, row.done_at = "unreadable", None if row.due_at else at
    row.save(update_fields=["state", "tries", "due_at", "why", "done_at"])


def _put_off(row: models.Message, at: datetime) -> None:
    """Have a message wait for tomorrow: the cost guard of the day is used up."""
    terms, later = policies.terms(row.region, at), at + timedelta(hours=12)
    row.due_at, row.why = rules.may_send_at(later, terms, urgent=False), "daily_limit"
    row.save(update_fields=["due_at", "why"])


def _outgoing(row: models.Message, texts: Mapping[str, str]) -> Outgoing:
    keyring = _keyring()
    whose = queries.whose_message(row)
    values = json.loads(keyring.open(row.values, "message.values", whose) or "{}")
    phone = keyring.open(row.phone, "message.phone", whose) or ""
    text = rules.wording(row.template, values, texts.get(row.template, ""))
    until = row.due_at or row.queued_at  # of what was claimed just now
    return Outgoing(row.pk, phone, row.template, values, text, row.extension, row.tries, until)


@transaction.atomic
def note_sent(*, message_id: int, provider_id: str, at: datetime) -> None:
    """Note that the gateway has taken the message."""
    row = models.Message.objects.select_for_update().get(pk=message_id)
    row.provider_id, row.sent_at = provider_id[:64], at
    fields = ["provider_id", "sent_at"]
    if (
        rules.State.SENT in rules.NEXT[rules.State(row.state)]
    ):  # its receipt may have come before its answer
        row.state, row.due_at, row.why = rules.State.SENT, None, ""
        fields += ["state", "due_at", "why"]
    row.save(update_fields=fields)


@transaction.atomic
def note_failed(*, message_id: int, tries: int, why: str, again: bool, at: datetime) -> None:
    """Note that the gateway has not taken the message: it is tried again later, or given up. Of a
    try after which another worker took it up, nothing is noted.
    """
    row = models.Message.objects.select_for_update().get(pk=message_id)
    if row.state != rules.State.SENDING or row.tries != tries:
        return
    due = rules.next_try(row.tries, at) if again else None
    row.state, row.due_at, row.why, row.done_at = (
        (rules.State.QUEUED if due else rules.State.FAILED),
        due,
        why[:120],
        None if due else at,
    )
    row.save(update_fields=["state", "due_at", "why", "done_at"])


def erase(*, record_id: int, at: datetime) -> None:
    """Blank the number and the words of every message about a service and of every reply that
    rated it; what still waits is not sent. The keyed number by which phones are counted stays.
    """
    about = models.Message.objects.filter(record_id=record_id)
    waiting = about.filter(state__in=(rules.State.QUEUED, rules.State.SENDING))
    waiting.update(state=rules.State.SUPPRESSED, due_at=None, done_at=at, why="erased")
    about.update(phone=b"", values=b"")
    models.Reply.objects.filter(evaluation_id=record_id).update(phone=b"", content=b"")


def withdraw(*, record_ids: Sequence[int], at: datetime) -> None:
    """Take back the invitations that still wait for services that have been rated in the
    meantime.
    """
    waiting = models.Message.objects.filter(
        record_id__in=record_ids, template=rules.INVITE, state=rules.State.QUEUED
    )
    waiting.update(state=rules.State.SUPPRESSED, due_at=None, done_at=at, why="rated_before")
