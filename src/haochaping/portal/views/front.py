"""Front page, language, receipt and progress."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from markupsafe import Markup

from haochaping.announcements import queries as announcements
from haochaping.announcements.rules import Audience
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import CHANNELS, ON_SITE, Channel
from haochaping.feed import queries as feed
from haochaping.feed.rules import Kind
from haochaping.feedback import actions as feedback
from haochaping.feedback import queries as told
from haochaping.identity import queries as identity
from haochaping.indicators.rules import LEVELS
from haochaping.invitations import actions as invitations
from haochaping.invitations import queries as links
from haochaping.kernel import clock, pages, qr
from haochaping.kernel.errors import Refusal
from haochaping.kernel.limits import Limits
from haochaping.kernel.words import Words, storable
from haochaping.orders.rules import Incomplete, NotNow, State, TooLate
from haochaping.policies import queries as policies
from haochaping.proofs import queries as proofs
from haochaping.records import queries as records

_PER_LINK = Limits(20)  # tries a minute to send one form


def home(request: HttpRequest) -> HttpResponse:
    """Show what one can do here."""
    return pages.render(
        request,
        "portal/home.html",
        missing=request.GET.get("missing"),
        told=announcements.told(Audience.PUBLIC, clock.now(), most=3),
        title_of=announcements.title_of,
    )


def language(request: HttpRequest) -> HttpResponse:
    """Remember the language and go back."""
    chosen, back = request.GET.get("to", ""), request.GET.get("next", "/")
    response = HttpResponseRedirect(
        back
        if back.startswith("/") and url_has_allowed_host_and_scheme(back, {request.get_host()})
        else "/"
    )
    pages.speak(response, chosen)
    return response


_LOOKED_AT = 2000  # unrated services among which one is offered


def _to_try() -> int | None:
    """Return a service that nobody has rated or was asked about, for the demonstration's "try it".

    First of a department whose handler can sign in, so that the visitor can follow a bad rating
    through every desk.
    """
    found = evaluations.unrated_at_windows(_LOOKED_AT)
    staffed, asked = identity.departments_with("handler"), links.invited({key for key, _ in found})
    free = [(key, department in staffed) for key, department in found if key not in asked]
    return max(free, key=lambda one: (one[1], one[0]))[0] if free else None


def try_rating(_request: HttpRequest) -> HttpResponse:
    """In a demonstration, invite the visitor to rate a service."""
    if not settings.DEMO:
        raise Http404
    found = _to_try()
    if found is None:
        raise Http404
    token = invitations.invite(record_id=found, at=clock.now())
    return redirect("evaluations:rate", token=token)


def short(request: HttpRequest, token: str) -> HttpResponse:
    """Lead from the short address of an SMS to the rating page.

    Link previewers may open it as often as they like: nothing is spent.
    """
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(f"/e/{token}{query}")


def widget(_request: HttpRequest) -> HttpResponse:
    """Give the widget's script under an address that stays: pages of others hold it.

    It may be kept for an hour.
    """
    script = (
        Path(settings.STATIC_ROOT) / pages.asset("widget.js").removeprefix("/static/")
    ).read_bytes()
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def try_widget(request: HttpRequest) -> HttpResponse:
    """Show integrators the widget at work, with what to copy.

    The live one only in a demonstration.
    """
    found = _to_try() if settings.DEMO else None
    url = ""
    if found is not None:
        origin = request.build_absolute_uri("/").rstrip("/")
        token = invitations.invite(
            record_id=found, channel=Channel.WEB, embed=origin, days=1, at=clock.now()
        )
        url = f"/e/{token}"
    response = pages.render(request, "portal/widget.html", url=url, address=settings.PUBLIC_URL)
    return pages.with_policy(request, response, **{"frame-src": [CSP.SELF]})


def health(_request: HttpRequest) -> HttpResponse:
    """Say whether pages can be served, for load balancers: they can, or this is no 200.

    What is not well behind them is named for whoever watches (docs/operate/): citizens are served
    all the same.
    """
    alarms = feed.alarms(clock.now())
    return JsonResponse({"status": "degraded" if alarms else "ok", "alarms": alarms})


@csrf_exempt  # no cookie is involved: whoever holds the link may speak for the rating
@require_POST
def judge(request: HttpRequest, token: str) -> HttpResponse:
    """Take the citizen's word on the handling, or a question to whoever works on it."""
    link, at = links.opened(token, clock.now()), clock.now()
    if not link.of_rater:
        raise links.NotTheRater
    verdict, words = (
        request.POST.get("verdict", ""),
        request.POST.get("words", "").replace("\0", ""),
    )
    _PER_LINK.spend(token, at)
    try:
        if not storable(words):
            raise Incomplete(
                Words(
                    "输入含有不允许的字符，请重新输入。",
                    "The input holds characters that are not allowed; type it again.",
                )
            )
        if verdict == "ask":
            feedback.ask_again(evaluation_id=link.record_id, words=words, at=at)
        elif verdict in ("satisfied", "unsatisfied"):
            feedback.judge(
                evaluation_id=link.record_id, satisfied=verdict == "satisfied", words=words, at=at
            )
    except (NotNow, Incomplete, TooLate) as refusal:
        return progress(request, token, refusal=refusal)
    return redirect(f"{reverse('portal:progress', args=[token])}?open=1")


def progress(request: HttpRequest, token: str, refusal: Refusal | None = None) -> HttpResponse:
    """Show the receipt and how far things are.

    The level itself is hidden until asked for: nobody can be made to show it in passing.
    """
    link = links.opened(token, clock.now())
    rating = evaluations.rated({link.record_id}).get(link.record_id)
    if rating is None:
        return redirect("evaluations:rate", token=token)
    at_hand = link.device_id is not None or (link.shared and link.channel in ON_SITE)
    if at_hand and link.finished_at is not None:
        return _thanks(request, link, rating)
    if not link.of_rater:
        raise links.NotTheRater
    terms = policies.terms(rating.region, clock.now())
    context: dict[str, Any] = {
        "token": token,
        "what": records.served(link.record_id),
        "rating": rating,
        "levels": LEVELS,
        "channels": CHANNELS,
        "follow_up": evaluations.follow_up(link.record_id),
        "progress": told.progress(link.record_id),
        "replaced": evaluations.replacement(link.record_id),
        "may_replace": clock.now() <= rating.received_at + timedelta(days=terms.change),
        "refusal": refusal,
        "opened": request.GET.get("open") == "1",
        "state": State,
        "qr": _qr(request.build_absolute_uri(request.path)),
        "terms": terms,
        "ledger": proofs.standing(link.record_id),
        **pages.sight(request.GET),
        "embed": link.embed,
        "back_url": link.back_url,
    }
    status = refusal.status if refusal else 200
    page = pages.render(request, "portal/progress.html", status=status, **context)
    return pages.framed(request, page, link.embed)


def proof(request: HttpRequest, token: str) -> HttpResponse:
    """Warn that a proof can be shown to others, then give it as a file to whoever rated.

    Default views prove that a rating is in the ledger without showing it: who is asked for more can
    truly say that there is no more to see (trust design §1.7).
    """
    link = links.opened(token, clock.now())
    if not link.of_rater or not link.record_id:
        raise links.NotTheRater
    stands = proofs.standing(link.record_id)
    rating = evaluations.rated({link.record_id}).get(link.record_id)
    if rating is None:
        return redirect("evaluations:rate", token=token)
    asked = request.GET.get("download", "")
    if asked == "promise":
        text, ending = proofs.promise_of(link.record_id, clock.now()), "promise"
    else:
        kind, ending = _PROOFS.get(asked, (None, ""))
        text = proofs.proof_of(link.record_id, kind) if kind is not None else None
    if text is not None:
        file = HttpResponse(text, content_type="text/plain; charset=utf-8")
        name = f"haochaping-{rating.receipt}.{ending}"
        file["Content-Disposition"] = f'attachment; filename="{name}"'
        file["Cache-Control"] = "no-store"
        return file
    page = pages.render(
        request,
        "portal/proof.html",
        token=token,
        rating=rating,
        ledger=stands,
        follow_up=evaluations.follow_up(link.record_id),
        replaced=evaluations.replacement(link.record_id),
        **pages.sight(request.GET),
        embed=link.embed,
    )
    return pages.framed(request, page, link.embed)


# of what a proof is asked for, and how its file's name ends
_PROOFS = {
    "1": (Kind.RATING, "tlog-proof"),
    "follow_up": (Kind.FOLLOW_UP, "follow-up.tlog-proof"),
    "replaced": (Kind.REPLACED, "replacement.tlog-proof"),
}


_AT_THE_DEVICE = timedelta(minutes=2)  # in which who rated may take the progress along


def _thanks(request: HttpRequest, link: links.Opened, rating: evaluations.Rated) -> HttpResponse:
    """Thank on a device that others touch too; its link never shows what was said.

    Who stands there takes a link of their own along as a QR code.
    """
    at, picture = clock.now(), None
    fresh = link.finished_at is not None and at - link.finished_at <= _AT_THE_DEVICE
    if fresh and not link.shared:  # whoever knows that one's address could read this one's too
        token = invitations.invite(record_id=link.record_id, for_rater=True, at=at)
        picture = _qr(f"{settings.PUBLIC_URL}{reverse('portal:short', args=[token])}")
    page = pages.render(
        request,
        "portal/thanks.html",
        rating=rating,
        qr=picture,
        **pages.sight(request.GET),
        embed=link.embed,
    )
    return pages.framed(request, page, link.embed)


def _qr(address: str) -> Markup:
    """Return an address as a QR code, to go on with on one's own phone."""
    return Markup(  # noqa: S704 - drawn by us
        qr.drawing(address, error="m", border=0, scale=3, namespace=False)
    )
