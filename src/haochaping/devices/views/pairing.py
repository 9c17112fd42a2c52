"""The back-office's page about devices 设备."""

from itertools import batched
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.devices import actions, forms, queries, rules
from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NotFound, NothingChosen
from haochaping.kernel.numbers import whole
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions

PAGE = 50


@require_GET
def device_list(request: OfficeRequest) -> HttpResponseBase:
    """Show the devices, the quiet ones first, and the windows that can take one; as a file if asked
    for.
    """
    if downloads.wanted(request):
        at = clock.now()
        found = queries.found(request.person.reach.scope, _asked(request), at)
        some = batched(found.iterator(), _AT_ONCE)
        lines = (_line(one) for rows in some for one in queries.lines(rows, at))
        return downloads.answer(request, Table("devices", _TITLE, _COLUMNS, lines))
    return _devices(request)


_AT_ONCE = 500
_TITLE = Words("设备", "Devices")
_COLUMNS = (
    Column(Words("设备", "Device")),
    Column(Words("类型", "Kind")),
    Column(Words("大厅", "Hall")),
    Column(Words("窗口", "Window")),
    Column(Words("状态", "State")),
    Column(Words("最后报告", "Last seen")),
    Column(Words("待上传", "Waiting"), Kind.COUNT),
    Column(Words("缺号", "Gap"), Kind.COUNT),
    Column(Words("被拒", "Refused"), Kind.COUNT),
)
_DISABLED = Words("已停用", "Disabled")


def _line(one: queries.DeviceLine) -> Line:
    state = _DISABLED if one.disabled else one.health.says
    told = (one.kid, one.kind, one.hall, one.window, state, one.seen_at)
    return Line((*told, one.waiting, one.gap, one.dead))


def _asked(request: OfficeRequest) -> queries.Asked:
    """Return what the list is narrowed to."""
    given = request.GET
    kind, state = given.get("kind", ""), given.get("state", "")
    return queries.Asked(
        search=given.get("search", "").strip()[:40],
        kind=kind if kind in set(rules.DEVICES) else "",
        state=state if state in rules.STATES else "",
        city=whole(given.get("city", ""), digits=6),
    )


_OFFERED = 300  # windows of the form; more are found by the search


@pages.within_scope
def _devices(request: OfficeRequest, **told: Any) -> HttpResponse:
    person = request.person
    at = clock.now()
    scope, asked = person.reach.scope, _asked(request)
    search = asked.search
    page = Paginator(queries.found(scope, asked, at), PAGE).get_page(request.GET.get("page"))
    alive, used = queries.alive(scope, at)
    places = directory.windows_named(search, scope) if search else directory.windows(scope)
    windows_ = list(directory.still_open(places)[: _OFFERED + 1])
    return pages.render(
        request,
        "devices/list.html",
        status=told["refusal"].status if "refusal" in told else 200,
        page=page,
        lines=queries.lines(list(page), at),
        alive=alive,
        used=used,
        asked=asked,
        states=rules.STATES,
        tree=regions.tree(),
        onward=pages.onward(request.GET),
        windows=windows_[:_OFFERED],
        more=len(windows_) > _OFFERED,
        kinds=rules.DEVICES,
        minutes=rules.PAIRING_MINUTES,
        address=f"{settings.PUBLIC_URL}/k/",
        may_keep=Right.KEEP_DIRECTORY in person.rights,
        **told,
    )


@pages.posted("devices:list")
def offer_pairing(request: OfficeRequest) -> HttpResponse:
    """Make a pairing code for a window and show it once."""
    person = request.person
    window = _window(request)
    digits = actions.offer_pairing(
        window_id=window.id,
        region=window.region,
        kind=forms.device_kind(request.POST),
        by=person.id,
        at=clock.now(),
    )
    return _devices(request, digits=digits, window=f"{window.hall} {window.number}")


def _window(request: OfficeRequest) -> directory.At:
    """Return the window that was chosen; raises NothingChosen."""
    (window_id,) = pages.chosen(request.POST, "window")[:1]
    window = directory.at_window(window_id)
    if window is None:
        raise NothingChosen
    return window


@pages.posted("devices:list")
def move(request: OfficeRequest) -> HttpResponse:
    """Have a device stand at another window."""
    window, kid = _window(request), request.POST.get("kid", "").strip()[:32]
    try:
        actions.move_to(
            kid=kid, window_id=window.id, region=window.region, by=request.person.id, at=clock.now()
        )
    except NotFound:
        return _devices(request, refusal=rules.NoSuchDevice())
    return _devices(request, moved=kid, window=f"{window.hall} {window.number}")


@require_POST
def disable(request: OfficeRequest, device_id: int) -> HttpResponse:
    """Take a device out of use."""
    person = request.person
    actions.disable(device_id=device_id, by=person.id, at=clock.now())
    return redirect("devices:list")


@require_POST
def enable(request: OfficeRequest, device_id: int) -> HttpResponse:
    """Put a device in use again that was taken out of use."""
    actions.enable(device_id=device_id, by=request.person.id, at=clock.now())
    return redirect("devices:list")
