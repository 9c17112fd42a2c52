"""Ratings that tablets, terminals and hardware boxes collect, also while there is no network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from haochaping.devices import actions as devices
from haochaping.devices import queries as known_devices
from haochaping.devices.rules import DeviceKind, Noted, Number, Press
from haochaping.evaluations import rules
from haochaping.evaluations.actions.assisted import register_scanned
from haochaping.evaluations.actions.intake import rate_one
from haochaping.identity.rules import Client, Reach
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import Refusal
from haochaping.kernel.ids import key_of_receipt, receipt_number
from haochaping.kernel.words import chinese
from haochaping.records import queries as records
from haochaping.regions.rules import scope
from haochaping.rosters import queries as rosters

_KEPT_AT_MOST = timedelta(days=30)  # how old a rating from a device may be
# a box with keys alone cannot ask why; nothing is invented in the citizen's place
_NOTHING_SAID = chinese("（评价器按键，未说明原因）")


@dataclass(frozen=True)
class FromDevice:
    """One rating as a device kept it.

    Its number, its key ("" where the device makes none), what was chosen, and when by the device's
    clock (None where that shows nothing).
    """

    seq: int
    key: str
    given: rules.DeviceGiven
    claimed_at: datetime | None
    live: bool = False  # pressed just now: nothing that is sent again


def take_from_device(
    *, device: known_devices.DeviceKey, item: FromDevice, at: datetime
) -> tuple[str, Refusal | None]:
    """Store a rating that a device collected, once; return its receipt number or the refusal.

    The same number with other content, or a lower one of a press of now, is another citizen's: the
    device has restarted and counts from 1 again. What was refused before is tried again. The
    service is the one that was being called when the citizen tapped; without a call it is
    registered as reported by the device.
    """
    content, pressed_at = _content(item), _moment(item.claimed_at, at)
    number = None if item.key or not item.live else known_devices.began_again(device.id, item.seq)
    # a box that has restarted counts anew: what it sent before in another series is not this
    known_ones = known_devices.answers(device.id, item.seq, current=not item.key)
    for known in () if number else known_ones:
        if _same(known, item, content, pressed_at):
            if not known.refused:
                return known.answer, None
            number = Number(known.series, known.seq)
    number = number or known_devices.free_number(device.id, item.seq)
    noted = partial(Noted, item.key, content, pressed_at)
    try:
        with transaction.atomic():
            receipt = _store(device, item.given, number, pressed_at, at)
            devices.note_rating(device_id=device.id, number=number, given=noted(receipt), at=at)
    except Refusal as refusal:
        given = noted(refusal.code[:40], refused=True)
        devices.note_rating(device_id=device.id, number=number, given=given, at=at)
        return "", refusal
    return receipt, None


def _content(item: FromDevice) -> int:
    keyring: Keyring = settings.KEYRING
    return keyring.fingerprint(msgspec.json.encode(item.given))


def _moment(claimed: datetime | None, at: datetime) -> datetime:
    """Return when a rating was given: as the device says, if its clock can be believed."""
    believed = claimed is not None and at - _KEPT_AT_MOST <= claimed <= at
    return claimed if believed and claimed is not None else at


def _same(known: Any, item: FromDevice, content: int, pressed_at: datetime) -> bool:
    """Say whether a device sends again what it sent under this number.

    Tablets give each rating a key; of a box that cannot, the moment of the press tells.
    """
    if known.content not in (0, content) or (known.key or item.key) != (item.key or known.key):
        return False
    again = known.pressed_at is None or abs(known.pressed_at - pressed_at) <= _ONE_PRESS
    return bool(item.key) or again


_ONE_PRESS = timedelta(seconds=90)  # within which the same key under the same number is one press


def take_press(*, device: known_devices.DeviceKey, press: Press, at: datetime) -> str:
    """Store the key that was pressed on a box; return the receipt number, "" for “not rated”.

    Raises refusals. Silence never becomes praise.
    """
    call = known_devices.open_call(device.window_id, at)
    if press.level is None:
        if call is not None:
            devices.answer_call(record_id=call.record_id, outcome="not_rated", at=at)
        return ""
    words = _NOTHING_SAID if rules.is_bad(press.level) and not press.codes else ""
    number = known_devices.record_number(call) if call else ""
    given = rules.DeviceGiven(press.level, list(press.codes), words, number)
    pressed_at = at - timedelta(seconds=press.seconds_ago)
    item = FromDevice(press.seq, "", given, pressed_at, live=not press.seconds_ago)
    receipt, refusal = take_from_device(device=device, item=item, at=at)
    if refusal is not None:
        raise refusal
    return receipt


def _store(
    device: known_devices.DeviceKey,
    chosen: rules.DeviceGiven,
    number: Number,
    rated_at: datetime,
    at: datetime,
) -> str:
    window = rosters.at_window(known_devices.stood_at(device, rated_at), rated_at)
    if window is None:
        raise rules.refusal("record_unknown")
    record_id = key_of_receipt(chosen.record) if chosen.record else None
    if record_id is None:
        record_id = register_scanned(
            item_id=None,
            window_id=window.id,
            staff_id=window.staff_id,
            region=window.region,
            phone="",
            project_no=f"DEV-{device.key.kid}-{number}",
            served_at=rated_at,
            at=at,
        )
    service = _of_this_window(record_id, window.id)
    channel = rules.Channel.TERMINAL if device.kind == DeviceKind.TERMINAL else rules.Channel.TABLET
    moment = max(rated_at, service.served_at).isoformat()
    given = rules.Given(
        service.project_no,
        service.service_number,
        chosen.level,
        channel,
        moment,
        codes=chosen.codes,
        words=chosen.words,
    )
    here = Client(None, Reach(*scope(window.region)), everybodys=True)
    stored = rate_one(given=given, client=here, at=at)
    devices.answer_call(record_id=stored.id, outcome="rated", at=at)
    return receipt_number(stored.id)


def _of_this_window(record_id: int, window_id: int) -> records.Service:
    """Return a service; a device rates what was served or called at its own window."""
    service = records.service(record_id)
    if service is None or not (
        service.window_id == window_id or known_devices.was_called(window_id, record_id)
    ):
        raise rules.refusal("record_unknown", "record")
    return service
