"""The list of orders, one order with its legal moves as buttons, and making a move."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity.queries import Person
from haochaping.identity.rules import Right
from haochaping.indicators.rules import BAD, LEVELS
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.orders import actions, queries, rules
from haochaping.records import queries as records
from haochaping.regions import queries as regions

PAGE = 20


@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """Show the orders within reach by tab, the most pressing first."""
    person: Person = request.person  # type: ignore[attr-defined]
    chosen = _filter(request)
    number = _number(request.GET.get("page"), 1)
    at = clock.now()
    lines, total = queries.page(person.reach, chosen, at=at, number=number, size=PAGE)
    low, high = person.reach.scope
    context: dict[str, Any] = {
        "lines": lines,
        "total": total,
        "number": number,
        "pages": max(1, -(-total // PAGE)),
        "tabs": queries.TABS,
        "counts": queries.tab_counts(person.reach),
        "chosen": chosen,
        "states": rules.STATES,
        "levels": {level: LEVELS[level] for level in BAD},
        "departments": directory.departments((low, high))[:300] if person.department_id is None else [],
        "query": _query(request),
    }
    return pages.render(request, "orders/list.html", **context)


@require_GET
def one(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show an order: the rating, the timeline and the moves that this person may make now."""
    return _one(request, order_id)


@require_POST
def move(request: HttpRequest, order_id: int, move: str) -> HttpResponse:
    """Make a move, then show the order again."""
    person: Person = request.person  # type: ignore[attr-defined]
    given = {name: str(value) for name, value in request.POST.items() if name in rules.Fact}
    try:
        actions.advance(order_id=order_id, move=move, given=given, by=person.id, at=clock.now())
    except (rules.Incomplete, rules.NotNow, actions.NoDepartment) as refusal:
        return _one(request, order_id, refusal=refusal, tried=move)
    return redirect("orders:one", order_id=order_id)


@require_POST
def phone(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show the number to call back on, once, to who says why."""
    person: Person = request.person  # type: ignore[attr-defined]
    try:
        number = actions.reveal_phone(order_id=order_id, reason=request.POST.get("reason", ""), by=person.id, at=clock.now())
    except (rules.Incomplete, rules.NotNow) as refusal:
        return _one(request, order_id, refusal=refusal)
    return _one(request, order_id, number=number or "—")


def _one(request: HttpRequest, order_id: int, *, refusal: Refusal | None = None, tried: str = "", number: str = "") -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    order = queries.one(person.reach, order_id)
    if order is None:
        if refusal is None and not tried:
            raise NotFound
        return redirect("orders:list")
    at = clock.now()
    rating = evaluations.rated({order.evaluation_id})[order.evaluation_id]
    service = records.service(order.evaluation_id)
    windows = directory.window_facts({rating.window_id}) if rating.window_id else {}
    low = order.city * 10**6
    names = rules.moves_from(rules.State(order.state), person.rights, order.satisfaction)
    context: dict[str, Any] = {
        "order": order,
        "line": queries.lines([order], at)[0],
        "rating": rating,
        "service": service,
        "window": windows.get(rating.window_id) if rating.window_id else None,
        "staff": directory.staff_labels({rating.staff_id}).get(rating.staff_id) if rating.staff_id else None,
        "place": regions.tree().full_name(order.region),
        "steps": queries.timeline(order.pk),
        "follow_up": evaluations.follow_up(order.evaluation_id),
        "number": number,
        "may_call": Right.CALL_BACK in person.rights and order.state in (rules.State.REPLIED, rules.State.CALLED),
        "states": rules.STATES,
        "levels": LEVELS,
        "moves": {name: rules.MOVES[name] for name in names},
        "facts": rules.FACTS,
        "satisfactions": rules.SATISFACTIONS,
        "departments": directory.departments((low, low + 10**8 - 1)) if "dispatch" in names else [],
        "refusal": refusal,
        "tried": tried,
        "sent": request.POST,
    }
    return pages.render(request, "orders/one.html", status=refusal.status if refusal else 200, **context)


def _filter(request: HttpRequest) -> queries.Filter:
    asked = request.GET
    tab = asked.get("tab", "all")
    return queries.Filter(
        tab=tab if tab in queries.TABS else "all",
        department_id=_number(asked.get("department"), None),
        level=_number(asked.get("level"), None),
        overdue=asked.get("overdue") == "1",
        search=asked.get("search", "").strip()[:30],
    )


def _number[T](text: str | None, otherwise: T) -> int | T:
    return int(text) if text and text.isdecimal() and len(text) < 9 and int(text) > 0 else otherwise  # noqa: PLR2004 - no id or page is longer


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    for name in ("page", "tab"):
        kept.pop(name, None)
    return kept.urlencode()
