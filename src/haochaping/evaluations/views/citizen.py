"""The citizen's page: five faces, codes of the chosen level, words.

It works without JavaScript; its link is the only credential.
"""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from haochaping.devices import actions as devices
from haochaping.directory import queries as directory
from haochaping.evaluations import actions, forms, models, rules
from haochaping.identity.rules import SYSTEM
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import LEVELS, Where, offered
from haochaping.invitations import actions as invitations
from haochaping.invitations import queries as links
from haochaping.kernel import addresses, clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.limits import Limits
from haochaping.records import queries as records

_PER_LINK = Limits(20)  # tries a minute to send one form


@csrf_exempt  # no cookie is involved: whoever holds the link may rate, and nobody else can know it
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form; take the rating.

    Opening the link spends nothing, so link previewers are harmless.
    """
    link = links.opened(token, clock.now())
    if models.Evaluation.objects.filter(pk=link.record_id).exists():
        return redirect("portal:progress", token=token)  # which asks whose the link is
    return _rate(request, token, link, rules.Kind.FIRST)


@csrf_exempt  # as above
def more(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form for a follow-up 追评; take it. It never overwrites the first rating."""
    link = links.opened(token, clock.now())
    if not models.Evaluation.objects.filter(pk=link.record_id).exists():
        return redirect("evaluations:rate", token=token)
    if not link.of_rater:
        raise links.NotTheRater
    if models.FollowUp.objects.filter(pk=link.record_id).exists():
        return redirect("portal:progress", token=token)
    return _rate(request, token, link, rules.Kind.FOLLOW_UP)


@csrf_exempt  # as above
def change(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form to replace a rating 改评, once; take it. The first one stays beside it."""
    link = links.opened(token, clock.now())
    if (
        models.Replacement.objects.filter(pk=link.record_id).exists()
        or not models.Evaluation.objects.filter(pk=link.record_id).exists()
    ):
        return redirect("portal:progress", token=token)
    if not link.of_rater:
        raise links.NotTheRater
    return _rate(request, token, link, None)


def _rate(
    request: HttpRequest, token: str, link: links.Opened, kind: rules.Kind | None
) -> HttpResponse:
    what = records.served(link.record_id)
    if request.method != "POST":
        return _form(request, link, what, kind)
    _PER_LINK.spend(token, clock.now())
    if "keep" in request.POST:
        return _written_anew(request, link, what, kind)
    try:
        if not request.POST.get("level"):
            raise rules.refusal("nothing_chosen", "level")
        given = forms.read(
            request.POST,
            project_no=what.service.project_no,
            service_number=what.service.service_number,
            kind=kind or rules.Kind.FIRST,
            channel=rules.Channel(link.channel),
        )
        if kind is None:
            actions.replace(given=given, record_id=link.record_id, by=SYSTEM, at=clock.now())
        else:
            token = _store(given, token, link, addresses.network(request.META))
    except rules.AlreadyRated:
        pass  # sent twice, or rated elsewhere in between: the progress page tells
    except Refusal as refusal:
        return _form(request, link, what, kind, refusal=refusal, status=422)
    kept = urlencode(
        {name: value for name in ("size", "scale") if (value := request.POST.get(name, ""))}
    )
    return HttpResponseRedirect(
        f"{reverse('portal:progress', args=[token])}{'?' if kept else ''}{kept}"
    )


def _written_anew(
    request: HttpRequest, link: links.Opened, what: records.Served, kind: rules.Kind | None
) -> HttpResponse:
    """Show the form with what was typed, in another size or language."""
    changed, _, to = request.POST["keep"].partition(":")
    sent = request.POST.copy()
    if changed == "size":
        sent["size"] = to
    request.POST = sent  # type: ignore[assignment]
    language = to if changed == "language" and to in dict(settings.LANGUAGES) else None
    with translation.override(language or translation.get_language()):
        response = _form(request, link, what, kind)
    if language:
        pages.speak(response, language)
    return response


def _where(channel: int, service: records.Service) -> Where:
    """Return where somebody rates; of the item only where some code asks for it."""
    items = directory.item_labels({service.item_id}) if indicators.by_item() else {}
    code = items[service.item_id][0] if service.item_id in items else None
    return Where(channel, service.region, code)


def _store(given: rules.Given, token: str, link: links.Opened, network: str) -> str:
    """Store a rating; return the token that the citizen goes on with. A link that a system knows
    too shows nothing any more.
    """
    at = clock.now()
    with transaction.atomic():
        stored = actions.rate_one(given=given, at=at)
        if stored.outcome is rules.Outcome.ACCEPTED:  # who repeats another's words is not the rater
            invitations.finish(token=token, at=at)
            actions.trace(evaluation_id=stored.id, network=network, at=at)
            if link.shared and link.channel not in rules.ON_SITE:
                token = invitations.invite(
                    record_id=stored.id,
                    channel=link.channel,
                    back_url=link.back_url,
                    embed=link.embed,
                    for_rater=True,
                    at=at,
                )
        devices.answer_call(record_id=stored.id, outcome="rated", at=at)
    return token


def _form(
    request: HttpRequest,
    link: links.Opened,
    what: records.Served,
    kind: rules.Kind | None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    sent = request.POST
    level = sent.get("level", "")
    context: dict[str, Any] = {
        "preview": None,
        "what": what,
        "levels": LEVELS,
        "choices": offered(
            indicators.catalogue().values(),
            online=what.service.online,
            where=_where(link.channel, what.service),
        ),
        "follow_up": kind is rules.Kind.FOLLOW_UP,
        "replacing": kind is None,
        **pages.sight(sent or request.GET),
        "embed": link.embed,
        "refusal": refusal,
        "chosen": level,
        "ticked": set(sent.getlist(f"codes{level}")) if level else set(),
        "words": sent.get("words", ""),
        "phone": sent.get("phone", ""),
        "longest": rules.MAX_WORDS,
    }
    return pages.framed(
        request,
        pages.render(request, "evaluations/rate.html", status=status, **context),
        link.embed,
    )
