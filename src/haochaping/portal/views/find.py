"""Finding one's rating again: its number tells that it was received, number and phone open it, and
so does the whole code from a tablet.
"""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt

from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import phone_number, refusal
from haochaping.invitations import actions as invitations
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.ids import key_of_receipt
from haochaping.kernel.limits import Limits

_PER_NUMBER = Limits(20)  # tries a minute at one rating
_TRIES = Limits(60)  # numbers a minute from one address; a hall shares one


@csrf_exempt  # no cookie is involved: who has the number and the phone is the citizen
def find(request: HttpRequest) -> HttpResponse:
    """Tell from a receipt number alone that a rating was received, and nothing more.

    Whoever also answers from the phone of the rating gets a link to its progress, and so does who
    has the twelve characters that a tablet showed. Whether a typed
    phone is the right one is not told before its code was typed.
    """
    sent = request.POST if request.method == "POST" else request.GET
    number = sent.get("number", "").strip()
    if not number:
        return redirect("/#find")
    _TRIES.spend(request.META.get("REMOTE_ADDR", ""), clock.now())
    if (mine := evaluations.key_of_raters_code(number)) is not None:
        token = invitations.invite(record_id=mine, for_rater=True, at=clock.now())
        return redirect("portal:progress", token=token)
    key = evaluations.key_of_tracking(number) or key_of_receipt(number)
    rating = evaluations.rated({key}).get(key) if key is not None else None
    if rating is None:
        return redirect("/?missing=1#find")
    return _confirm(request, rating) if request.method == "POST" else _page(request, rating)


def _confirm(request: HttpRequest, rating: evaluations.Rated) -> HttpResponse:
    """Send a code to the phone that was typed, or open the progress for the right code."""
    sent, at = request.POST, clock.now()
    _PER_NUMBER.spend(rating.receipt, at)
    try:
        phone = phone_number(sent.get("phone", ""))
        if not phone:
            raise refusal("phone", "phone")
        if not sent.get("digits"):
            return _page(request, rating, phone=phone, digits=_send(request, rating, phone, at))
        invitations.confirm_check(phone=phone, digits=sent["digits"], at=at)
    except Refusal as refused:
        asked = sent.get("phone", "") if sent.get("digits") else ""
        return _page(request, rating, phone=asked, refused=refused)
    token = invitations.invite(record_id=rating.id, for_rater=True, at=at)
    return redirect("portal:progress", token=token)


def _send(request: HttpRequest, rating: evaluations.Rated, phone: str, at: datetime) -> str:
    """Send a code to the phone if it is that of the rating; in a demonstration, return it."""
    if phone != evaluations.phone_of(rating.id):
        return ""
    address = request.META.get("REMOTE_ADDR", "")
    digits = invitations.send_check(phone=phone, address=address, region=rating.region, at=at)
    return digits if settings.DEMO else ""


def _page(
    request: HttpRequest,
    rating: evaluations.Rated,
    *,
    phone: str = "",
    digits: str = "",
    refused: Refusal | None = None,
) -> HttpResponse:
    return pages.render(
        request,
        "portal/found.html",
        status=refused.status if refused else 200,
        rating=rating,
        phone=phone,
        digits=digits,
        refusal=refused,
    )
