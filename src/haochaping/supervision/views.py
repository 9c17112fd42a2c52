"""The supervision board 督办看板."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, pages
from haochaping.orders.rules import SIDES
from haochaping.regions import queries as regions
from haochaping.supervision import queries
from haochaping.supervision.queries import Row


@require_GET
def board(request: OfficeRequest) -> HttpResponse:
    """Show the supervision board."""
    person = request.person
    at = clock.now()
    found = queries.board(person.reach, at)
    places = [(regions.tree().name(code) or str(code), row) for code, row in found.regions]
    return pages.render(
        request,
        "supervision/board.html",
        board=found,
        places=places,
        sides=SIDES,
        looks=queries.looks(person.reach, at),
        total=Row.total(found.departments),
    )
