"""One's own exports."""

from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from haochaping.exports import actions, queries, rules
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, pages
from haochaping.kernel.downloads import KINDS, PDF
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.retention import queries as retention

PAGE = 20


@require_GET
def export_list(request: OfficeRequest) -> HttpResponse:
    """Show one's exports; the page looks again by itself while one of them is made."""
    page = Paginator(queries.of_person(request.person.id), PAGE).get_page(request.GET.get("page"))
    return pages.render(
        request,
        "exports/list.html",
        page=page,
        states=rules.STATES,
        open=any(one.state in rules.OPEN for one in page),
        kept=retention.term("exports").days,
    )


@require_POST
def new(request: OfficeRequest) -> HttpResponse:
    """Ask for the list of a page as a file; a program gets 202 and where to look."""
    sent, person = request.POST, request.person
    export_id = actions.ask(
        page=sent.get("page", ""),
        form=sent.get("form", ""),
        title=sent.get("title", ""),
        by=person.id,
        region=person.region,
        at=clock.now(),
    )
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse(
            {"export": export_id},
            status=202,
            headers={"Location": reverse("exports:file", args=[export_id])},
        )
    return redirect("exports:list")


@require_GET
def file(request: OfficeRequest, key: int) -> HttpResponseBase:
    """Hand out the file of an export of one's own, and note it."""
    found = queries.file(request.person.id, key)
    if found is None:
        raise NotFound
    request.reads.append(("export", key, "download", {"path": found.path}, found.region))
    answer = StreamingHttpResponse(queries.parts(key), content_type=(KINDS | PDF)[found.form])
    name = f"{found.title}-{business_day(found.made_at):%Y%m%d}.{found.form}"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Content-Length"] = str(found.size)
    return answer
