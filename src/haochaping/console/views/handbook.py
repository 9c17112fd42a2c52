"""帮助: the handbook of whoever is signed in."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from haochaping.console.rules import HANDBOOK
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import ROLES
from haochaping.kernel import pages


@require_GET
def handbook(request: OfficeRequest) -> HttpResponse:
    """Show the chapters of the pages that this person's post opens, in the menu's order."""
    parts = []
    for title, entries in request.menu:
        pages_of = dict[str, list[object]]()  # several tables are one page
        for entry in entries:
            pages_of.setdefault(entry.route, []).append(entry)
        parts.append((title, [(route, HANDBOOK[route], of) for route, of in pages_of.items()]))
    role = ROLES[request.person.role].title
    return pages.render(request, "console/handbook.html", parts=parts, role=role)
