"""Ratings that tablets, terminals and hardware boxes collect, also while there is no network."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from haochaping.devices import actions as devices
from haochaping.devices import queries as known_devices
from haochaping.devices.rules import DeviceKind, Press
from haochaping.directory import queries as directory
from haochaping.evaluations import rules
from haochaping.evaluations.actions.assisted import register_scanned
from haochaping.evaluations.actions.intake import rate_one
from haochaping.identity.rules import Client, Reach
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.ids import key_of_receipt, receipt_number
from haochaping.kernel.words import Words, chinese
from haochaping.records import queries as records
from haochaping.regions.rules import scope

_KEPT_AT_MOST = timedelta(days=30)  # how old a rating from a device may be
# a box with keys alone cannot ask why; nothing is invented in the citizen's place
_NOTHING_SAID = chinese("（评价器按键，未说明原因）")


@dataclass(frozen=True)
class FromDevice:
    """One rating as a device kept it.

    Its number, its key, what was chosen, and when by the device's clock.
    """

    seq: int
    key: str
    given: rules.DeviceGiven
    claimed_at: datetime


class SequenceReused(Conflict):
    """The same sequence number came with another rating."""

    code = "sequence_reused"
    says = Words(
        "该设备序号已用于另一条评价，请在自检页重新配对设备。",
        "This sequence number was used for another rating; pair the device again.",
    )


def take_from_device(
    *, device: known_devices.DeviceKey, item: FromDevice, at: datetime
) -> tuple[str, Refusal | None]:
    """Store a rating that a device collected, once for its sequence number; return its receipt
    number or the refusal.

    The service is the one that was being called when the citizen tapped; without a call it is
    registered as reported by the device.
    """
    known = known_devices.device_answer(device.id, item.seq)
    if known is not None:
        return (known.answer, None) if known.key == item.key else ("", SequenceReused())
    try:
        with transaction.atomic():
            receipt = _store(device, item, at)
            devices.note_rating(
                device_id=device.id, seq=item.seq, key=item.key, answer=receipt, at=at
            )
    except Refusal as refusal:
        devices.note_rating(
            device_id=device.id, seq=item.seq, key=item.key, answer=refusal.code[:40], at=at
        )
        return "", refusal
    return receipt, None


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
    key, pressed_at = f"{device.key.kid}-{press.seq}", at - timedelta(seconds=press.seconds_ago)
    item = FromDevice(press.seq, key, given, pressed_at)
    receipt, refusal = take_from_device(device=device, item=item, at=at)
    if refusal is not None:
        raise refusal
    return receipt


def _store(device: known_devices.DeviceKey, item: FromDevice, at: datetime) -> str:
    window = directory.at_window(device.window_id)
    if window is None:
        raise rules.refusal("record_unknown")
    # a tablet's clock may be wrong: never later than now
    rated_at = min(max(item.claimed_at, at - _KEPT_AT_MOST), at)
    record_id = key_of_receipt(item.given.record) if item.given.record else None
    if record_id is None:
        record_id = register_scanned(
            item_id=None,
            window_id=window.id,
            staff_id=window.staff_id,
            region=window.region,
            phone="",
            project_no=f"DEV-{device.key.kid}-{item.seq}",
            served_at=rated_at,
            at=at,
        )
    service = records.service(record_id)
    mine = service is not None and (
        service.window_id == window.id or known_devices.was_called(window.id, record_id)
    )
    if service is None or not mine:  # a device rates what was served or called at its own window
        raise rules.refusal("record_unknown", "record")
    channel = rules.Channel.TERMINAL if device.kind == DeviceKind.TERMINAL else rules.Channel.TABLET
    moment = max(rated_at, service.served_at).isoformat()
    given = rules.Given(
        service.project_no,
        service.service_number,
        item.given.level,
        channel,
        moment,
        codes=item.given.codes,
        words=item.given.words,
    )
    here = Client(None, Reach(*scope(window.region)), everybodys=True)
    stored = rate_one(given=given, client=here, at=at)
    devices.answer_call(record_id=stored.id, outcome="rated", at=at)
    return receipt_number(stored.id)
