"""12345 对接: how the exchange with the cities' own systems goes, connecting and starting one."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.exchange import actions, queries, tasks
from haochaping.identity import queries as people
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.kernel import clock, marks, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.numbers import KEY, whole
from haochaping.regions import queries as regions
from haochaping.regions.rules import parse_code


@require_GET
def hotlines(request: OfficeRequest) -> HttpResponse:
    """Show how the exchange with the 12345 systems of cities goes."""
    return _hotlines(request)


@pages.within_scope
def _hotlines(
    request: OfficeRequest, refusal: Refusal | None = None, shown: Mapping[str, str] | None = None
) -> HttpResponse:
    person, tree = request.person, regions.tree()
    found = queries.hotlines(person.reach.scope)
    links = [
        (
            link,
            tree.full_name(link.hotline.region),
            marks.mark(*queries.terms_of_hotline(link.hotline)),
        )
        for link in found
    ]
    connected = people.names({link.hotline.changed_by for link in found})
    return pages.render(
        request,
        "exchange/hotlines.html",
        status=refusal.status if refusal else 200,
        links=links,
        connected=connected,
        places=[(code, tree.name(code)) for code in tree.cities() if person.reach.covers(code)],
        may_connect=Right.KEEP_KEYS in person.rights,
        may_start=Right.EXCHANGE in person.rights,
        me=person.id,
        refusal=refusal,
        shown=shown,
    )


@pages.posted("exchange:hotlines")
def connect_hotline(request: OfficeRequest) -> HttpResponse:
    """Hand a city's orders to its own system; another person starts it."""
    sent = request.POST
    region = parse_code(sent.get("region", "")) or 0
    if region not in regions.tree().cities():
        raise NotFound
    try:
        kid, secret = actions.connect_hotline(
            region=region, url=sent.get("url", "").strip(), by=request.person.id, at=clock.now()
        )
    except Refusal as refusal:
        return _hotlines(request, refusal)
    return _hotlines(request, None, {"kid": kid, "secret": secret})


@pages.posted("exchange:hotlines")
def change_hotline(request: OfficeRequest) -> HttpResponse:
    """Start or stop the exchange with a city's system."""
    key = whole(request.POST.get("hotline"), digits=KEY) or 0
    do, shown = request.POST.get("do", ""), request.POST.get("shown")
    by, at = request.person.id, clock.now()
    try:
        if do == "start":
            actions.start_hotline(hotline_id=key, shown=shown, by=by, at=at)
        elif do == "stop":
            actions.stop_hotline(hotline_id=key, by=by, at=at)
        else:
            raise NotFound
    except Refusal as refusal:
        return _hotlines(request, refusal)
    tasks.say_answer.defer(hotline_id=key)
    return redirect("exchange:hotlines")
