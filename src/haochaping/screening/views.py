"""Held ratings with their reasons, and releasing them."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import CHANNELS
from haochaping.identity.queries import OfficeRequest
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.records import queries as records
from haochaping.regions import queries as regions
from haochaping.screening import actions, queries, rules

PAGE = 30


@require_GET
def holds(request: OfficeRequest) -> HttpResponse:
    """Show the ratings that wait for a person."""
    return _holds(request)


@require_POST
def release(request: OfficeRequest, hold_id: int) -> HttpResponse:
    """Release one, with the reason."""
    person = request.person
    try:
        actions.release(
            hold_id=hold_id, note=request.POST.get("note", ""), by=person.id, at=clock.now()
        )
    except (actions.NoteMissing, actions.AlreadyReleased) as refusal:
        return _holds(request, refusal)
    return redirect("screening:holds")


@pages.within_scope
def _holds(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    found = queries.open_holds(person.reach.scope)
    held = list(found[:PAGE])
    keys = {hold.evaluation_id for hold in held}
    ratings = evaluations.rated(keys)
    return pages.render(
        request,
        "screening/holds.html",
        status=refusal.status if refusal else 200,
        holds=held,
        total=found.count(),
        ratings=ratings,
        services=records.services(keys),
        items=directory.item_names({rating.item_id for rating in ratings.values()}),
        departments=directory.department_names(
            {rating.department_id for rating in ratings.values()}
        ),
        levels=LEVELS,
        channels=CHANNELS,
        tree=regions.tree(),
        sentence=rules.sentence,
        refusal=refusal,
    )
