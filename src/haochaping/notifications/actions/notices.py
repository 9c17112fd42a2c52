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
from haochaping.kernel import webhooks
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.kernel.words import chinese
from haochaping.notifications import models, queries, rules
from haochaping.notifications.actions import sms

_LEASE = timedelta(minutes=5)
_TOLD = ["sent_to", "told_at", "leased_until", "secret", "earlier_secret", "renewed_at"]


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
    secrets: tuple[str, ...] = ()  # of a webhook's receiver; two while one is exchanged


def tell(*, tellings: Sequence[rules.Telling], at: datetime) -> None:
    """Tell offices what waits for them."""
    models.Notice.objects.bulk_create(
        models.Notice(
            office=one.office,
            right=one.right,
            department_id=one.department_id,
            user_id=one.user_id,
            topic=one.topic,
            subject_id=one.subject_id,
            label=one.label[:60],
            about=one.about[:80],
            unit=one.unit[:80],
            due_at=one.due_at,
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
    address, mine = rules.contact_address(way, address), f"{by}/{way}"
    secret = webhooks.new_secret() if way is rules.Way.WEBHOOK else None
    newest = models.Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    contact = models.Contact.objects.create(
        office=person.region,
        department_id=person.department_id,
        way=way,
        address=keyring.seal(address, "contact.address", mine) or b"",
        secret=keyring.seal(secret, "contact.secret", mine),
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
    contact = _own(contact_id, person)
    models.Contact.objects.filter(pk=contact_id).update(removed_at=at)
    _record("remove", contact_id, {"way": contact.way, "before": contact.address}, person, at)


@transaction.atomic
def renew_secret(*, contact_id: int, by: int, at: datetime) -> None:
    """Exchange the secret of a webhook of one's own office; both sign for a day."""
    person = identity.person(by)
    if _own(contact_id, person).way is not rules.Way.WEBHOOK:
        raise NotFound
    contact = models.Contact.objects.select_for_update().get(pk=contact_id)
    _renew(contact, at)
    contact.save(update_fields=["secret", "earlier_secret", "renewed_at"])
    _record("renew", contact_id, {"way": contact.way}, person, at)


def _own(contact_id: int, person: identity.Person) -> queries.Contact:
    """Return an address of somebody's own office; raises NotFound."""
    for one in queries.contacts(person):
        if one.pk == contact_id:
            return one
    raise NotFound


def _renew(contact: models.Contact, at: datetime) -> None:
    keyring: Keyring = settings.KEYRING
    mine = queries.whose_contact(contact)
    if contact.renewed_at is None or at - contact.renewed_at >= rules.BOTH_SECRETS:
        contact.earlier_secret = contact.secret  # else the receiver still has the one before
    contact.renewed_at = at
    contact.secret = keyring.seal(webhooks.new_secret(), "contact.secret", mine)


def _secrets(contact: models.Contact, at: datetime) -> tuple[str, ...]:
    """Return with what a push to an address is signed."""
    if contact.way != rules.Way.WEBHOOK:
        return ()
    if contact.secret is None:  # an address from before each had its own
        _renew(contact, at)
    both = contact.renewed_at is not None and at - contact.renewed_at < rules.BOTH_SECRETS
    keyring: Keyring = settings.KEYRING
    mine = queries.whose_contact(contact)
    sealed = (contact.secret, contact.earlier_secret if both else None)
    return tuple(filter(None, (keyring.open(one, "contact.secret", mine) for one in sealed)))


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
            way, secrets = rules.Way(contact.way), _secrets(contact, at)
            digests.append(Digest(contact.pk, way, address, says, upto, secrets))
        contact.save(update_fields=_TOLD)
    return digests


def note_digest(*, digest: Digest, sent: bool, at: datetime) -> None:
    """Note that a digest went out; one that did not is tried again when its lease ends."""
    if sent:
        models.Contact.objects.filter(pk=digest.contact_id).update(
            sent_to=digest.upto, told_at=at, leased_until=None
        )
