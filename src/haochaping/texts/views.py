"""The texts of one's own office."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import whole
from haochaping.texts import actions, queries, rules


@require_GET
def text_list(request: OfficeRequest) -> HttpResponse:
    """Show the texts that one's own office writes often."""
    return _texts(request)


@pages.posted("texts:list")
def change(request: OfficeRequest) -> HttpResponse:
    """Keep a text, or offer one no more."""
    person = request.person
    sent = request.POST
    try:
        retired = whole(sent.get("retire"))
        if retired is not None:
            actions.retire(text_id=retired, by=person.id, at=clock.now())
        else:
            actions.keep(
                fact=sent.get("fact", ""),
                title=sent.get("title", ""),
                text=sent.get("text", ""),
                by=person.id,
                at=clock.now(),
            )
    except rules.NothingWritten as refusal:
        return _texts(request, refusal=refusal)
    return redirect("texts:list")


@pages.within_scope
def _texts(request: OfficeRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    found = [(text, rules.KINDS[text.fact]) for text in queries.of_office(person)]
    return pages.render(
        request,
        "texts/list.html",
        texts=found,
        facts=rules.KINDS,
        refusal=refusal,
        status=422 if refusal else 200,
    )
