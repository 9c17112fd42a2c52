"""From a scanned QR code to the rating page: confirm the place, find the service, and rate it.

A service that is being called at the window, or one of a verified phone, leads on to a one-time
link. Without a registered service a rating is taken only with a verified phone, and stays marked so
(`records.rules.Origin.SCANNED`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt

from haochaping.devices import queries as devices
from haochaping.directory import queries as directory
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import queries as ratings
from haochaping.evaluations.rules import Channel, phone_number, refusal
from haochaping.invitations import actions as invitations
from haochaping.invitations import queries as links
from haochaping.invitations import rules
from haochaping.kernel import clock, pages
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import Refusal, TooOften
from haochaping.kernel.ids import first_key
from haochaping.kernel.words import Words
from haochaping.policies import queries as policies
from haochaping.records import queries as records
from haochaping.regions.rules import scope

RECENT = timedelta(days=30)
_PROOF = "scan.phone"  # salt of what proves that a phone was verified
_PROOF_SECONDS = 900


class NoServiceChosen(Refusal):
    """Neither a service nor an item was chosen."""

    code = "nothing_chosen"
    says = Words(
        "请选择要评价的办件；没有的话，请选择办理的事项。",
        "Choose the service to rate or, when it is not listed, the item.",
    )


@dataclass(frozen=True)
class Verified:
    """A phone that was verified on this page a moment ago."""

    phone: str
    proof: str


@csrf_exempt  # no cookie is involved: nobody is signed in here
def scan(request: HttpRequest, short: str) -> HttpResponse:
    """Show what was scanned and take one step towards the rating page.

    Opening it any number of times changes nothing but the count.
    """
    at = clock.now()
    code = links.scanned(short)
    place = links.places(rules.Place(code.kind), [code.target_id]).get(code.target_id)
    if place is None:
        raise rules.CodeDisabled
    if request.method != "POST":
        invitations.note_scan(code_id=code.pk, at=at)
        return _page(request, code.short, place, at)
    try:
        return _step(request, code.pk, code.short, place, at)
    except Refusal as refused:
        return _page(request, code.short, place, at, refusal=refused, proof=_verified(request))


def _step(
    request: HttpRequest, code_id: int, short: str, place: links.PlaceFacts, at: datetime
) -> HttpResponse:
    sent = request.POST
    if sent.get("called"):
        called = _called(place, at)
        if called is None:
            raise rules.WrongCode(_CALL_ENDED)
        return _to_rating(called.record_id, code_id, at)
    verified = _verified(request)
    if verified is None:
        return _verify(request, short, place, at)
    chosen = sent.get("service", "")
    own = {str(key): key for key in _services(place, verified.phone, at)}
    if chosen in own:
        return _to_rating(own[chosen], code_id, at)
    items = {str(pk): pk for pk, _ in _items(place, at)}
    if sent.get("item", "") not in items:
        raise NoServiceChosen
    record_id = evaluations.register_scanned(
        item_id=items[sent["item"]],
        window_id=place.window_ids[0] if len(place.window_ids) == 1 else None,
        staff_id=place.staff_id,
        region=place.region,
        phone=verified.phone,
        at=at,
    )
    return _to_rating(record_id, code_id, at)


_CALL_ENDED = Words(
    "窗口的评价邀请已结束，请用手机号查找您的办件。",
    "The window's call has ended; find your service by phone instead.",
)


def _verify(
    request: HttpRequest, short: str, place: links.PlaceFacts, at: datetime
) -> HttpResponse:
    """Send a code to the phone that was typed, or take the code."""
    sent = request.POST
    phone = phone_number(sent.get("phone", ""))
    if not phone:
        raise refusal("phone", "phone")
    if not sent.get("digits"):
        address = request.META.get("REMOTE_ADDR", "")
        digits = invitations.send_check(phone=phone, address=address, region=place.region, at=at)
        shown = digits if settings.DEMO else ""
        return _page(request, short, place, at, phone=phone, digits=shown)
    invitations.confirm_check(phone=phone, digits=sent.get("digits", ""), at=at)
    keyring: Keyring = settings.KEYRING
    proof = signing.dumps((keyring.seal(phone, _PROOF) or b"").hex(), salt=_PROOF)
    return _page(request, short, place, at, proof=Verified(phone, proof))


def _to_rating(record_id: int, code_id: int, at: datetime) -> HttpResponse:
    invitations.note_scan(code_id=code_id, opened=True, at=at)
    return redirect(
        "evaluations:rate",
        token=invitations.invite(
            record_id=record_id, channel=Channel.QR, days=1, code_id=code_id, at=at
        ),
    )


def _verified(request: HttpRequest) -> Verified | None:
    proof = request.POST.get("proof", "")
    if not proof:
        return None
    keyring: Keyring = settings.KEYRING
    try:
        sealed = signing.loads(proof, salt=_PROOF, max_age=_PROOF_SECONDS)
    except signing.BadSignature:
        return None
    return Verified(keyring.open(bytes.fromhex(sealed), _PROOF) or "", proof)


def _called(place: links.PlaceFacts, at: datetime) -> Any:
    """Return the call that stands at this one window."""
    return devices.open_call(place.window_ids[0], at) if len(place.window_ids) == 1 else None


def _services(place: links.PlaceFacts, phone: str, at: datetime) -> list[int]:
    """Return the services of a phone at this place that nobody has rated yet, newest first."""
    keys = records.keys_of_phone(
        phone, first_key(at - RECENT), scope(place.region), place.window_ids or None
    )
    rated = ratings.rated(set(keys))
    return [key for key in keys if key not in rated]


def _items(place: links.PlaceFacts, at: datetime) -> list[tuple[int, str]]:
    """Return the items of which an unregistered service may be rated: none where the region has
    switched that off.
    """
    if not policies.terms(place.region, at).rate_by_scan:
        return []
    if place.item_id is not None:
        return [(place.item_id, place.title)]
    departments = (
        {place.department_id}
        if place.department_id is not None
        else directory.departments_of_windows(place.window_ids)
    )
    return list(
        directory.items_of({pk for pk in departments if pk is not None}).values_list("pk", "name")[
            :200
        ]
    )


def _page(  # noqa: PLR0913 - what the page shows
    request: HttpRequest,
    short: str,
    place: links.PlaceFacts,
    at: datetime,
    *,
    refusal: Refusal | None = None,
    phone: str = "",
    digits: str = "",
    proof: Verified | None = None,
) -> HttpResponse:
    called = _called(place, at) if proof is None else None
    services = [records.served(key) for key in _services(place, proof.phone, at)] if proof else []
    response = pages.render(
        request,
        "portal/scan.html",
        status=refusal.status if refusal else 200,
        short=short,
        place=place,
        refusal=refusal,
        called=records.served(called.record_id) if called else None,
        asked=bool(phone or request.POST.get("digits")),
        phone=phone or request.POST.get("phone", ""),
        digits=digits,
        proof=proof.proof if proof else "",
        services=services,
        items=_items(place, at) if proof else [],
        **pages.sight(request.POST or request.GET),
    )
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.seconds)
    return response
