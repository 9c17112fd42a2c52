"""The list of orders, one order with its legal moves as buttons, and making a move."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from haochaping.attachments import queries as attachments
from haochaping.attachments.rules import KINDS, LARGEST, BadFile
from haochaping.calendar import queries as calendars
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import Right, SamePerson
from haochaping.indicators.rules import BAD, LEVELS
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import parse_moment, span
from haochaping.kernel.numbers import KEY, whole, wholes
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.orders import actions, models, queries, rules
from haochaping.records import queries as records
from haochaping.regions import queries as regions
from haochaping.regions.rules import city_range, narrowed
from haochaping.routing.rules import NoDepartment
from haochaping.texts import queries as texts

PAGE = 20
BULK = [verb for verb, move in rules.MOVES.items() if move.bulk]
_TOLD = (
    rules.Incomplete,
    rules.NotNow,
    rules.TooLate,
    BadFile,
    SamePerson,
    NoDepartment,
    actions.NoLead,
)  # shown beside the order
_COOKIE = "orders_visit"  # a cookie, for pages are read in a transaction that writes nothing
_VISIT = timedelta(minutes=30)  # after which somebody who comes back makes a new visit


@require_GET
def order_list(request: OfficeRequest) -> HttpResponseBase:
    """Show the orders within reach by tab, the most pressing first; as a file if asked for."""
    if not downloads.wanted(request):
        return _list(request)
    at = clock.now()
    found = queries.every(request.person.reach, _filter(request, _visit(request, at)[0]), at)
    return downloads.answer(request, Table("orders", _TITLE, _COLUMNS, map(_line, found)))


_TITLE = Words("差评工单", "Orders")
_COLUMNS = (
    Column(Words("工单编号", "Order")),
    Column(Words("等级", "Level"), Kind.COUNT),
    Column(Words("事项", "Service")),
    Column(Words("指标", "Codes")),
    Column(Words("评价内容（已遮盖）", "Words, masked")),
    Column(Words("责任单位", "Department")),
    Column(Words("状态", "State")),
    Column(Words("开单时间", "Opened")),
    Column(Words("时限", "Due")),
    Column(Words("重新交办", "Reopened"), Kind.COUNT),
)


def _line(one: queries.Line) -> Line:
    rating = one.rating
    return Line(
        (
            one.number,
            rating.level if rating else None,
            one.item,
            "、".join(says.zh for _, says in rating.codes) if rating else "",
            rating.words if rating else "",
            one.department,
            rules.STATES[one.state],
            one.opened_at,
            one.due_at,
            one.reopened,
        )
    )


@pages.posted("orders:list")
def bulk(request: OfficeRequest) -> HttpResponse:
    """Make one move for the orders that were ticked; tell for each what became of it."""
    person = request.person
    move = request.POST.get("move", "")
    keys = wholes(request.POST.getlist("order")[:100], digits=KEY)
    done: Sequence[actions.Done] = ()
    if move in BULK and keys:
        done = actions.advance_many(
            order_ids=keys, move=move, given=_given(request.POST), by=person.id, at=clock.now()
        )
    return _list(request, done=done)


@pages.within_scope
def _list(request: OfficeRequest, *, done: Sequence[actions.Done] = ()) -> HttpResponse:
    person = request.person
    at = clock.now()
    seen, remembered = _visit(request, at)
    chosen = _filter(request, seen)
    after = request.GET.get("after", "")
    lines, following = queries.page(person.reach, chosen, at=at, after=after, size=PAGE)
    bulk_moves = {
        name: rules.MOVES[name] for name in BULK if rules.MOVES[name].right in person.rights
    }
    context: dict[str, Any] = {
        "lines": lines,
        "total": queries.how_many(person.reach, chosen, at),
        "first": not after,
        "following": following,
        "tabs": queries.TABS,
        "counts": queries.tab_counts(person.reach),
        "chosen": chosen,
        "states": rules.STATES,
        "sides": rules.SIDES,
        "levels": {level: LEVELS[level] for level in BAD},
        **_departments(person, chosen),
        "query": _query(request),
        "unsorted": f"{request.path}{pages.onward(request.GET, 'sort')}&",
        "asked": request.GET,
        "sorts": queries.SORTS,
        "tree": regions.tree(),
        "seen": seen,
        "bulk": bulk_moves,
        "done": done,
        "done_move": rules.MOVES[request.POST["move"]] if done else None,
    }
    return _remember(request, pages.render(request, "orders/list.html", **context), remembered)


@require_GET
def one(request: OfficeRequest, order_id: int) -> HttpResponse:
    """Show an order: the rating, the timeline and the moves that this person may make now."""
    return _one(request, order_id)


@require_GET
def sheet(request: OfficeRequest, order_id: int) -> HttpResponse:
    """Show an order as a sheet to print and file 工单打印."""
    return _one(request, order_id, page="orders/sheet.html")


@require_POST
def move(request: OfficeRequest, order_id: int, move: str) -> HttpResponse:
    """Make a move, then show the order again."""
    person = request.person
    try:
        if move == rules.Verb.UNDO:
            actions.undo(order_id=order_id, by=person.id, at=clock.now())
        elif move == rules.Verb.REDATE:
            actions.redate(order_id=order_id, by=person.id, at=clock.now())
        else:
            actions.advance(
                order_id=order_id,
                move=move,
                given=_given(request.POST),
                by=person.id,
                at=clock.now(),
            )
    except _TOLD as refusal:
        return _one(request, order_id, refusal=refusal, tried=move)
    return redirect("orders:one", order_id=order_id)


@require_POST
def phone(request: OfficeRequest, order_id: int) -> HttpResponse:
    """Show the number to call back on, once, to who says why."""
    person = request.person
    try:
        number = actions.reveal_phone(
            order_id=order_id, reason=request.POST.get("reason", ""), by=person.id, at=clock.now()
        )
    except _TOLD as refusal:
        return _one(request, order_id, refusal=refusal)
    return _one(request, order_id, number=number or "—")


@require_POST
def attach(request: OfficeRequest, order_id: int) -> HttpResponse:
    """Attach a file."""
    person = request.person
    sent = request.FILES.get("file")
    try:
        if sent is None or (sent.size or 0) > LARGEST:
            raise BadFile
        actions.attach(
            order_id=order_id, name=sent.name or "", data=sent.read(), by=person.id, at=clock.now()
        )
    except _TOLD as refusal:
        return _one(request, order_id, refusal=refusal)
    return redirect("orders:one", order_id=order_id)


@require_GET
def file(request: OfficeRequest, order_id: int, attachment_id: int) -> HttpResponse:
    """Hand out an attachment, to be saved and never to be shown as a page of ours."""
    person = request.person
    order = queries.one(person.reach, order_id)
    found = attachments.shown(order.pk, attachment_id) if order is not None else None
    if found is None:
        raise NotFound
    response = HttpResponse(bytes(found.data), content_type=KINDS[found.kind])
    response["Content-Disposition"] = (
        f"{'inline' if found.kind == 'jpg' else 'attachment'}; filename*=UTF-8''{quote(found.name)}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _given(sent: QueryDict) -> dict[str, str]:
    return {name: str(value) for name, value in sent.items() if name in rules.Fact}


@pages.within_scope
def _one(
    request: OfficeRequest,
    order_id: int,
    *,
    refusal: Refusal | None = None,
    tried: str = "",
    number: str = "",
    page: str = "orders/one.html",
) -> HttpResponse:
    person = request.person
    order = queries.one(person.reach, order_id)
    if order is None:
        if refusal is None and not tried:
            raise NotFound
        return redirect("orders:list")
    request.reads.append(("order", order.pk, "read", {"number": order.number}, order.region))
    context = _order_context(person, order, clock.now())
    context |= {"refusal": refusal, "tried": tried, "sent": request.POST, "number": number}
    return pages.render(request, page, status=refusal.status if refusal else 200, **context)


def _order_context(person: Person, order: models.Order, at: datetime) -> dict[str, Any]:
    """Return everything that the page and the sheet of an order show."""
    return {
        "order": order,
        "line": queries.lines([order], at)[0],
        "steps": queries.timeline(order.pk),
        "states": rules.STATES,
        "levels": LEVELS,
        "facts": rules.FACTS,
        "choices": rules.CHOICES,
        "files": attachments.of_order(order.pk),
        "related": [
            (other, rules.STATES[rules.State(other.state)])
            for other in queries.related(order, person.reach)
        ],
        "followers": queries.followers(order),
        "templates": list(texts.of_office(person)) if Right.HANDLE in person.rights else [],
        "undo": queries.may_undo(order.pk, person.id, at),
        "undo_says": rules.says_of,
        **_rated_context(order),
        **_moves_context(person, order),
    }


def _rated_context(order: models.Order) -> dict[str, Any]:
    """Return what was rated, where and by whom it was given."""
    rating = evaluations.rated({order.evaluation_id})[order.evaluation_id]
    windows = directory.window_facts({order.window_id}) if order.window_id else {}
    staff = directory.staff_labels({rating.staff_id}) if rating.staff_id else {}
    return {
        "rating": rating,
        "service": records.service(order.evaluation_id),
        "window": windows.get(order.window_id) if order.window_id else None,
        "staff": staff.get(rating.staff_id) if rating.staff_id else None,
        "place": regions.tree().full_name(order.region),
        "follow_up": evaluations.follow_up(order.evaluation_id),
    }


def _moves_context(person: Person, order: models.Order) -> dict[str, Any]:
    """Return what this person may do with the order now."""
    tracks, rights = order.open_tracks, person.rights
    sides = frozenset(rules.Side(track.kind) for track in tracks)
    names = rules.moves_from(rules.State(order.state), rights, order.satisfaction, sides)
    if order.lead_id is not None:
        names = [name for name in names if rules.MOVES[name].right is not Right.HANDLE]
    moves = {name: rules.MOVES[name] for name in names}
    # what others asked for comes before what the order itself goes on with
    decisions = {name for name, move in moves.items() if move.closes is not None}
    main = {
        name
        for name, move in moves.items()
        if move.target is not None and not move.second and name not in decisions
    }
    answered = order.state in (rules.State.REPLIED, rules.State.CALLED)
    outdated = order.due_at is not None and (
        order.provisional or order.calendar_version != calendars.current(order.region).version
    )
    may_file = {Right.HANDLE, Right.CALL_BACK, Right.DISPATCH} & rights
    return {
        "tracks": [(rules.SIDES[rules.Side(track.kind)], track) for track in tracks],
        "moves": {name: move for name, move in moves.items() if name in main},
        "decisions": {name: move for name, move in moves.items() if name in decisions},
        "others": {name: move for name, move in moves.items() if name not in main | decisions},
        "departments": directory.still_open(directory.departments(city_range(order.region)))
        if any(rules.Fact.DEPARTMENT in move.needs for move in moves.values())
        else [],
        "may_call": Right.CALL_BACK in rights and answered,
        "may_attach": order.state != rules.State.CLOSED and bool(may_file),
        "old_calendar": Right.KEEP_POLICY in rights and outdated,
    }


_MOST = 300  # departments of one choice: a city's


def _departments(person: Person, chosen: queries.Filter) -> dict[str, Any]:
    """Return the departments to choose from, of the chosen city where one was chosen, with the one
    that is chosen; and whether there are more.
    """
    if person.department_id is not None:
        return {"departments": [], "more_departments": False}
    within = narrowed(person.reach.scope, chosen.city)
    found = list(directory.still_open(directory.departments(within))[: _MOST + 1])
    more, found = len(found) > _MOST, found[:_MOST]
    if chosen.department_id and all(one.pk != chosen.department_id for one in found):
        every = directory.departments(person.reach.scope)
        found = [*every.filter(pk=chosen.department_id), *found]
    return {"departments": found, "more_departments": more}


def _remember(request: HttpRequest, response: HttpResponse, visit: str) -> HttpResponse:
    """Have the browser remember a visit of the list."""
    response.set_cookie(
        _COOKIE,
        visit,
        max_age=timedelta(days=90),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
        path=reverse("orders:list"),
    )
    return response


def _visit(request: HttpRequest, at: datetime) -> tuple[datetime | None, str]:
    """Return when somebody was here before this visit, since when things are new to them, and what
    the cookie remembers of it.
    """
    stored = [_moment(text) for text in request.COOKIES.get(_COOKIE, "|").split("|")]
    seen, visited = stored if len(stored) == 2 else (None, None)  # noqa: PLR2004 - as written below
    if visited is None or at - visited > _VISIT:
        seen = visited
    return seen, f"{seen.isoformat() if seen else ''}|{at.isoformat()}"


def _moment(text: str) -> datetime | None:
    moment = parse_moment(text) if text else None
    return moment if moment is not None and moment.tzinfo is not None else None


def _filter(request: HttpRequest, seen: datetime | None) -> queries.Filter:
    asked = request.GET
    tab = asked.get("tab", "all")
    opened_from, opened_until = span(asked.get("since", ""), asked.get("until", ""))
    side = asked.get("side", "")
    return queries.Filter(
        tab=tab if tab in queries.TABS else "all",
        department_id=_number(asked.get("department"), None),
        level=_number(asked.get("level"), None),
        overdue=asked.get("overdue") == "1",
        search=asked.get("search", "").strip()[:30],
        side=side if side in rules.Side else "",
        since=seen if asked.get("new") == "1" else _moment(asked.get("new", "")),
        city=whole(asked.get("city", ""), digits=6),
        opened_from=opened_from,
        opened_until=opened_until,
        sort=asked.get("sort", ""),
    )


def _number[T](text: str | None, otherwise: T) -> int | T:
    return whole(text) or otherwise


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in ("after", "tab"):
        kept.pop(name, None)
    return kept.urlencode()
