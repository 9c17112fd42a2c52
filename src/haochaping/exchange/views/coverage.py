"""覆盖检查: what nobody can rate yet, as a list to be worked off and as a file."""

from collections import Counter
from enum import StrEnum

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from haochaping.exchange.queries import coverage as queries
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.numbers import whole
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.regions.rules import narrowed

PAGE = 50


@require_GET
def coverage(request: OfficeRequest) -> HttpResponseBase:
    """Show which windows, departments or items cannot be rated yet, or were not lately."""
    given = request.GET
    kind = queries.Kind(_one(request, "kind", queries.Kind, queries.Kind.WINDOWS))
    state = _one(request, "state", queries.State, "")
    city = whole(given.get("city", ""), digits=6)
    scope = narrowed(request.person.reach.scope, city)
    seen = queries.coverage(kind, scope, clock.now())
    search = given.get("search", "").strip()[:60]
    named = seen.named(search) if search else set(seen.keys)
    states = list(map(seen.state, seen.keys))
    found = [
        key
        for key, stands in zip(seen.keys, states, strict=True)
        if (not state or stands == state) and key in named
    ]
    if downloads.wanted(request):
        lines = map(_line, seen.told(found))
        return downloads.answer(request, Table("coverage", _TITLE, _COLUMNS, lines))
    page = Paginator(found, PAGE).get_page(given.get("page"))
    return pages.render(
        request,
        "exchange/coverage.html",
        kind=kind,
        kinds=queries.KINDS,
        state=state,
        states=queries.STATES,
        counts=Counter(states),
        total=len(seen.keys),
        page=page,
        shown=list(seen.told(list(page))),
        base=f"{pages.onward(given)}&page=",
        search=search,
        city=city,
        tree=regions.tree(),
    )


def _one(request: HttpRequest, name: str, among: type[StrEnum], otherwise: str) -> str:
    value = request.GET.get(name, "")
    return value if value in among else otherwise


_TITLE = Words("覆盖检查", "Coverage")
_COLUMNS = (
    Column(Words("编号", "Code")),
    Column(Words("名称", "Name")),
    Column(Words("单位", "Department")),
    Column(Words("地区", "Place")),
    Column(Words("状态", "State")),
    Column(Words("二维码", "QR code")),
    Column(Words("评价设备", "Device")),
    Column(Words("近 28 天办件", "Services, 28 days"), Kind.COUNT),
    Column(Words("近 28 天评价", "Ratings, 28 days"), Kind.COUNT),
)
_HAS = {True: Words("有", "yes"), False: Words("无", "none")}


def _line(one: queries.Covered) -> Line:
    return Line(
        (
            one.code,
            one.name,
            one.whose,
            regions.tree().full_name(one.region),
            queries.STATES[one.state],
            _HAS[one.has_code],
            _HAS[one.has_device],
            one.services,
            one.ratings,
        )
    )
