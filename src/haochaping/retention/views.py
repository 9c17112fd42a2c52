"""留存期限: how long what is kept."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import SamePerson
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import whole
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM
from haochaping.retention import actions, queries, rules


@require_GET
def terms(request: OfficeRequest) -> HttpResponse:
    """Show the terms."""
    return _terms(request)


@pages.within_scope
def _terms(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    waiting = queries.waiting()
    return pages.render(
        request,
        "retention/terms.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        rows=rules.TERMS,
        now={key: term.days for key, term in queries.terms().items()},
        waiting=waiting,
        names=identity.names({one.proposed_by for one in waiting.values()}),
        me=request.person.id,
        for_good=rules.FOR_GOOD,
        may=request.person.region == PROVINCE_OF_THE_PLATFORM,
    )


@pages.posted("retention:terms")
def propose(request: OfficeRequest) -> HttpResponse:
    """Propose another term."""
    sent = request.POST
    try:
        actions.propose(
            key=sent.get("key", ""),
            days=whole(sent.get("days"), digits=4),
            by=request.person.id,
            at=clock.now(),
        )
    except rules.BadTerm as refusal:
        return _terms(request, refusal)
    return redirect("retention:terms")


@pages.posted("retention:terms")
def decide(request: OfficeRequest, key: int) -> HttpResponse:
    """Put a term in force, or drop it."""
    approve = request.POST.get("verdict") == "approve"
    try:
        actions.decide(change_id=key, approve=approve, by=request.person.id, at=clock.now())
    except SamePerson as refusal:
        return _terms(request, refusal)
    return redirect("retention:terms")
