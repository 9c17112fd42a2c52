"""Reading messages. Numbers come masked; texts only where a sender needs them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Min, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from haochaping.identity.queries import Person
from haochaping.kernel import keyset
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows
from haochaping.kernel.masking import mask_phone
from haochaping.kernel.moments import begin_of
from haochaping.kernel.sealed import Sealed
from haochaping.notifications import models, rules


@dataclass(frozen=True)
class Line:
    """A message as the list shows it."""

    id: int
    says: str
    phone: str
    state: rules.State
    queued_at: datetime
    sent_at: datetime | None
    done_at: datetime | None
    segments: int
    why: str


@dataclass(frozen=True)
class Answer:
    """A reply with what it may answer."""

    id: int
    phone: str
    phone_index: bytes
    content: str
    destination: str
    sent_at: datetime
    received_at: datetime
    outcome: str


def texts() -> dict[str, str]:
    """Return the texts that offices had approved, the newest of each template."""
    found = models.Text.objects.filter(approved=True).order_by("template", "decided_at")
    return dict(found.values_list("template", "text"))


def text_of(template: str) -> str:
    """Return the text of a template that an office had approved, "" for its own."""
    found = models.Text.objects.filter(template=template, approved=True).order_by("-decided_at")
    return found.values_list("text", flat=True).first() or ""


def texts_waiting() -> dict[str, models.Text]:
    """Return the texts that wait for a second person, by template."""
    return {one.template: one for one in models.Text.objects.filter(decided_at=None)}


NEWEST = ("-queued_at", "-pk")


def within(
    scope: tuple[int, int],
    state: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[models.Message]:
    """Return messages within a range of regions, newest first."""
    facts = {"state": state or None, "queued_at__gte": since, "queued_at__lt": until}
    wanted = {name: value for name, value in facts.items() if value is not None}
    return models.Message.objects.filter(region__range=scope, **wanted).order_by(*NEWEST)


def lines(messages: list[models.Message]) -> list[Line]:
    """Return messages as a list shows them."""
    keyring: Keyring = settings.KEYRING
    return [
        Line(
            row.pk,
            rules.TEMPLATES[row.template].says.zh,
            mask_phone(keyring.open(row.phone, "message.phone", whose_message(row))),
            rules.State(row.state),
            row.queued_at,
            row.sent_at,
            row.done_at,
            row.segments,
            row.why,
        )
        for row in messages
    ]


def counts(scope: tuple[int, int]) -> dict[str, int]:
    """Return how many messages are in each state; more than keyset.MOST_COUNTED stand for more."""
    states, where = [state.value for state in rules.State], "region BETWEEN $2 AND $3"
    return keyset.how_many_each("notifications_message", "state", states, where, *scope)


def segments_on(day: date) -> int:
    """Return how many charged parts were sent on a day in China: what the cost guard counts."""
    start = begin_of(day)
    return (
        models.Message.objects.filter(
            sent_at__gte=start, sent_at__lt=start + timedelta(days=1)
        ).aggregate(n=Sum("segments"))["n"]
        or 0
    )


def answer(reply_id: int) -> Answer | None:
    """Return a reply in clear, for the room that acts on it."""
    keyring: Keyring = settings.KEYRING
    row = models.Reply.objects.filter(pk=reply_id).first()
    if row is None:
        return None
    return Answer(
        row.pk,
        keyring.open(row.phone, "message.phone", bytes(row.digest).hex()) or "",
        bytes(row.phone_index),
        keyring.open(row.content, "reply.content", bytes(row.digest).hex()) or "",
        row.destination,
        row.sent_at,
        row.received_at,
        row.outcome,
    )


def sent_about(*, template: str, phone_index: bytes, since: datetime) -> list[tuple[int, str]]:
    """Return the services about which a phone got a message of a template since then, newest first.

    With the extension of each. One that is being sent counts: a reply may be here before we have
    noted that it went out, and after a crash in between we note it late.
    """
    on_its_way = Q(sent_at=None, state=rules.State.SENDING, queued_at__gte=since)
    found = models.Message.objects.filter(
        Q(sent_at__gte=since) | on_its_way,
        phone_index=phone_index,
        template=template,
        record_id__isnull=False,
    ).order_by(Coalesce("sent_at", "queued_at").desc())
    return [
        (pk, extension)
        for pk, extension in found.values_list("record_id", "extension")
        if pk is not None
    ]


def _of_office(person: Person) -> Q:
    """Return what belongs to somebody's post.

    A department's wherever its people sit, an office's by its region.
    """
    if person.department_id is not None:
        return Q(department_id=person.department_id)
    return Q(office=person.region, department_id=None)


def notices_for(person: Person) -> QuerySet[models.Notice]:
    """Return the notices of somebody's post and those for them alone, newest first."""
    rights = [right.value for right in person.rights]
    of_post = _of_office(person) & Q(right__in=rights, user_id=None)
    return models.Notice.objects.filter(of_post | Q(user_id=person.id)).order_by("-pk")


@dataclass(frozen=True)
class Wanted:
    """Which notices are looked for; nothing is all of them."""

    topic: str = ""
    unseen: bool = False
    search: str = ""  # in number, item and unit


def found(person: Person, wanted: Wanted) -> QuerySet[models.Notice]:
    """Return the notices of somebody's inbox that are looked for."""
    notices = notices_for(person)
    if wanted.topic:
        notices = notices.filter(topic=wanted.topic)
    if wanted.unseen:
        notices = notices.filter(pk__gt=seen_by(person.id))
    if text := wanted.search:
        notices = notices.filter(
            Q(label__icontains=text) | Q(about__icontains=text) | Q(unit__icontains=text)
        )
    return notices


def unseen_count(person: Person) -> int:
    """Return how many notices somebody has not looked at; 100 stands for more."""
    seen = models.Seen.objects.filter(user_id=person.id).values("notice_id")
    return notices_for(person).filter(pk__gt=Coalesce(Subquery(seen), 0))[:100].count()


def seen_by(user_id: int) -> int:
    """Return up to which notice somebody has looked."""
    return (
        models.Seen.objects.filter(user_id=user_id).values_list("notice_id", flat=True).first() or 0
    )


def untold(contact: models.Contact) -> QuerySet[models.Notice]:
    """Return the notices that an address was not told of, oldest first."""
    whose = (
        Q(department_id=contact.department_id)
        if contact.department_id is not None
        else Q(office=contact.office, department_id=None)
    )
    return models.Notice.objects.filter(whose, user_id=None, pk__gt=contact.sent_to).order_by("pk")[
        :500
    ]


@dataclass(frozen=True)
class Contact:
    """An address of an office, masked, and the secret with which it checks what we push."""

    pk: int
    way: rules.Way
    address: str
    secret: str


def contacts(person: Person) -> list[Contact]:
    """Return the addresses of somebody's own office."""
    keyring: Keyring = settings.KEYRING
    mine = models.Contact.objects.filter(_of_office(person), removed_at=None).order_by("pk")
    return [
        Contact(
            row.pk,
            rules.Way(row.way),
            rules.masked_address(
                row.way, keyring.open(row.address, "contact.address", whose_contact(row)) or ""
            ),
            keyring.open(row.secret, "contact.secret", whose_contact(row)) or "",
        )
        for row in mine
    ]


_INVITED = f"""
SELECT region - region % 100000000 AS city,
       count(*) FILTER (WHERE state <> '{rules.State.SUPPRESSED}') AS asked,
       count(*) FILTER (WHERE state = '{rules.State.DELIVERED}') AS delivered
  FROM notifications_message
 WHERE template = '{rules.INVITE}' AND queued_at >= $1 AND queued_at < $2 GROUP BY 1
"""  # noqa: S608 - built from constants


def invited(since: datetime, until: datetime) -> dict[int, tuple[int, int]]:
    """Return how many citizens of each city were asked by SMS between two moments, and how many of
    these messages have arrived by now.
    """
    found = rows(_INVITED, since, until)
    return {row["city"]: (row["asked"], row["delivered"]) for row in found}


def next_due() -> datetime | None:
    """Return when the next message is to go out; None when nothing waits."""
    due: datetime | None = models.Message.objects.aggregate(due=Min("due_at"))["due"]
    return due


# what tells a row from every other, in what is sealed in it


def whose_message(row: models.Message) -> str:
    """Return it for a message."""
    return f"{bytes(row.phone_index).hex()}/{row.queued_at.astimezone(UTC).isoformat()}"


def whose_contact(row: models.Contact) -> str:
    """Return it for an address of an office."""
    return f"{row.added_by}/{row.way}"


SEALED = (
    Sealed(
        "notifications_message",
        {"phone": lambda _: "message.phone", "values": lambda _: "message.values"},
        row=lambda row: whose_message(
            models.Message(phone_index=row["phone_index"], queued_at=row["queued_at"])
        ),
        needs=("phone_index", "queued_at"),
    ),
    Sealed(
        "notifications_reply",
        {"phone": lambda _: "message.phone", "content": lambda _: "reply.content"},
        row=lambda row: bytes(row["digest"]).hex(),
        needs=("digest",),
    ),
    Sealed(
        "notifications_contact",
        {
            "address": lambda _: "contact.address",
            "secret": lambda _: "contact.secret",
            "earlier_secret": lambda _: "contact.secret",
        },
        row=lambda row: f"{row['added_by']}/{row['way']}",
        needs=("added_by", "way"),
    ),
)
