"""Inviting people to rate: links, QR codes and phone checks."""

import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.invitations import models, queries, rules
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import one_at_a_time, rows
from haochaping.kernel.errors import NotFound, TooOften
from haochaping.kernel.ids import new_token, token_hash
from haochaping.kernel.moments import business_day
from haochaping.notifications import actions as notifications
from haochaping.policies import queries as policies
from haochaping.records import queries as records

LINK, SMS = 8, 7  # evaluations.rules.Channel; that room lies above this one


def invite(  # noqa: PLR0913 - a link is these facts
    *,
    record_id: int,
    channel: int = LINK,
    device_id: int | None = None,
    days: int = rules.LINK_DAYS,
    back_url: str = "",
    embed: str = "",
    for_rater: bool = False,
    shared: bool = False,
    code_id: int | None = None,
    at: datetime,
) -> str:
    """Make a link for a service and return its token, which is nowhere else.

    It cannot be shown again. It is for rating once; with `for_rater` it opens the progress of a
    rating, so it goes to nobody but the citizen who gave it. One that a system gets is `shared`:
    whoever rates with it goes on with a link of their own.
    """
    token = new_token()
    models.Link.objects.create(
        token_hash=token_hash(token),
        record_id=record_id,
        channel=channel,
        device_id=device_id,
        back_url=back_url,
        embed=embed,
        for_rater=for_rater,
        shared=shared,
        code_id=code_id,
        issued_at=at,
        expires_at=at + timedelta(days=days),
    )
    return token


def finish(*, token: str, at: datetime) -> None:
    """Spend the link: the rating is in, and counts for the QR code that led to it."""
    spent = rows(_FINISH, token_hash(token), at)
    if spent and spent[0]["code_id"] is not None:
        note_rated(code_id=spent[0]["code_id"], at=at)


_FINISH = """
UPDATE invitations_link SET finished_at = $2
 WHERE token_hash = $1 AND finished_at IS NULL RETURNING code_id
"""


def move_codes(*, kind: str, targets: Collection[int], region: int) -> None:
    """Have the codes of halls or windows be where those are now."""
    of = {"halls": rules.Place.HALL, "windows": rules.Place.WINDOW}[kind]
    models.Code.objects.filter(kind=of, target_id__in=targets).update(region=region)


CURSOR = "invite"


def ask_by_sms(*, after: timedelta, at: datetime) -> int:
    """Follow the feed.

    Queue an SMS with a link for each service that has a phone, take it back when the service is
    rated first.
    """

    def effect(facts: Sequence[tuple[int, int]]) -> None:
        rated = [ref for kind, ref in facts if kind == Kind.RATING]
        notifications.withdraw(record_ids=rated, at=at)
        services = [ref for kind, ref in facts if kind == Kind.RECORD and ref not in set(rated)]
        found = records.reachable(services, at - rules.ASK_WITHIN)
        asks = {
            region: policies.terms(region, at).ask_by_sms for region in {one[1] for one in found}
        }
        found = [one for one in found if asks[one[1]]]
        phones = records.phones_of({record_id for record_id, _, _ in found})
        items = directory.item_names({item_id for _, _, item_id in found})
        for record_id, region, item_id in found:
            token = invite(record_id=record_id, channel=SMS, at=at)
            values = {
                "item": items.get(item_id, "")[:20],
                "link": f"{settings.PUBLIC_URL}/s/{token}",
            }
            notifications.queue(
                template="invite",
                phone=phones.get(record_id, ""),
                values=values,
                record_id=record_id,
                region=region,
                after=after,
                at=at,
            )

    return feed.follow(name=CURSOR, effect=effect)


# --- static QR codes


@transaction.atomic
def make_codes(
    *, kind: rules.Place, targets: Sequence[tuple[int, int]], by: int, at: datetime
) -> list[models.Code]:
    """Make the codes of places `(id, region)` that have none in force.

    Return the codes in force of all of them, in order.
    """
    for region in {region for _, region in targets}:
        identity.require(by, Right.KEEP_DIRECTORY, within=region)
    known = {
        code.target_id: code for code in queries.in_force(kind, [target for target, _ in targets])
    }
    fresh = [
        models.Code(short=rules.new_short(), kind=kind, target_id=pk, region=region, made_at=at)
        for pk, region in targets
        if pk not in known
    ]
    models.Code.objects.bulk_create(fresh)
    known |= {code.target_id: code for code in fresh}
    if fresh:
        details = {"kind": kind, "made": len(fresh)}
        audit.record(
            subject="qr_code",
            subject_id=fresh[0].pk,
            verb="make_codes",
            details=details,
            region=fresh[0].region,
            by=by,
            at=at,
        )
    return [known[target] for target, _ in targets]


@transaction.atomic
def disable_code(*, code_id: int, replace: bool, by: int, at: datetime) -> models.Code | None:
    """Take a code out of use; with `replace`, return the new one to which old posters lead on."""
    code = models.Code.objects.select_for_update().filter(pk=code_id, disabled_at=None).first()
    if code is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=code.region)
    code.disabled_at = at
    code.save(update_fields=["disabled_at"])
    fresh = None
    if replace:
        fresh = models.Code.objects.create(
            short=rules.new_short(),
            kind=code.kind,
            target_id=code.target_id,
            region=code.region,
            made_at=at,
        )
        code.replaced_by = fresh
        code.save(update_fields=["replaced_by"])
    verb = "replace_code" if replace else "disable_code"
    audit.record(
        subject="qr_code",
        subject_id=code.pk,
        verb=verb,
        details={"short": code.short},
        region=code.region,
        by=by,
        at=at,
    )
    return fresh


@transaction.atomic
def restore_code(*, code_id: int, by: int, at: datetime) -> None:
    """Put a code that was disabled in use again: the posters on the wall work as before. Raises
    rules.InUse where the place has another code by now.
    """
    code = models.Code.objects.select_for_update().filter(pk=code_id).first()
    if code is None or code.disabled_at is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=code.region)
    if queries.in_force(rules.Place(code.kind), [code.target_id]):
        raise rules.InUse
    code.disabled_at = None
    code.save(update_fields=["disabled_at"])
    audit.record(
        subject="qr_code",
        subject_id=code.pk,
        verb="restore_code",
        details={"short": code.short},
        region=code.region,
        by=by,
        at=at,
    )


def note_scan(*, code_id: int, opened: bool = False, at: datetime) -> None:
    """Count a scan, or a scan that led to a rating page."""
    _count(code_id, business_day(at), scans=int(not opened), opened=int(opened))


def note_rated(*, code_id: int, at: datetime) -> None:
    """Count a rating that came of a scan: not how it was, for few may have scanned that day."""
    _count(code_id, business_day(at), rated=1)


_COUNT = """
INSERT INTO invitations_scanday AS day (code_id, day, scans, opened, rated)
VALUES ($1, $2::date, $3, $4, $5)
ON CONFLICT (code_id, day) DO UPDATE
   SET scans = day.scans + $3, opened = day.opened + $4, rated = day.rated + $5
"""


def _count(code_id: int, day: date, *, scans: int = 0, opened: int = 0, rated: int = 0) -> None:
    rows(_COUNT, code_id, day, scans, opened, rated)


# --- a phone is verified


@transaction.atomic
def send_check(*, phone: str, address: str, region: int, at: datetime) -> str:
    """Send six digits to a phone and return them, for tests and demonstrations; raises TooOften.

    `address` is that of whoever asks, who may have many phones sent to.
    """
    keyring: Keyring = settings.KEYRING
    index, there = keyring.blind(phone, "phone") or b"", keyring.blind(address, "address") or b""
    for one in (index, there):  # two taps at once send one code
        one_at_a_time(f"check {one.hex()}")
    sent = list(
        models.PhoneCheck.objects.filter(
            phone_index=index, sent_at__gt=at - timedelta(days=1)
        ).values_list("sent_at", flat=True)
    )
    late = models.PhoneCheck.objects.filter(sent_at__gt=at - rules.CODES_OF_ALL[1])
    asked = late.filter(address_index=there).values_list("sent_at", flat=True) if there else ()
    wait = rules.wait_before_check(sent, at) or rules.wait_before_more(
        list(asked), late.count(), at
    )
    if wait is not None:
        raise TooOften(wait)
    digits = rules.new_digits()
    models.PhoneCheck.objects.create(
        phone_index=index,
        address_index=there,
        code_hash=rules.digits_hash(digits, index),
        sent_at=at,
    )
    notifications.queue(
        template="check", phone=phone, values={"code": digits}, region=region, urgent=True, at=at
    )
    return digits


def confirm_check(*, phone: str, digits: str, at: datetime) -> None:
    """Use up the code that was sent to a phone; raises WrongCode after which the try counts."""
    keyring: Keyring = settings.KEYRING
    index = keyring.blind(phone, "phone") or b""
    with transaction.atomic():
        since = at - timedelta(minutes=rules.CHECK_MINUTES)
        check = (
            models.PhoneCheck.objects.select_for_update()
            .filter(phone_index=index, used_at=None, sent_at__gt=since)
            .order_by("-sent_at")
            .first()
        )
        good = (
            check is not None
            and check.tries < rules.MAX_TRIES
            and secrets.compare_digest(bytes(check.code_hash), rules.digits_hash(digits, index))
        )
        if check is not None:
            check.tries += 1
            check.used_at = at if good else None
            check.save(update_fields=["tries", "used_at"])
    if not good:
        raise rules.WrongCode
