"""The map of one's own place: brought along by its office, shown instead of tiles."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.identity.queries import OfficeRequest
from haochaping.insight import actions, queries
from haochaping.insight.rules.maps import LARGEST, BadMap
from haochaping.kernel import clock, pages
from haochaping.regions import queries as regions


@require_GET
def own_map(request: OfficeRequest) -> HttpResponse:
    """Show the map of one's place and how to bring another."""
    return _own_map(request)


@pages.posted("insight:own_map")
def change_map(request: OfficeRequest) -> HttpResponse:
    """Keep an uploaded map, or show tiles again."""
    person, at = request.person, clock.now()
    if "retire" in request.POST:
        actions.retire_map(region=person.region, by=person.id, at=at)
        return redirect("insight:own_map")
    file = request.FILES.get("file")
    try:
        actions.keep_map(
            region=person.region,
            file=file.read(LARGEST + 1) if file else b"",
            approval=request.POST.get("approval", ""),
            by=person.id,
            at=at,
        )
    except BadMap as refusal:
        return _own_map(request, refusal=refusal)
    return redirect("insight:own_map")


@pages.within_scope
def _own_map(request: OfficeRequest, *, refusal: BadMap | None = None) -> HttpResponse:
    tree, person = regions.tree(), request.person
    below = {code // 10**6: tree.name(code) for code in tree.children(person.region)}
    return pages.render(
        request,
        "insight/own_map.html",
        place=tree.full_name(person.region),
        map=queries.map_of(person.region),
        names=below,
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )
