"""The page on tablets and self-service terminals (`/k`), and what it asks.

It works offline: see frontend/src/kiosk.js. A device is known by its key, never by a cookie.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from haochaping.announcements import queries as announcements
from haochaping.announcements.rules import Audience
from haochaping.devices import actions, queries, rules
from haochaping.directory import queries as directory
from haochaping.identity import actions as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import SYSTEM, Replayed, SignedRequest, verify
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import LEVELS, Where, offered, within
from haochaping.invitations import queries as invitations
from haochaping.invitations.rules import Place
from haochaping.kernel import clock, pages, qr
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotFound, Unauthorised
from haochaping.kernel.ids import key_of_receipt, receipt_number
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import printable
from haochaping.records import queries as records
from haochaping.regions.rules import parse_code
from haochaping.rosters import queries as rosters


class Heartbeat(msgspec.Struct, frozen=True):
    """How a device is."""

    version: str = ""
    waiting: int = 0
    dead: int = 0
    clock: str = ""


_TABLET = 4  # evaluations.rules.Channel; that room lies above this one


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the page.

    Everything on it is switched by its script, so that it lives without a network.
    """
    catalogue = list(indicators.catalogue().values())
    return pages.render(
        request,
        "devices/kiosk.html",
        preview=None,
        levels=LEVELS,
        choices=offered(catalogue, online=False, where=Where(channel=_TABLET)),
    )


@require_GET
def preview(request: OfficeRequest, edition_id: int) -> HttpResponse:
    """Show faces and codes as a version of the catalogue would make them; nothing is sent."""
    asked = request.GET
    region, item = parse_code(asked.get("region", "").strip()), asked.get("item", "").strip()
    where = Where(_TABLET, region, item or None)
    return pages.render(
        request,
        "devices/kiosk.html",
        preview={"region": region or "", "item": item},
        level=whole(asked.get("level"), digits=1),
        levels=LEVELS,
        choices=offered(indicators.previewed(edition_id), online=False, where=where),
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
    device, secret = actions.pair(
        digits=printable(str(sent.get("code", "")))[:12],
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
        raise rules.NotUnderstood from None
    claimed = parse_moment(beat.clock) if beat.clock else None
    actions.note_heartbeat(
        device_id=device.id,
        version=beat.version,
        waiting=beat.waiting,
        dead=beat.dead,
        clock_at=claimed,
        at=at,
    )
    return JsonResponse(_state(device, at), json_dumps_params={"ensure_ascii": False})


@csrf_exempt
@require_POST
def lapse(request: HttpRequest) -> HttpResponse:
    """Nobody answered the call within a minute: not rated 未评价, never a default praise."""
    device, key = _device(request), key_of_receipt(str(_json(request).get("record", "")))
    call = queries.open_call(device.window_id, clock.now())
    if call is not None and call.record_id == key:
        actions.answer_call(record_id=call.record_id, outcome="not_rated", at=clock.now())
    return JsonResponse({"status": "ok"})


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        raise rules.NotUnderstood from None
    if not isinstance(sent, dict):
        raise rules.NotUnderstood
    return sent


def _device(request: HttpRequest) -> queries.DeviceKey:
    """Return the device that signed the request, by the scheme of docs/integrate/signing.md."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    device = queries.device(headers.get("x-hcp-key", ""))
    signed = SignedRequest(
        request.method or "",
        request.path,
        request.META.get("QUERY_STRING", ""),
        request.body,
        headers,
    )
    at = clock.now()
    _, nonce = verify(signed, {device.key.kid: device.key} if device else {}, at)
    if device is None:
        raise Unauthorised
    if not talk(identity.spend_nonces(pairs=[(device.key.kid, nonce)], at=at)):
        raise Replayed
    return device


def _elsewhere(region: int) -> list[int]:
    """Return the codes that are not offered in a region: the page, which is the same for all, holds
    them.
    """
    here = Where(region=region)
    found = indicators.catalogue().values()
    return sorted(one.code for one in found if not within(one.scope, here))


def _state(device: queries.DeviceKey, at: datetime) -> dict[str, Any]:
    window = rosters.at_window(device.window_id, at)
    call = queries.open_call(device.window_id, at)
    what = records.served(call.record_id) if call else None
    code = next(iter(invitations.in_force(Place.WINDOW, [device.window_id])), None)
    ticket = queries.ticket(device.key.kid)
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
        "told": [
            str(pages.say(announcements.title_of(one)))
            for one in announcements.told(
                Audience.DEVICES, at, region=window.region if window else 0, most=2
            )
        ],
        "qr": qr.data_address(f"{settings.PUBLIC_URL}/p/{code.short}") if code else "",
        "elsewhere": _elsewhere(window.region) if window else [],
        "events": f"{settings.COLLECTOR_URL}/api/v1/devices/events?ticket={ticket}",
    }
