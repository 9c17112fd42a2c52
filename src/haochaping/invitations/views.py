"""The back-office's page about QR codes 二维码管理."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.invitations import actions, channels, forms, models, queries, rules
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NothingChosen, Refusal
from haochaping.kernel.moments import business_day
from haochaping.kernel.qr import data_address
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.typeset import FontMissing
from haochaping.kernel.words import Words

PAGE = 30
_LISTS: dict[rules.Place, Any] = {
    rules.Place.WINDOW: directory.windows,
    rules.Place.HALL: directory.halls,
    rules.Place.ITEM: directory.items,
    rules.Place.DEPARTMENT: directory.departments,
    rules.Place.STAFF: directory.staff,
}


@require_GET
def codes(request: OfficeRequest) -> HttpResponse:
    """Show the places of one kind with their codes and how often those were scanned."""
    return _codes(request)


@pages.within_scope
def _codes(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    kind = forms.kind(request.POST or request.GET)
    found = _LISTS[kind](person.reach.scope)
    search = request.GET.get("search", "").strip()[:60]
    if search:
        found = found.filter(
            **{"number__icontains" if kind is rules.Place.WINDOW else "name__icontains": search}
        )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    targets = [row.pk for row in page]
    by_target = {code.target_id: code for code in queries.in_force(kind, targets)}
    return pages.render(
        request,
        "invitations/codes.html",
        status=refusal.status if refusal else 200,
        kind=kind,
        kinds=rules.KINDS,
        page=page,
        places=queries.places(kind, targets),
        codes=by_target,
        scans=queries.scans(
            [code.pk for code in by_target.values()], business_day(clock.now()) - timedelta(days=29)
        ),
        search=search,
        refusal=refusal,
        may_keep=Right.KEEP_DIRECTORY in person.rights,
    )


@require_GET
def code(request: OfficeRequest, code_id: int) -> HttpResponseBase:
    """Show one code: how it looks, and its scans day by day; as a file if asked for."""
    found = queries.code(code_id, request.person.reach.covers)
    today = business_day(clock.now())
    days = queries.scan_days(found.pk, today - _SPAN, today)
    if downloads.wanted(request):
        lines = [Line((day.isoformat(), scans, opened)) for day, scans, opened in days]
        return downloads.answer(request, Table("scans", _TITLE, _COLUMNS, lines))
    kind = rules.Place(found.kind)
    address = f"{settings.PUBLIC_URL}/p/{found.short}"
    return pages.render(
        request,
        "invitations/code.html",
        code=found,
        kind=rules.KINDS[kind],
        place=queries.places(kind, [found.target_id]).get(found.target_id),
        address=address,
        drawn=data_address(address),
        days=days,
        most=max((scans for _, scans, _ in days), default=0),
        scans=sum(scans for _, scans, _ in days),
        opened=sum(opened for _, _, opened in days),
    )


_SPAN = timedelta(days=59)
_TITLE = Words("扫码统计", "Scans")
_COLUMNS = (
    Column(Words("日期", "Day")),
    Column(Words("扫码", "Scans"), Kind.COUNT),
    Column(Words("进入评价", "Led to a rating page"), Kind.COUNT),
)


@require_POST
def make_codes(request: OfficeRequest) -> HttpResponse:
    """Make the codes of the ticked places; with `posters`, return them as a PDF to print."""
    person = request.person
    kind, at = forms.kind(request.POST), clock.now()
    try:
        asked = pages.chosen(request.POST, "target")
        places = {
            pk: place
            for pk, place in queries.places(kind, asked).items()
            if person.reach.covers(place.region)
        }
        made = actions.make_codes(
            kind=kind,
            targets=[(pk, places[pk].region) for pk in asked if pk in places],
            by=person.id,
            at=at,
        )
        if not request.POST.get("posters"):
            return redirect(f"/admin/codes/?kind={kind}")
        return _posters(made, places, request.POST.get("paper", ""))
    except (NothingChosen, FontMissing) as refusal:
        return _codes(request, refusal)


def _posters(
    codes_made: list[models.Code], places: dict[int, queries.PlaceFacts], paper: str
) -> HttpResponse:
    posters = [
        channels.Poster(
            place.title,
            " · ".join(
                dict.fromkeys(
                    name for name in (place.hall, place.department) if name and name != place.title
                )
            ),
            f"{settings.PUBLIC_URL}/p/{code.short}",
        )
        for code in codes_made
        if (place := places.get(code.target_id)) is not None
    ]
    response = HttpResponse(
        channels.pdf(posters, paper if paper in channels.PAPERS else "a5"),
        content_type="application/pdf",
    )
    response["Content-Disposition"] = 'attachment; filename="haochaping-posters.pdf"'
    return response


@require_POST
def disable_code(request: OfficeRequest, code_id: int) -> HttpResponse:
    """Take a code out of use, or replace it by a new one."""
    person = request.person
    actions.disable_code(
        code_id=code_id, replace=bool(request.POST.get("replace")), by=person.id, at=clock.now()
    )
    return redirect(f"/admin/codes/?kind={forms.kind(request.POST)}")
