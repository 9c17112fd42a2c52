"""Queueing messages, moving them along, and taking in what gateways push."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from haochaping.kernel import outbox
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows
from haochaping.kernel.moments import business_day
from haochaping.notifications import events, models, queries, rules
from haochaping.policies import queries as policies
from haochaping.policies.rules import Terms
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

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
    """Queue a message and return its id.

    Outside quiet hours, under the caps, and never to somebody who opted out (urgent ones excepted).
    """
    keyring: Keyring = settings.KEYRING
    index = keyring.blind(phone, "phone") or b""
    urgent = urgent or rules.TEMPLATES[template].urgent
    terms = policies.terms(region, at)
    why = "" if urgent else _why_not(index, at, terms)
    due = rules.may_send_at(at + after, terms, urgent=urgent)
    fate: dict[str, Any] = {"state": rules.State.QUEUED, "due_at": due}
    if why:
        fate = {"state": rules.State.SUPPRESSED, "done_at": at, "why": why}
    message = models.Message.objects.create(
        template=template,
        phone=keyring.seal(phone, "message.phone") or b"",
        phone_index=index,
        values=_sealed(values),
        record_id=record_id,
        region=region,
        extension=_extension(index, at) if template == rules.INVITE else "",
        urgent=urgent,
        segments=rules.segments(rules.wording(template, values)),
        queued_at=at,
        **fate,
    )
    if not why and due <= at:
        outbox.publish(events.MessageQueued(message.pk))
    return message.pk


def _sealed(values: Mapping[str, str]) -> bytes:
    keyring: Keyring = settings.KEYRING
    return keyring.seal(json.dumps(dict(values), ensure_ascii=False), "message.values") or b""


def _why_not(index: bytes, at: datetime, terms: Terms) -> str:
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
    claimed = []
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
            left -= row.segments
            row.state, row.tries, row.due_at = rules.State.SENDING, row.tries + 1, at + rules.LEASE
            row.save(update_fields=["state", "tries", "due_at"])
            claimed.append(_outgoing(row))
    return claimed


def _put_off(row: models.Message, at: datetime) -> None:
    """Have a message wait for tomorrow: the cost guard of the day is used up."""
    terms, later = policies.terms(row.region, at), at + timedelta(hours=12)
    row.due_at, row.why = rules.may_send_at(later, terms, urgent=False), "daily_limit"
    row.save(update_fields=["due_at", "why"])


def _outgoing(row: models.Message) -> Outgoing:
    keyring: Keyring = settings.KEYRING
    values = json.loads(keyring.open(row.values, "message.values") or "{}")
    phone = keyring.open(row.phone, "message.phone") or ""
    text = rules.wording(row.template, values)
    return Outgoing(row.pk, phone, row.template, values, text, row.extension)


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
def note_failed(*, message_id: int, why: str, again: bool, at: datetime) -> None:
    """Note that the gateway has not taken the message: it is tried again later, or given up."""
    row = models.Message.objects.select_for_update().get(pk=message_id)
    if row.state != rules.State.SENDING:
        return
    due = rules.next_try(row.tries, at) if again else None
    row.state, row.due_at, row.why, row.done_at = (
        (rules.State.QUEUED if due else rules.State.FAILED),
        due,
        why[:120],
        None if due else at,
    )
    row.save(update_fields=["state", "due_at", "why", "done_at"])


def withdraw(*, record_ids: Sequence[int], at: datetime) -> None:
    """Take back the invitations that still wait for services that have been rated in the
    meantime.
    """
    waiting = models.Message.objects.filter(
        record_id__in=record_ids, template=rules.INVITE, state=rules.State.QUEUED
    )
    waiting.update(state=rules.State.SUPPRESSED, due_at=None, done_at=at, why="rated_before")


@transaction.atomic
def take_receipt(
    *, provider_id: str, message_id: int | None, delivered: bool, why: str, at: datetime
) -> bool:
    """Take in a delivery receipt; say whether it changed anything.

    Duplicates and late ones do not.
    """
    which = Q(provider_id=provider_id) if provider_id else Q()
    if message_id is not None:
        which |= Q(pk=message_id)
    row = (
        models.Message.objects.select_for_update().filter(which).order_by("-pk").first()
        if which
        else None
    )
    state = rules.State.DELIVERED if delivered else rules.State.FAILED
    if row is None or state not in rules.NEXT[rules.State(row.state)]:
        return False
    row.state, row.due_at, row.done_at, row.why = state, None, at, why[:120]
    row.save(update_fields=["state", "due_at", "done_at", "why"])
    return True


@transaction.atomic
def take_reply(
    *, phone: str, destination: str, content: str, sent_at: datetime, at: datetime
) -> int | None:
    """Keep a reply and announce it.

    Return its id, or None when it came before (gateways push again when in doubt).
    """
    keyring: Keyring = settings.KEYRING
    # A mobile number in China.
    phone = phone.removeprefix("+").removeprefix("86") if len(phone) > 11 else phone  # noqa: PLR2004
    digest = hashlib.sha256(
        "\0".join((phone, destination, sent_at.isoformat(), content)).encode()
    ).digest()
    content = content.replace("\0", "")[:500]
    row, fresh = models.Reply.objects.get_or_create(
        digest=digest,
        defaults={
            "phone": keyring.seal(phone, "message.phone") or b"",
            "phone_index": keyring.blind(phone, "phone") or b"",
            "destination": destination[:32],
            "content": keyring.seal(content, "reply.content") or b"",
            "sent_at": sent_at,
            "received_at": at,
        },
    )
    if not fresh:
        return None
    outbox.publish(events.ReplyReceived(row.pk))
    return row.pk


@transaction.atomic
def take_part(
    *, phone: str, destination: str, part: tuple[int, int, int], content: str, at: datetime
) -> str | None:
    """Keep a part of a long reply.

    Return the whole text once all parts are there, in whatever order they came.
    """
    keyring: Keyring = settings.KEYRING
    reference, total, number = part
    rows(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", f"{phone}/{reference}"
    )  # parts come side by side; one must see the other
    whose = {
        "phone_index": keyring.blind(phone, "phone") or b"",
        "destination": destination[:32],
        "reference": reference,
        "total": total,
    }
    parts = models.ReplyPart.objects.filter(**whose)
    parts.filter(received_at__lt=at - timedelta(hours=1)).delete()  # references come round again
    defaults = {
        "content": keyring.seal(content or "\u200b", "reply.content") or b"",
        "received_at": at,
    }
    models.ReplyPart.objects.get_or_create(**whose, number=number, defaults=defaults)
    found = list(parts.select_for_update().order_by("number"))
    if len(found) < total:
        return None
    text = "".join(keyring.open(row.content, "reply.content") or "" for row in found)
    parts.delete()
    return text


def note_outcome(*, reply_id: int, outcome: str, evaluation_id: int | None = None) -> None:
    """Write down what became of a reply."""
    models.Reply.objects.filter(pk=reply_id).update(outcome=outcome, evaluation_id=evaluation_id)


def opt_out(*, phone_index: bytes, at: datetime) -> None:
    """Send no more invitations to a phone, and take back those that wait."""
    models.OptOut.objects.get_or_create(phone_index=phone_index, defaults={"at": at})
    waiting = models.Message.objects.filter(
        phone_index=phone_index, template=rules.INVITE, state=rules.State.QUEUED
    )
    waiting.update(state=rules.State.SUPPRESSED, due_at=None, done_at=at, why="opted_out")
