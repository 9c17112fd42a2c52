"""Taking in what gateways push: receipts, replies, and parts of long ones."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from haochaping.kernel import outbox
from haochaping.kernel.alphabets import decoded
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.numbers import phone as normalised
from haochaping.kernel.words import chinese, printable
from haochaping.notifications import events, models, rules


@transaction.atomic
def take_receipt(
    *,
    provider_id: str,
    message_id: int | None,
    fate: rules.Fate,
    phone: str = "",
    why: str,
    at: datetime,
) -> bool:
    """Take in a delivery receipt; say whether it was that of a message of ours.

    Duplicates and late ones change nothing, and a message that is only under way stays as it is.
    With a `phone`, only a message to it is meant.
    """
    which = Q(provider_id__in=rules.spellings(provider_id)) if provider_id else Q()
    if message_id is not None:
        which |= Q(pk=message_id)
    if which and (number := normalised(phone)):
        keyring: Keyring = settings.KEYRING
        which &= Q(phone_index=keyring.blind(number, "phone"))
    row = (
        models.Message.objects.select_for_update().filter(which).order_by("-pk").first()
        if which
        else None
    )
    if row is None:
        return False
    state = rules.State.DELIVERED if fate is rules.Fate.DELIVERED else rules.State.FAILED
    if fate is rules.Fate.UNDER_WAY or state not in rules.NEXT[rules.State(row.state)]:
        return True
    row.state, row.due_at, row.done_at, row.why = state, None, at, why[:120]
    row.save(update_fields=["state", "due_at", "done_at", "why"])
    return True


@transaction.atomic
def take_reply(
    *, phone: str, destination: str, content: str, sent_at: datetime | None, at: datetime
) -> int | None:
    """Keep a reply and announce it.

    Return its id, or None when it came before: gateways push again when in doubt, and where they
    give no time of their own (`sent_at` None), the same words to the same number a few minutes
    later are the same message.
    """
    keyring: Keyring = settings.KEYRING
    if rules.is_receipt(content):
        return None  # whoever handed it in as one: nobody said it
    phone = normalised(phone) or phone
    content = printable(content.replace("\0", ""))[:_LONGEST]
    said = keyring.fingerprint("\0".join((phone, destination, content)).encode())
    if sent_at is None and _came_before(said, at):
        return None
    moment = sent_at or at
    digest = keyring.blind(f"{said} {moment.isoformat()}", "reply") or b""
    row, fresh = models.Reply.objects.get_or_create(
        digest=digest,
        defaults={
            "said": said,
            "phone": keyring.seal(phone, "message.phone", digest.hex()) or b"",
            "phone_index": keyring.blind(phone, "phone") or b"",
            "destination": destination[:32],
            "content": keyring.seal(content, "reply.content", digest.hex()) or b"",
            "sent_at": moment,
            "received_at": at,
        },
    )
    if not fresh:
        return None
    outbox.publish(events.ReplyReceived(row.pk))
    return row.pk


def _came_before(said: int, at: datetime) -> bool:
    """Say whether the same words came from the same phone to the same number a moment ago."""
    one_at_a_time(f"reply {said}")  # pushed twice at the same moment
    return models.Reply.objects.filter(said=said, received_at__gt=at - _PUSHED_AGAIN).exists()


_LONGEST = 2000  # characters: more parts than any phone sends
_PUSHED_AGAIN = timedelta(minutes=10)


@transaction.atomic
def take_part(*, sender: tuple[str, str], part: rules.Part, at: datetime) -> str | None:
    """Keep a part of a long reply, sent from a phone to a number, as the bytes that came.

    Return the whole text once all parts are there, in whatever order they came: they are joined
    before they are read, for a letter may lie in two of them. One that is delivered again after
    that is known for an hour.
    """
    keyring: Keyring = settings.KEYRING
    phone, destination = normalised(sender[0]) or sender[0], sender[1]
    # parts come side by side; one must see the other
    one_at_a_time(f"part {phone}/{part.reference}")
    whose = {
        "phone_index": keyring.blind(phone, "phone") or b"",
        "destination": destination[:32],
        "reference": part.reference,
        "total": part.total,
    }
    parts = models.ReplyPart.objects.filter(**whose)
    if parts.filter(received_at__lt=at - _COMPLETE_AFTER, joined_at=None).exists():
        complete_parts(at=at)  # references come round again
    said = f"{part.coding}:{part.raw.hex()}"
    defaults = {
        "phone": keyring.seal(phone, "message.phone") or b"",
        "content": keyring.seal(said, "reply.content") or b"",
        "received_at": at,
    }
    known = parts.filter(number=part.number, joined_at__isnull=False).first()
    if known is not None:
        if keyring.open(known.content, "reply.content") == said:
            return None
        parts.delete()  # another message under the same reference
    models.ReplyPart.objects.get_or_create(**whose, number=part.number, defaults=defaults)
    found = list(parts.select_for_update().filter(joined_at=None).order_by("number"))
    if len(found) < part.total:
        return None
    parts.update(joined_at=at)
    return _joined(found)


def _joined(parts: Sequence[models.ReplyPart]) -> str:
    """Return the text of parts; where one is missing, a sign in its place."""
    keyring: Keyring = settings.KEYRING
    said, run, coding, last = "", b"", 0, 0
    for part in parts:
        stored = keyring.open(part.content, "reply.content") or "0:"
        code, _, data = stored.partition(":")
        if part.number > last + 1:
            said, run = said + decoded(run, coding) + MISSING, b""
        coding, last = int(code) if not run else coding, part.number
        run += bytes.fromhex(data)
    whole = said + decoded(run, coding)
    return whole if not parts or last == parts[0].total else whole + MISSING


MISSING = chinese("〔短信缺失一段〕")
_COMPLETE_AFTER = timedelta(minutes=15)
_KNOWN = timedelta(hours=1)  # for which a part that was joined is known when it comes again


@transaction.atomic
def complete_parts(*, at: datetime) -> int:
    """Take long replies as they are of which a part never came; return how many.

    What is missing is shown to people, and what was said counts.
    """
    keyring: Keyring = settings.KEYRING
    stale: dict[tuple[bytes, str, int, int], list[models.ReplyPart]] = defaultdict(list)
    models.ReplyPart.objects.filter(joined_at__lt=at - _KNOWN).delete()
    late = models.ReplyPart.objects.select_for_update(skip_locked=True).filter(
        received_at__lt=at - _COMPLETE_AFTER, joined_at=None
    )
    for part in late.order_by("number"):
        key = (bytes(part.phone_index), part.destination, part.reference, part.total)
        stale[key].append(part)
    for parts in stale.values():
        phone = keyring.open(parts[0].phone, "message.phone") or ""
        if phone:
            take_reply(
                phone=phone,
                destination=parts[0].destination,
                content=_joined(parts),
                sent_at=parts[0].received_at,
                at=at,
            )
        models.ReplyPart.objects.filter(pk__in=[part.pk for part in parts]).delete()
    return len(stale)


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
