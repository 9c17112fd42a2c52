"""Pairing devices, noting how they are, and calling the person at a window."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from haochaping.audit import actions as audit
from haochaping.devices import models, queries, rules
from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.invitations.rules import digits_hash, new_digits
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import NotFound, TooOften
from haochaping.kernel.ids import receipt_number
from haochaping.records.queries import Service


@transaction.atomic
def offer_pairing(
    *, window_id: int, region: int, kind: rules.DeviceKind, by: int, at: datetime
) -> str:
    """Make a six-digit code that pairs one device with a window within ten minutes, and
    return it.
    """
    identity.require(by, Right.KEEP_DIRECTORY, within=region)
    for _ in range(20):
        digits = new_digits()
        code_hash = digits_hash(digits, b"pairing")
        if not models.Pairing.objects.filter(
            code_hash=code_hash, used_at=None, expires_at__gt=at
        ).exists():
            break
    expires = at + timedelta(minutes=rules.PAIRING_MINUTES)
    models.Pairing.objects.create(
        code_hash=code_hash,
        kind=kind,
        window_id=window_id,
        region=region,
        made_at=at,
        expires_at=expires,
    )
    audit.record(
        subject="window",
        subject_id=window_id,
        verb="offer_pairing",
        details={"kind": kind},
        region=region,
        by=by,
        at=at,
    )
    return digits


def pair(*, digits: str, address: str | None, by: int, at: datetime) -> tuple[models.Device, str]:
    """Pair a device by its six digits; return it and its secret, which is nowhere else in clear.

    Raises WrongPairing or TooOften.
    """
    if (wait := queries.pairing_wait(address, at)) is not None:
        raise TooOften(wait)
    keyring: Keyring = settings.KEYRING
    with transaction.atomic():
        code_hash = digits_hash(digits, b"pairing")
        offer = (
            models.Pairing.objects.select_for_update()
            .filter(code_hash=code_hash, used_at=None, expires_at__gt=at)
            .first()
        )
        if offer is not None:
            offer.used_at = at
            offer.save(update_fields=["used_at"])
            kid, secret = f"d{secrets.token_hex(6)}", secrets.token_hex(32)
            device = models.Device.objects.create(
                kid=kid,
                kind=offer.kind,
                window_id=offer.window_id,
                region=offer.region,
                secret=keyring.seal(secret, f"device.{kid}") or b"",
                paired_at=at,
            )
            models.DeviceState.objects.create(device=device, seen_at=at)
            audit.record(
                subject="device",
                subject_id=device.pk,
                verb="pair",
                details={"kid": kid, "kind": offer.kind},
                region=offer.region,
                by=by,
                at=at,
            )
            return device, secret
    models.PairingFailure.objects.create(address=address, at=at)
    raise rules.WrongPairing


@transaction.atomic
def disable(*, device_id: int, by: int, at: datetime) -> None:
    """Take a device out of use: what it sends is refused from now on."""
    _use(device_id, by, at, disabled=True)


@transaction.atomic
def enable(*, device_id: int, by: int, at: datetime) -> None:
    """Put a device that was disabled in use again, with the key that it has."""
    _use(device_id, by, at, disabled=False)


def _use(device_id: int, by: int, at: datetime, *, disabled: bool) -> None:
    known = models.Device.objects.select_for_update()
    device = known.filter(pk=device_id, disabled_at__isnull=disabled).first()
    if device is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=device.region)
    device.disabled_at = at if disabled else None
    device.save(update_fields=["disabled_at"])
    audit.record(
        subject="device",
        subject_id=device.pk,
        verb="disable_device" if disabled else "enable_device",
        details={"kid": device.kid},
        region=device.region,
        by=by,
        at=at,
    )


@transaction.atomic
def move_to(*, kid: str, window_id: int, region: int, by: int, at: datetime) -> None:
    """Have a device stand at another window, with the key that it has. What was given before counts
    for the window of then. Raises NotFound for no device in use and for where it stands already,
    NotAllowed outside one's place on either side.
    """
    known = models.Device.objects.select_for_update()
    device = known.filter(kid=kid, disabled_at=None).exclude(window_id=window_id).first()
    if device is None:
        raise NotFound
    for place in (device.region, region):
        identity.require(by, Right.KEEP_DIRECTORY, within=place)
    models.Stood.objects.create(device=device, window_id=device.window_id, until=at)
    before, after = (directory.codes_of(None, one)[1] for one in (device.window_id, window_id))
    details = {"kid": kid, "before": before, "after": after}
    audit.record(
        subject="device",
        subject_id=device.pk,
        verb="move_device",
        details=details,
        region=device.region,
        by=by,
        at=at,
    )
    device.window_id, device.region = window_id, region
    device.save(update_fields=["window_id", "region"])


def note_heartbeat(
    *,
    device_id: int,
    version: str,
    waiting: int,
    dead: int,
    clock_at: datetime | None,
    at: datetime,
) -> None:
    """Remember how a device is."""
    skew = int((clock_at - at).total_seconds()) if clock_at else 0
    models.DeviceState.objects.filter(device_id=device_id).update(
        seen_at=at,
        version=version[:40],
        waiting=max(0, min(waiting, 10**6)),
        dead=max(0, min(dead, 10**6)),
        skew_seconds=max(-(10**9), min(skew, 10**9)),
    )


def note_rating(*, device_id: int, number: rules.Number, given: rules.Noted, at: datetime) -> None:
    """Remember what became of a sequence number; a number that was refused may be good later.

    Numbers that never come are seen as a gap.
    """
    facts = msgspec.structs.asdict(given)
    _, fresh = models.DeviceRating.objects.update_or_create(
        device_id=device_id,
        series=number.series,
        seq=number.seq,
        defaults=facts,
        create_defaults={**facts, "received_at": at},
    )
    if not fresh:
        return
    state = models.DeviceState.objects.filter(device_id=device_id)
    lacked = Greatest(F("last_seq") - F("received"), 0)
    state.filter(series__lt=number.series).update(
        missed=F("missed") + lacked, series=number.series, last_seq=0, received=0
    )
    counted = {"total": F("total") + 1, "seen_at": at}
    received = {"received": F("received") + 1, "last_seq": Greatest(F("last_seq"), number.seq)}
    if not state.filter(series=number.series).update(**counted, **received):
        # a straggler of an earlier series: it did come
        state.update(**counted, missed=Greatest(F("missed") - 1, 0))


@transaction.atomic
def call(*, window_id: int, service: Service, region: int, by: int, at: datetime) -> models.Call:
    """Ask the person at a window to rate a service.

    It must be one of this window, or of the department that serves there; raises NotOfThisWindow.
    The call before it lapses unanswered: not rated.
    """
    there = directory.at_window(window_id)
    if service.window_id != window_id and (
        there is None or service.department_id != there.department_id
    ):
        raise rules.NotOfThisWindow
    record_id = service.id
    models.Call.objects.filter(window_id=window_id, answered_at=None).update(
        answered_at=at, outcome="not_rated"
    )
    expires = at + timedelta(seconds=rules.CALL_SECONDS)
    audit.record(
        subject="window",
        subject_id=window_id,
        verb="call",
        details={"service": receipt_number(record_id)},
        region=region,
        by=by,
        at=at,
    )
    return models.Call.objects.create(
        window_id=window_id, record_id=record_id, made_at=at, expires_at=expires
    )


def answer_call(*, record_id: int, outcome: str, at: datetime) -> None:
    """Close the call for a service: rated, or not rated because nobody answered."""
    models.Call.objects.filter(record_id=record_id, answered_at=None).update(
        answered_at=at, outcome=outcome
    )


def move(*, windows: Collection[int], region: int) -> None:
    """Have the devices of windows be where those are now."""
    models.Device.objects.filter(window_id__in=windows).update(region=region)
