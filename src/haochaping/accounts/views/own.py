"""One's own account."""

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect

from haochaping.identity import actions
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import ROLES, BadPassword
from haochaping.kernel import clock, pages
from haochaping.regions import queries as regions


def own(request: OfficeRequest) -> HttpResponse:
    """Show one's own post; POST changes one's password and ends every other session."""
    if request.method != "POST":
        return _own(request)
    sent, person = request.POST, request.person
    try:
        user = actions.change_password(
            old=sent.get("old", "")[:256],
            new=sent.get("new", "")[:256],
            again=sent.get("again", "")[:256],
            by=person.id,
            at=clock.now(),
        )
    except BadPassword as refusal:
        return _own(request, refusal=refusal)
    update_session_auth_hash(request, user)  # this session goes on, the others end
    return redirect("console:desk")


@pages.within_scope
def _own(request: OfficeRequest, *, refusal: BadPassword | None = None) -> HttpResponse:
    person = request.person
    return pages.render(
        request,
        "accounts/own.html",
        role=ROLES[person.role].title,
        place=regions.tree().full_name(person.region),
        must=getattr(request.user, "must_change", False),
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )
