"""Notices 站内消息 to offices, and the digests that carry them outside.

By SMS, mail or webhook, together, and only in office hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from haochaping.audit import actions as audit
from haochaping.calendar import queries as calendars
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.kernel.words import chinese
from haochaping.notifications import models, queries, rules
from haochaping.notifications.actions import sms

_LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Digest:
    """What waits for an office, to be sent to one of its addresses.

    `upto` is the last notice in it.
    """

    contact_id: int
    way: rules.Way
    address: str
    says: str
    upto: int


def tell(*, tellings: Sequence[rules.Telling], at: datetime) -> None:
    """Tell offices what waits for them."""
    models.Notice.objects.bulk_create(
        models.Notice(
            office=one.office,
            right=one.right,
            department_id=one.department_id,
            topic=one.topic,
            subject_id=one.subject_id,
            label=one.label,
            at=at,
        )
        for one in tellings
    )


def see(*, upto: int, by: int) -> None:
    """Remember up to which notice somebody has looked."""
    models.Seen.objects.update_or_create(user_id=by, defaults={"notice_id": upto})


@transaction.atomic
def add_contact(*, way: rules.Way, address: str, by: int, at: datetime) -> int:
    """Have the notices of one's own office sent to an address too; raises BadContact."""
    person = identity.person(by)
    if Right.SEE_ORDERS not in person.rights:
        raise NotAllowed
    keyring: Keyring = settings.KEYRING
    address = rules.contact_address(way, address)
    newest = models.Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    contact = models.Contact.objects.create(
        office=person.region,
        department_id=person.department_id,
        way=way,
        address=keyring.seal(address, "contact.address", f"{by}/{way}") or b"",
        sent_to=newest,
        added_by=by,
        added_at=at,
    )
    after = rules.masked_address(way, address)
    _record("add", contact.pk, {"way": way, "after": after}, person, at)
    return contact.pk


@transaction.atomic
def remove_contact(*, contact_id: int, by: int, at: datetime) -> None:
    """Send no more to an address of one's own office."""
    person = identity.person(by)
    mine = {pk: (way, address) for pk, way, address in queries.contacts(person)}
    if contact_id not in mine:
        raise NotFound
    way, before = mine[contact_id]
    models.Contact.objects.filter(pk=contact_id).update(removed_at=at)
    _record("remove", contact_id, {"way": way, "before": before}, person, at)


def _record(
    verb: str, contact_id: int, details: dict[str, object], person: identity.Person, at: datetime
) -> None:
    audit.record(
        subject="contact",
        subject_id=contact_id,
        verb=verb,
        details=details,
        region=person.region,
        by=person.id,
        at=at,
    )


@transaction.atomic
def claim_digests(*, at: datetime) -> list[Digest]:
    """Gather what has not been told to each address.

    SMS are queued here, the others are returned to be sent. A killed sender's lease ends.
    """
    keyring: Keyring = settings.KEYRING
    digests = []
    free = models.Contact.objects.select_for_update(skip_locked=True).filter(
        Q(leased_until=None) | Q(leased_until__lte=at), removed_at=None
    )
    for contact in free:
        notices = list(queries.untold(contact))
        if (
            not notices
            or not calendars.current(contact.office).is_open(at)
            or not rules.due_digest([n.topic for n in notices], contact.told_at, at)
        ):
            continue
        says, upto = rules.digest([notice.topic for notice in notices]), notices[-1].pk
        address = (
            keyring.open(contact.address, "contact.address", queries.whose_contact(contact)) or ""
        )
        if contact.way == rules.Way.SMS:
            values = {"office": chinese("好差评工单"), "says": says}
            sms.queue(template="office", phone=address, values=values, region=contact.office, at=at)
            contact.sent_to, contact.told_at = upto, at
        else:
            contact.leased_until = at + _LEASE
            digests.append(Digest(contact.pk, rules.Way(contact.way), address, says, upto))
        contact.save(update_fields=["sent_to", "told_at", "leased_until"])
    return digests


def note_digest(*, digest: Digest, sent: bool, at: datetime) -> None:
    """Note that a digest went out; one that did not is tried again when its lease ends."""
    if sent:
        models.Contact.objects.filter(pk=digest.contact_id).update(
            sent_to=digest.upto, told_at=at, leased_until=None
        )
