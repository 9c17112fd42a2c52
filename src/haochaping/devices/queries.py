"""Reading devices and calls."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Count, F, Max, Q, QuerySet

from haochaping.devices import models, rules
from haochaping.directory import queries as directory
from haochaping.identity.rules import ClientKey, Reach
from haochaping.kernel.crypto import same
from haochaping.kernel.db import rows
from haochaping.kernel.ids import key_of_receipt, receipt_number
from haochaping.kernel.sealed import Sealed
from haochaping.kernel.words import Words, storable
from haochaping.regions.rules import narrowed

# Wrong pairing codes in ten minutes after which each further try waits: from one address, which a
# hall or a proxy shares, and from everywhere. A wait is short, for a stranger behind the same
# address must not stop the pairing of a whole city: 50 tries in ten minutes hit one of 20 open
# codes of a million with 0.1 %.
_WRONG_HERE, _WAIT_HERE = 10, timedelta(seconds=15)
_WRONG_ANYWHERE, _WAIT_ANYWHERE = 300, timedelta(seconds=2)
_TICKET = "device.events"  # salt of the ticket with which a device listens at the collector
_TICKET_SECONDS = 24 * 3600
# the call that stands at each window, for the collector
OPEN_CALLS = """
SELECT window_id, max(id) AS call_id FROM devices_call
 WHERE answered_at IS NULL AND expires_at > clock_timestamp() GROUP BY window_id
"""


_NUMBERS = """
SELECT device.window_id, state.last_seq AS given, LEAST(state.received, state.last_seq) AS received
  FROM devices_device AS device JOIN devices_devicestate AS state ON state.device_id = device.id
 WHERE device.region BETWEEN $1 AND $2 AND state.last_seq > 0
"""
_RECEIPTS = """
SELECT device.window_id, rating.answer
  FROM devices_devicerating AS rating JOIN devices_device AS device ON device.id = rating.device_id
 WHERE device.region BETWEEN $1 AND $2 AND rating.received_at >= $3 AND NOT rating.refused
"""


def numbers_given(scope: tuple[int, int]) -> list[tuple[int, int, int]]:
    """Return window, numbers given and numbers received of each device in its present series."""
    return [(row["window_id"], row["given"], row["received"]) for row in rows(_NUMBERS, *scope)]


_COUNTED = """
SELECT count(*) AS devices, coalesce(sum(total), 0)::bigint AS received,
       coalesce(sum(last_seq - LEAST(received, last_seq) + missed), 0)::bigint AS missing,
       coalesce(sum(series), 0)::bigint AS restarts
  FROM devices_devicestate
"""


def counted() -> dict[str, int]:
    """Return how many devices ever counted, how many numbers were received from them and how many
    never came, and how often a counter began again (trust design §1.6).
    """
    return rows(_COUNTED)[0]


def receipts(scope: tuple[int, int], since: datetime) -> list[tuple[int, int | None]]:
    """Return window and rating's key of each receipt that devices were given since a moment."""
    found = rows(_RECEIPTS, *scope, since)
    return [(row["window_id"], key_of_receipt(row["answer"])) for row in found]


@dataclass(frozen=True)
class DeviceKey:
    """A device in force and the key with which it signs."""

    id: int
    key: ClientKey
    window_id: int
    kind: str
    region: int


def device(kid: str) -> DeviceKey | None:
    """Return one device in force."""
    if not storable(kid):
        return None
    row = models.Device.objects.filter(kid=kid, disabled_at=None).first()
    if row is None:
        return None
    secret = (settings.KEYRING.open(row.secret, f"device.{kid}") or "").encode()
    key = ClientKey(kid, -row.pk, secret, "sha256", Reach(row.region, row.region))
    return DeviceKey(row.pk, key, row.window_id, row.kind, row.region)


def ticket(kid: str) -> str:
    """Return the ticket with which a device may listen at the collector for a day."""
    return signing.dumps(kid, salt=_TICKET)


def device_of_ticket(text: str) -> DeviceKey | None:
    """Return the device in force that holds a ticket."""
    try:
        return device(signing.loads(text, salt=_TICKET, max_age=_TICKET_SECONDS))
    except signing.BadSignature:
        return None


@dataclass(frozen=True)
class DeviceLine:
    """A device as the list shows it."""

    id: int
    kid: str
    kind: Words
    window: str
    hall: str
    health: rules.Health
    seen_at: datetime | None
    version: str
    waiting: int
    skew_seconds: int
    gap: int  # sequence numbers that never came
    restarts: int  # how often its counter began again
    dead: int
    disabled: bool


@dataclass(frozen=True)
class Asked:
    """What a list of devices is narrowed to."""

    search: str = ""  # in number, window or hall
    kind: str = ""  # of rules.DEVICES
    state: str = ""  # of rules.STATES
    city: int | None = None  # six digits


def found(
    scope: tuple[int, int], asked: Asked = Asked(), at: datetime | None = None
) -> QuerySet[models.Device]:
    """Return the devices within a range of regions, the quiet ones first: all, or what was asked
    for, in whose state a moment counts.
    """
    scope = narrowed(scope, asked.city)
    devices_ = (
        models.Device.objects.select_related("devicestate")
        .defer("secret")  # the office may not read it
        .filter(region__range=scope)
        .order_by(F("disabled_at").asc(nulls_first=True), "devicestate__seen_at", "pk")
    )
    if asked.search:
        at_windows = directory.windows_named(asked.search, scope).values("pk")
        devices_ = devices_.filter(Q(kid__icontains=asked.search) | Q(window_id__in=at_windows))
    if asked.kind:
        devices_ = devices_.filter(kind=asked.kind)
    if asked.state and at is not None:
        devices_ = devices_.filter(_in_state(asked.state, at))
    return devices_


def _in_state(state: str, at: datetime) -> Q:
    """Return which devices are in a state of rules.STATES."""
    if state == "disabled":
        return Q(disabled_at__isnull=False)
    heard = Q(devicestate__seen_at__gte=at - rules.QUIET)
    never = Q(devicestate__seen_at=None)
    return Q(disabled_at=None) & {"alive": heard, "never": never}.get(state, ~heard & ~never)


def lines(some: Sequence[models.Device], at: datetime) -> list[DeviceLine]:
    """Return devices as the list shows them."""
    windows = directory.window_facts({row.window_id for row in some})
    return [_line(row, windows.get(row.window_id), at) for row in some]


def devices(scope: tuple[int, int], at: datetime) -> list[DeviceLine]:
    """Return every device within a range of regions, the quiet ones first."""
    return lines(list(found(scope)), at)


def alive(scope: tuple[int, int], at: datetime) -> tuple[int, int]:
    """Return how many devices within a range of regions are heard from, and how many are in use."""
    used = models.Device.objects.filter(region__range=scope, disabled_at=None)
    heard = used.filter(devicestate__seen_at__gte=at - rules.QUIET)
    return heard.count(), used.count()


def _line(row: models.Device, window: directory.WindowFacts | None, at: datetime) -> DeviceLine:
    state = row.devicestate
    return DeviceLine(
        id=row.pk,
        kid=row.kid,
        kind=rules.DEVICES[rules.DeviceKind(row.kind)],
        window=window.number if window else "",
        hall=window.hall if window else "",
        health=rules.health(state.seen_at, at),
        seen_at=state.seen_at,
        version=state.version,
        waiting=state.waiting,
        skew_seconds=state.skew_seconds,
        gap=max(0, state.last_seq - state.received) + state.missed,
        restarts=state.series,
        dead=state.dead,
        disabled=row.disabled_at is not None,
    )


def answers(device_id: int, seq: int, *, current: bool) -> list[models.DeviceRating]:
    """Return what was answered for a sequence number before, the latest series first; of the
    current one alone where a number is all that a device says.
    """
    found = models.DeviceRating.objects.filter(device_id=device_id, seq=seq)
    return list((found.filter(series=_series(device_id)) if current else found).order_by("-series"))


def _series(device_id: int) -> int:
    return models.DeviceState.objects.values_list("series", flat=True).get(device_id=device_id)


def free_number(device_id: int, seq: int) -> rules.Number:
    """Return the series in which a sequence number is free: the current one, or a new one."""
    now = _series(device_id)
    taken = models.DeviceRating.objects.filter(device_id=device_id, series=now, seq=seq)
    return rules.Number(now + taken.exists(), seq)


def began_again(device_id: int, seq: int) -> rules.Number | None:
    """Return the first number of a new series where a device counts below what it has counted to in
    this one; None where it goes on.
    """
    now = _series(device_id)
    last = models.DeviceRating.objects.filter(device_id=device_id, series=now).aggregate(Max("seq"))
    return rules.Number(now + 1, seq) if seq < (last["seq__max"] or 0) else None


def answer_of_tracking(code: str, digits: str = "") -> str | None:
    """Return what was answered for the rating whose key begins with these eight characters, and of
    which these are the four digits where they are given (`rules.digits_of`).
    """
    found = models.DeviceRating.objects.filter(key__startswith=f"{code}-", refused=False).first()
    if found is None or (digits and not same(rules.digits_of(found.key), digits)):
        return None
    return found.answer


def pairing_wait(address: str | None, at: datetime) -> timedelta | None:
    """Return how long an address must wait after wrong pairing codes; None when it may try."""
    recent = models.PairingFailure.objects.filter(at__gt=at - timedelta(minutes=10))
    wrong = recent.aggregate(
        here=Count("pk", filter=(here := Q(address=address))),
        last_here=Max("at", filter=here),
        anywhere=Count("pk"),
        last=Max("at"),
    )
    waits = []
    if wrong["here"] >= _WRONG_HERE:
        waits.append(wrong["last_here"] + _WAIT_HERE - at)
    if wrong["anywhere"] >= _WRONG_ANYWHERE:
        waits.append(wrong["last"] + _WAIT_ANYWHERE - at)
    wait = max(waits, default=timedelta())
    return wait if wait > timedelta() else None


def stood_at(device: DeviceKey, at: datetime) -> int:
    """Return the window at which a device stood at a moment."""
    moves = models.Stood.objects.filter(device=device.id, until__gt=at).order_by("until")
    before = moves.values_list("window_id", flat=True).first()
    return device.window_id if before is None else before


def open_call(window_id: int, at: datetime) -> models.Call | None:
    """Return the call that stands at a window."""
    return (
        models.Call.objects.filter(window_id=window_id, answered_at=None, expires_at__gt=at)
        .order_by("-made_at")
        .first()
    )


def was_called(window_id: int, record_id: int) -> bool:
    """Say whether a window ever asked the person in front of it to rate this service."""
    return models.Call.objects.filter(window_id=window_id, record_id=record_id).exists()


def record_number(call: models.Call) -> str:
    """Return the number under which a device names the service that is called."""
    return receipt_number(call.record_id)


def recent_calls(window_id: int, since: datetime) -> list[models.Call]:
    """Return the calls of a window since then, newest first.

    Whether it was rated is all that a window learns.
    """
    return list(
        models.Call.objects.filter(window_id=window_id, made_at__gte=since).order_by("-made_at")[
            :30
        ]
    )


SEALED = (Sealed("devices_device", {"secret": lambda row: f"device.{row['kid']}"}, needs=("kid",)),)


def windows_with_devices(window_ids: Collection[int]) -> set[int]:
    """Return which of these windows a device was ever paired with."""
    found = models.Device.objects.filter(window_id__in=window_ids)
    return set(found.values_list("window_id", flat=True))


def windows_in_use(scope: tuple[int, int]) -> set[int]:
    """Return the windows within a range of regions that have a device in use."""
    found = models.Device.objects.filter(region__range=scope, disabled_at=None)
    return set(found.values_list("window_id", flat=True))
