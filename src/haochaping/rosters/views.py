"""排班: a hall's week."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.kernel import clock, downloads, pages, parcels
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import business_day, parse_day
from haochaping.kernel.numbers import whole
from haochaping.kernel.sheets import rows_of
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.rosters import actions, queries, rules


@require_GET
def roster(request: OfficeRequest) -> HttpResponseBase:
    """Show who sits at which window of a hall in a week; as a file if asked for, which can be taken
    in again.
    """
    if downloads.wanted(request):
        return downloads.answer(request, _table(request))
    return _roster(request)


def _table(request: OfficeRequest) -> Table:
    scope, asked = request.person.reach.scope, request.GET
    halls = list(directory.still_open(directory.halls(scope)))
    hall = _hall(halls, asked)
    windows = {one.pk: one for one in _windows(scope, hall.pk)} if hall else {}
    shifts = queries.week(list(windows), _monday(asked.get("week", "")))
    people = directory.staff_labels({one.staff_id for one in shifts})
    columns = (
        Column(Words("窗口编码", "window")),
        Column(Words("工号", "staff")),
        Column(Words("姓名", "name")),
        Column(Words("日期", "day")),
        Column(Words("起", "begins")),
        Column(Words("止", "ends")),
    )
    lines = []
    for one in shifts:
        name, number = people.get(one.staff_id, ("", ""))
        hours = f"{one.begins:%H:%M}", f"{one.ends:%H:%M}"
        lines.append(Line((windows[one.window_id].code, number, name, str(one.day), *hours)))
    return Table("roster", Words("排班", "Roster"), columns, lines)


def _hall(halls: Sequence[Any], asked: Mapping[str, str]) -> Any:
    """Return the hall that is asked for, else the first."""
    wanted = whole(asked.get("hall"), digits=9)
    return next((one for one in halls if one.pk == wanted), halls[0] if halls else None)


def _monday(text: str) -> date:
    day = parse_day(text) or business_day(clock.now())
    return day - timedelta(days=day.weekday())


@pages.within_scope
def _roster(request: OfficeRequest, refusal: Refusal | None = None, **told: Any) -> HttpResponse:
    person, asked = request.person, request.POST or request.GET
    may = Right.KEEP_DIRECTORY in person.rights
    halls = list(directory.still_open(directory.halls(person.reach.scope)))
    hall = _hall(halls, asked)
    monday = _monday(asked.get("week", ""))
    windows = _windows(person.reach.scope, hall.pk) if hall else []
    shifts = queries.week([one.pk for one in windows], monday)
    cells: dict[tuple[int, date], list[object]] = {}
    for one in shifts:
        cells.setdefault((one.window_id, one.day), []).append(one)
    return pages.render(
        request,
        "rosters/week.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        to_undo=queries.to_undo(person.reach.scope, clock.now()) if may else (),
        halls=halls,
        hall=hall,
        tree=regions.tree(),
        windows=windows,
        days=[monday + timedelta(days=n) for n in range(queries.WEEK)],
        before=monday - timedelta(days=queries.WEEK),
        after=monday + timedelta(days=queries.WEEK),
        today=business_day(clock.now()),
        cells=cells,
        names=directory.staff_labels({one.staff_id for one in shifts}),
        may=may,
        sent=request.POST,
        **told,
    )


def _windows(scope: tuple[int, int], hall_id: int) -> list[Any]:
    return list(directory.still_open(directory.windows(scope)).filter(hall_id=hall_id))


@pages.posted("rosters:week")
def change(request: OfficeRequest) -> HttpResponse:
    """Add a shift, remove one, or copy the week before."""
    sent, by, at = request.POST, request.person.id, clock.now()
    scope = request.person.reach.scope
    windows = {one.code: one for one in _windows(scope, whole(sent.get("hall"), digits=9) or 0)}
    regions_ = {one.pk: one.hall.region for one in windows.values()}
    do = sent.get("do", "")
    try:
        if do == "add":
            ids = {code: one.pk for code, one in windows.items()}
            staff = directory.staff_by_number(scope)
            hours = rules.hours(sent.dict(), ids, staff, business_day(at))
            actions.add(hours=hours, region=regions_[hours.window_id], by=by, at=at)
        elif do == "remove":
            actions.remove(shift_id=whole(sent.get("shift")) or 0, by=by, at=at)
        elif do == "copy" and regions_:
            works, monday = directory.staff_by_number(scope), _monday(sent.get("week", ""))
            known = set(works.values())
            actions.copy_week(windows=regions_, staff=known, monday=monday, by=by, at=at)
        else:
            raise NotFound
    except (rules.BadShift, rules.Overlaps) as refusal:
        return _roster(request, refusal)
    query = {name: sent[name] for name in ("hall", "week") if name in sent}
    return redirect(f"{reverse('rosters:week')}?{urlencode(query)}")


@pages.posted("rosters:week")
def take(request: OfficeRequest) -> HttpResponse:
    """Show what a file would do; once that is confirmed, take it in place of what its windows have
    on its days, and say which rows do not fit.
    """
    by, at = request.person.id, clock.now()
    scope = request.person.reach.scope
    windows = {one.code: one for one in directory.still_open(directory.windows(scope))}
    ids = {code: one.pk for code, one in windows.items()}
    try:
        name, data = parcels.received(request, by)
        rows = rows_of(name, data, rules.COLUMNS)
        good, errors = rules.read(rows, ids, directory.staff_by_number(scope), business_day(at))
        if not request.POST.get("confirm"):
            return _preview(request, good, errors, parcels.parcel(name, data, by))
        used = {one.window_id for one in good}
        regions_ = {one.pk: one.hall.region for one in windows.values() if one.pk in used}
        left = actions.take(hours=good, regions=regions_, by=by, at=at)
    except Refusal as refusal:
        return _roster(request, refusal)
    return _roster(request, errors=_with(errors, left), done=len(good) - left)


def _preview(
    request: OfficeRequest,
    good: Sequence[rules.Hours],
    errors: Sequence[rules.RowError],
    parcel: str,
) -> HttpResponse:
    pairs = [queries.fitting(good, day) for day in sorted({one.day for one in good})]
    fit = [one for some, _ in pairs for one in some]
    replaced = sum(len(there) for _, there in pairs)
    told = _with(errors, len(good) - len(fit))
    return _roster(request, errors=told, good=fit, parcel=parcel, replaced=replaced)


def _with(errors: Sequence[rules.RowError], left: int) -> Sequence[rules.RowError]:
    return [*errors, rules.RowError(0, rules.elsewhere(left))] if left else errors


@pages.posted("rosters:week")
def undo(request: OfficeRequest, key: int) -> HttpResponse:
    """Take a file back."""
    scope = request.person.reach.scope
    open_ = directory.still_open(directory.windows(scope))
    left = actions.undo(
        taken_id=key,
        windows=dict(open_.values_list("pk", "hall__region")),
        staff=set(directory.staff_by_number(scope).values()),
        by=request.person.id,
        at=clock.now(),
    )
    return _roster(request, undone=True, left=left)
