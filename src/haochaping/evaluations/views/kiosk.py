"""The page on tablets and self-service terminals (`/k`), and what it talks to. It works offline:
see frontend/src/kiosk.js.

A device is known by its key, never by a cookie. Each rating is signed as it is given; sending it
again is harmless.
"""

import json
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.evaluations import actions, queries, rules
from haochaping.identity.rules import SYSTEM, SignedRequest, verify
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import LEVELS, offered
from haochaping.invitations import actions as invitations
from haochaping.invitations import queries as links
from haochaping.invitations.rules import Place
from haochaping.kernel import clock, crypto, pages, qr
from haochaping.kernel.errors import NotFound, Refusal, Unauthorised
from haochaping.kernel.ids import key_of_receipt, receipt_number
from haochaping.kernel.limits import Limits
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.words import Words

TICKET = "device.events"  # salt of the ticket with which a device listens at the collector
_PER_DEVICE = Limits(
    600
)  # ratings a minute from one device: a tablet that was offline for a week has caught up soon
_ITEMS = 50  # ratings in one delivery


class NotUnderstood(Refusal):
    """What a device sent is not as documented."""

    status = 400
    code = "bad_field"
    says = Words(
        "设备上报的内容格式有误，请升级页面后重试。",
        "What the device sent is malformed; reload the page and try again.",
    )


class Item(msgspec.Struct, frozen=True):
    """One rating as a device sends it.

    `sig` is HMAC-SHA256 over seq, key, at and body, one per line.
    """

    seq: int
    key: str
    at: str
    body: str
    sig: str


class Delivery(msgspec.Struct, frozen=True):
    """Ratings that a device kept."""

    kid: str
    items: list[Item]


class Heartbeat(msgspec.Struct, frozen=True):
    """How a device is."""

    version: str = ""
    waiting: int = 0
    dead: int = 0
    clock: str = ""


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the page.

    Everything on it is switched by its script, so that it lives without a network.
    """
    catalogue = list(indicators.catalogue().values())
    return pages.render(
        request, "evaluations/kiosk.html", levels=LEVELS, choices=offered(catalogue, online=False)
    )


@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """Give the service worker, which may look after /k and nothing else.

    It keeps the page and its parts for offline use.
    """
    parts = ["/k/", *(pages.asset(name) for name in ("kiosk.css", "kiosk.js"))]
    script = (
        Path(settings.STATIC_ROOT) / pages.asset("kiosk-worker.js").removeprefix("/static/")
    ).read_text(encoding="utf-8")
    response = HttpResponse(
        f"const SHELL = {json.dumps(parts)};\n{script}", content_type="text/javascript"
    )
    response["Service-Worker-Allowed"] = "/k"
    response["Cache-Control"] = "no-cache"
    return response


@require_GET
def photo(_request: HttpRequest, staff_id: int) -> HttpResponse:
    """Give the portrait of a member of staff; its address changes with it, so it may be kept."""
    found = directory.photo(staff_id)
    if found is None:
        raise NotFound
    response = HttpResponse(found, content_type="image/jpeg")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@csrf_exempt
@require_POST
def pair(request: HttpRequest) -> HttpResponse:
    """Pair this device by the six digits from the back-office.

    The key is shown to it once and never again.
    """
    sent = _json(request)
    device, secret = invitations.pair(
        digits=str(sent.get("code", ""))[:12],
        address=request.META.get("REMOTE_ADDR"),
        by=SYSTEM,
        at=clock.now(),
    )
    return JsonResponse({"kid": device.kid, "secret": secret, "kind": device.kind}, status=201)


@csrf_exempt
@require_POST
def state(request: HttpRequest) -> HttpResponse:
    """Take a heartbeat.

    Tell the device its window and person, the call that stands, and where it can listen for the
    next.
    """
    at, device = clock.now(), _device(request)
    try:
        beat = msgspec.json.decode(request.body, type=Heartbeat)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise NotUnderstood from None
    claimed = parse_moment(beat.clock) if beat.clock else None
    invitations.note_heartbeat(
        device_id=device.id,
        version=beat.version,
        waiting=beat.waiting,
        dead=beat.dead,
        clock_at=claimed,
        by=SYSTEM,
        at=at,
    )
    return JsonResponse(_state(device, at), json_dumps_params={"ensure_ascii": False})


@csrf_exempt
@require_POST
def lapse(request: HttpRequest) -> HttpResponse:
    """Nobody answered the call within a minute: not rated 未评价, never a default praise."""
    device, key = _device(request), key_of_receipt(str(_json(request).get("record", "")))
    call = links.open_call(device.window_id, clock.now())
    if call is not None and call.record_id == key:
        invitations.answer_call(
            record_id=call.record_id, outcome="not_rated", by=SYSTEM, at=clock.now()
        )
    return JsonResponse({"status": "ok"})


@csrf_exempt
@require_POST
def ratings(request: HttpRequest) -> HttpResponse:
    """Take the ratings that a device kept, each once; one answer for each in order.

    What is refused the device puts aside and shows.
    """
    try:
        delivery = msgspec.json.decode(request.body, type=Delivery)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise NotUnderstood from None
    device = links.device(delivery.kid)
    if device is None:
        raise Unauthorised(
            Words(
                "设备未配对或已停用，请重新配对。",
                "The device is not paired or was taken out of use; pair it again.",
            ),
            code="device_unknown",
        )
    if len(delivery.items) > _ITEMS:
        raise NotUnderstood
    _PER_DEVICE.spend(delivery.kid, clock.now(), max(1, len(delivery.items)))
    return JsonResponse(
        {"items": [_take(device, item) for item in delivery.items]},
        json_dumps_params={"ensure_ascii": False},
    )


def _take(device: links.DeviceKey, item: Item) -> dict[str, Any]:
    text = "\n".join((str(item.seq), item.key, item.at, item.body)).encode()
    try:
        if not crypto.same(crypto.signature(device.key.secret, "sha256", text), item.sig.lower()):
            raise Unauthorised(
                Words("签名不符。", "The signature does not match."), code="bad_signature"
            )
        given = msgspec.json.decode(item.body, type=rules.DeviceGiven)
        claimed = parse_moment(item.at)
        if (
            claimed is None
            or not 0 < item.seq < 1 << 53
            or not 8 <= len(item.key) <= 64  # noqa: PLR2004 - documented bounds
            or not item.key.isascii()
        ):
            raise NotUnderstood
        kept = actions.FromDevice(item.seq, item.key, given, claimed)
        receipt, refusal = actions.take_from_device(
            device=device, item=kept, by=SYSTEM, at=clock.now()
        )
    except msgspec.MsgspecError:
        receipt, refusal = "", NotUnderstood()
    except Refusal as refused:
        receipt, refusal = "", refused
    return {"seq": item.seq, **({"receipt": receipt} if refusal is None else refusal.problem())}


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        raise NotUnderstood from None
    if not isinstance(sent, dict):
        raise NotUnderstood
    return sent


def _device(request: HttpRequest) -> links.DeviceKey:
    """Return the device that signed the request, by the scheme of docs/integrate/signing.md."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    device = links.device(headers.get("x-hcp-key", ""))
    signed = SignedRequest(
        request.method or "",
        request.path,
        request.META.get("QUERY_STRING", ""),
        request.body,
        headers,
    )
    verify(signed, {device.key.kid: device.key} if device else {}, clock.now())
    if device is None:
        raise Unauthorised
    return device


def _state(device: links.DeviceKey, at: datetime) -> dict[str, Any]:
    window = directory.at_window(device.window_id)
    call = links.open_call(device.window_id, at)
    what = queries.served(call.record_id) if call else None
    code = next(iter(links.in_force(Place.WINDOW, [device.window_id])), None)
    ticket = signing.dumps(device.key.kid, salt=TICKET)
    return {
        "kind": device.kind,
        "window": window.number if window else "",
        "hall": window.hall if window else "",
        "department": window.department if window else "",
        "staff": window.staff if window else "",
        "staff_number": window.staff_number if window else "",
        "photo": f"/k/photo/{window.staff_id}?at={window.photo_at:%Y%m%d%H%M%S}"
        if window and window.photo_at
        else "",
        "now": at.isoformat(),
        "call": {
            "record": receipt_number(call.record_id),
            "item": what.item,
            "number": what.number,
            "until": call.expires_at.isoformat(),
        }
        if call and what
        else None,
        "qr": _picture(f"{settings.PUBLIC_URL}/p/{code.short}") if code else "",
        "events": f"{settings.COLLECTOR_URL}/api/v1/devices/events?ticket={ticket}",
    }


def _picture(address: str) -> str:
    """Return a QR code as a data address, which the page's policy allows for pictures."""
    return f"data:image/svg+xml;base64,{b64encode(qr.drawing(address, border=2).encode()).decode()}"
