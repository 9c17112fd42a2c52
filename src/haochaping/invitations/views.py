"""The back-office's page about QR codes 二维码管理."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import batched
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.directory import queries as directory
from haochaping.exports import actions as exports
from haochaping.exports.rules import TooManyExports
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
def codes(request: OfficeRequest) -> HttpResponseBase:
    """Show the places of one kind with their codes and how often those were scanned; as a file if
    asked for, or as posters to print (`as=pdf`, behind the page).
    """
    told = getattr(request, "told", None)
    if downloads.wanted(request):
        return downloads.answer(request, Table("codes", _LISTED, _OF_CODES, _lines(request)))
    if told is not None and request.GET.get("as") == "pdf":
        kind = forms.kind(request.GET)
        places = queries.places(kind, _targets(request))
        made = queries.in_force(kind, list(places))
        told(len(made))
        body = _drawn(made, places, request.GET.get("paper", ""))
        return StreamingHttpResponse([body], content_type="application/pdf")
    return _codes(request)


_LISTED = Words("二维码", "QR codes")
_OF_CODES = (
    Column(Words("名称", "Name")),
    Column(Words("所在", "Where")),
    Column(Words("码", "Code")),
    Column(Words("地址", "Address")),
    Column(Words("生成时间", "Made")),
    Column(Words("近 30 天扫码", "Scans, 30 days"), Kind.COUNT),
    Column(Words("进入评价", "Led to a rating page"), Kind.COUNT),
    Column(Words("评价", "Ratings"), Kind.COUNT),
)


def _lines(request: OfficeRequest) -> Iterator[Line]:
    kind, since = forms.kind(request.GET), business_day(clock.now()) - timedelta(days=29)
    for some in batched(_targets(request), _AT_ONCE):
        places = queries.places(kind, list(some))
        made = {code.target_id: code for code in queries.in_force(kind, list(some))}
        counts = queries.scans([code.pk for code in made.values()], since)
        for pk in (pk for pk in some if pk in places):
            code, place = made.get(pk), places[pk]
            scanned = counts.get(code.pk, (0, 0, 0)) if code else (None, None, None)
            address = f"{settings.PUBLIC_URL}/p/{code.short}" if code else ""
            cells = (code.short, address, code.made_at) if code else ("", "", None)
            yield Line((place.title, place.hall or place.department, *cells, *scanned))


_AT_ONCE = 500
_MOST = 1000  # posters of one file


def _search(given: QueryDict) -> str:
    return given.get("search", "").strip()[:60]


def _found(request: OfficeRequest, given: QueryDict) -> QuerySet[Any]:
    """Return the places of the kind that is looked for, by what was searched."""
    kind, search = forms.kind(given), _search(given)
    found = directory.still_open(_LISTS[kind](request.person.reach.scope))
    if not search:
        return found
    if kind is not rules.Place.WINDOW:
        return found.filter(name__icontains=search)
    of_hall = Q(hall__name__icontains=search)  # every hall has an A03
    return found.filter(Q(number__icontains=search) | of_hall | Q(code=search))


def _targets(request: OfficeRequest) -> list[int]:
    return list(_found(request, request.GET).values_list("pk", flat=True))


@pages.within_scope
def _codes(request: OfficeRequest, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    given = request.POST or request.GET
    kind, search = forms.kind(given), _search(given)
    page = Paginator(_found(request, given), PAGE).get_page(request.GET.get("page"))
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
        gone=queries.out_of_use(kind, targets),
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
    if downloads.wanted(request):
        lines = [Line((day.isoformat(), *counts)) for day, *counts in _days(request, code_id)[1]]
        return downloads.answer(request, Table("scans", _TITLE, _COLUMNS, lines))
    return _code(request, code_id)


def _days(request: OfficeRequest, code_id: int) -> tuple[models.Code, list[queries.ScannedDay]]:
    found = queries.code(code_id, request.person.reach.covers)
    today = business_day(clock.now())
    return found, queries.scan_days(found.pk, today - _SPAN, today)


@pages.within_scope
def _code(request: OfficeRequest, code_id: int, refusal: Refusal | None = None) -> HttpResponse:
    found, days = _days(request, code_id)
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
        most=max((day[1] for day in days), default=0),
        scans=sum(day[1] for day in days),
        opened=sum(day[2] for day in days),
        rated=sum(day[3] for day in days),
        may_keep=Right.KEEP_DIRECTORY in request.person.rights,
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )


_SPAN = timedelta(days=59)
_TITLE = Words("扫码统计", "Scans")
_COLUMNS = (
    Column(Words("日期", "Day")),
    Column(Words("扫码", "Scans"), Kind.COUNT),
    Column(Words("进入评价", "Led to a rating page"), Kind.COUNT),
    Column(Words("评价", "Ratings"), Kind.COUNT),
)


@pages.posted("invitations:codes")
def make_codes(request: OfficeRequest) -> HttpResponse:
    """Make the codes of the ticked places; with `posters`, return them as a PDF to print."""
    person = request.person
    kind, at = forms.kind(request.POST), clock.now()
    try:
        if request.POST.get("every"):
            return _make_all(request)
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
    except (NothingChosen, FontMissing, TooManyExports, rules.TooManyPosters) as refusal:
        return _codes(request, refusal)


def _make_all(request: OfficeRequest) -> HttpResponse:
    """Make the codes of all places that were found, and have their posters made behind the page."""
    sent, person, at = request.POST, request.person, clock.now()
    kind, search = forms.kind(sent), _search(sent)
    targets = list(_found(request, sent).values_list("pk", flat=True)[: _MOST + 1])
    places = queries.places(kind, targets)
    if len(targets) > _MOST:
        raise rules.TooManyPosters
    actions.make_codes(
        kind=kind,
        targets=[(pk, places[pk].region) for pk in targets if pk in places],
        by=person.id,
        at=at,
    )
    asked = urlencode({"kind": kind, "search": search, "paper": sent.get("paper", "")})
    if not sent.get("posters"):
        return redirect(f"/admin/codes/?{asked}")
    exports.ask(
        page=f"/admin/codes/?{asked}",
        form="pdf",
        title=str(pages.say(_POSTERS)),
        by=person.id,
        region=person.region,
        at=at,
    )
    return redirect("exports:list")


_POSTERS = Words("二维码海报", "QR posters")


def _posters(
    codes_made: list[models.Code], places: dict[int, queries.PlaceFacts], paper: str
) -> HttpResponse:
    response = HttpResponse(_drawn(codes_made, places, paper), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="haochaping-posters.pdf"'
    return response


def _drawn(
    codes_made: list[models.Code], places: dict[int, queries.PlaceFacts], paper: str
) -> bytes:
    """Return the posters of codes as a PDF."""
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
    return channels.pdf(posters, paper if paper in channels.PAPERS else "a5")


@pages.posted("invitations:code", "code_id")
def disable_code(request: OfficeRequest, code_id: int) -> HttpResponseBase:
    """Take a code out of use, or replace it by a new one; or put it in use again."""
    by, at = request.person.id, clock.now()
    if request.POST.get("restore"):
        try:
            actions.restore_code(code_id=code_id, by=by, at=at)
        except rules.InUse as refusal:
            return _code(request, code_id, refusal)
        return redirect("invitations:code", code_id)
    replace = bool(request.POST.get("replace"))
    actions.disable_code(code_id=code_id, replace=replace, by=by, at=at)
    if replace:
        return redirect(f"/admin/codes/?kind={forms.kind(request.POST)}")
    return redirect("invitations:code", code_id)  # where it can be taken back
