"""Reading links, QR codes, devices and calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet, Sum

from haochaping.directory import queries as directory
from haochaping.identity.rules import ClientKey, Reach
from haochaping.invitations import models, rules
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import Conversation
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import receipt_number, token_hash
from haochaping.kernel.words import Words

_PAIRING_TRIES = 10  # wrong codes from one address in ten minutes; a hall shares an address


class LinkUnknown(Refusal):
    """There is no such link."""

    status = 404
    code = "link_unknown"
    says = Words(
        "没有找到这个评价链接。请检查短信中的链接是否完整，或拨打 12345。",
        "This link is unknown. Check that it is complete, or call 12345.",
    )


class LinkExpired(Refusal):
    """The link is too old to rate with."""

    status = 410
    code = "link_expired"
    says = Words(
        "评价链接已过期。您仍可拨打 12345 反映情况。",
        "This link has expired. You can still call 12345.",
    )


@dataclass(frozen=True)
class Opened:
    """What an opened link leads to."""

    record_id: int
    channel: int
    device_id: int | None
    finished_at: datetime | None
    back_url: str = ""
    embed: str = ""


def opened(token: str, at: datetime) -> Opened:
    """Return what the token is for; a finished link stays readable for its progress.

    Raises LinkUnknown or LinkExpired.
    """
    found = models.Link.objects.filter(token_hash=token_hash(token)).first()
    if found is None:
        raise LinkUnknown
    if found.finished_at is None and at > found.expires_at:
        raise LinkExpired
    return Opened(
        found.record_id,
        found.channel,
        found.device_id,
        found.finished_at,
        found.back_url,
        found.embed,
    )


# --- static QR codes


@dataclass(frozen=True)
class PlaceFacts:
    """What a QR code stands for, in words and in ids of the directory."""

    kind: rules.Place
    title: str
    hall: str
    department: str
    region: int
    window_ids: tuple[
        int, ...
    ]  # services at these windows can be rated here; empty: at any within the region
    department_id: int | None
    staff_id: int | None
    item_id: int | None


def in_force(kind: rules.Place, targets: Sequence[int]) -> list[models.Code]:
    """Return the codes in force of these places."""
    return list(models.Code.objects.filter(kind=kind, target_id__in=targets, disabled_at=None))


def codes(
    scope: tuple[int, int], kind: str = "", *, disabled: bool = False
) -> QuerySet[models.Code]:
    """Return codes within a range of regions, newest first."""
    found = models.Code.objects.filter(region__range=scope, disabled_at__isnull=not disabled)
    return (found.filter(kind=kind) if kind else found).order_by("-made_at", "-pk")


def scans(code_ids: Sequence[int], since: date) -> dict[int, tuple[int, int]]:
    """Return scans and opened rating pages since a day, by code."""
    found = (
        models.ScanDay.objects.filter(code_id__in=code_ids, day__gte=since)
        .values("code_id")
        .annotate(s=Sum("scans"), o=Sum("opened"))
    )
    return {row["code_id"]: (row["s"], row["o"]) for row in found}


def scanned(short: str) -> models.Code:
    """Return the code in force behind an address.

    An old poster leads on to the code that replaced it. Raises NotFound or CodeDisabled.
    """
    code = models.Code.objects.select_related("replaced_by").filter(short=short.upper()).first()
    for _ in range(5):
        if code is None:
            raise NotFound(
                Words(
                    "没有这个二维码，请扫描窗口现场的码。",
                    "There is no such QR code; scan the one at the window.",
                )
            )
        if code.disabled_at is None:
            return code
        if code.replaced_by_id is None:
            break
        code = (
            models.Code.objects.select_related("replaced_by").filter(pk=code.replaced_by_id).first()
        )
    raise rules.CodeDisabled


def places(kind: rules.Place, targets: Sequence[int]) -> dict[int, PlaceFacts]:
    """Describe the places of one kind, by id of the directory; a place that is gone is missing."""
    return {
        place.id: PlaceFacts(
            kind,
            place.title,
            place.hall,
            place.department,
            place.region,
            place.window_ids,
            place.department_id,
            place.staff_id,
            place.item_id,
        )
        for place in directory.places(kind.value, list(targets))
    }


# --- devices


_DEVICE_KEYS = """
SELECT device.id, device.kid, device.secret, device.region, device.window_id, device.kind
  FROM invitations_device AS device WHERE device.disabled_at IS NULL
"""


@dataclass(frozen=True)
class DeviceKey:
    """A device in force and the key with which it signs."""

    id: int
    key: ClientKey
    window_id: int
    kind: str
    region: int


def load_devices() -> Conversation[Mapping[str, DeviceKey]]:
    """Read the devices in force, by key id."""
    keyring: Keyring = settings.KEYRING
    found = yield _DEVICE_KEYS, ()
    return {
        row["kid"]: _device_key(
            keyring,
            row["id"],
            row["kid"],
            row["secret"],
            row["region"],
            row["window_id"],
            row["kind"],
        )
        for row in found
    }


def device(kid: str) -> DeviceKey | None:
    """Return one device in force."""
    row = models.Device.objects.filter(kid=kid, disabled_at=None).first()
    return (
        _device_key(
            settings.KEYRING, row.pk, row.kid, row.secret, row.region, row.window_id, row.kind
        )
        if row
        else None
    )


def _device_key(
    keyring: Keyring,
    pk: int,
    kid: str,
    secret: bytes | memoryview,
    region: int,
    window_id: int,
    kind: str,
) -> DeviceKey:
    opened_secret = (keyring.open(secret, f"device.{kid}") or "").encode()
    return DeviceKey(
        pk,
        ClientKey(kid, -pk, opened_secret, "sha256", Reach(region, region)),
        window_id,
        kind,
        region,
    )


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
    dead: int
    disabled: bool


def devices(scope: tuple[int, int], at: datetime, limit: int = 300) -> list[DeviceLine]:
    """Return the devices within a range of regions, the quiet ones first."""
    found = list(
        models.Device.objects.select_related("devicestate")
        .filter(region__range=scope)
        .order_by("disabled_at", "devicestate__seen_at")[:limit]
    )
    windows = directory.window_facts({row.window_id for row in found})
    return [_line(row, windows.get(row.window_id), at) for row in found]


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
        gap=max(0, state.last_seq - state.received),
        dead=state.dead,
        disabled=row.disabled_at is not None,
    )


def device_answer(device_id: int, seq: int) -> models.DeviceRating | None:
    """Return what was answered for a sequence number before."""
    return models.DeviceRating.objects.filter(device_id=device_id, seq=seq).first()


def answer_of_tracking(code: str) -> str | None:
    """Return what was answered for the rating whose key begins with these eight characters."""
    return (
        models.DeviceRating.objects.filter(key__startswith=f"{code}-")
        .values_list("answer", flat=True)
        .first()
    )


def pairing_wait(address: str | None, at: datetime) -> timedelta | None:
    """Return how long an address must wait after wrong pairing codes; None when it may try."""
    since = at - timedelta(minutes=10)
    wrong = list(
        models.PairingFailure.objects.filter(address=address, at__gt=since)
        .order_by("-at")
        .values_list("at", flat=True)[:_PAIRING_TRIES]
    )
    return wrong[-1] + timedelta(minutes=10) - at if len(wrong) >= _PAIRING_TRIES else None


# --- calls


def open_call(window_id: int, at: datetime) -> models.Call | None:
    """Return the call that stands at a window."""
    return (
        models.Call.objects.filter(window_id=window_id, answered_at=None, expires_at__gt=at)
        .order_by("-made_at")
        .first()
    )


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
