"""The work desk."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.analytics import queries as analytics
from haochaping.identity import queries as people
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import ROLES, Right
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, pages
from haochaping.kernel.moments import business_day
from haochaping.orders import queries as orders
from haochaping.orders import rules as moves
from haochaping.regions import queries as regions
from haochaping.reports import queries as reports
from haochaping.screening import queries as screening


@require_GET
def desk(request: OfficeRequest) -> HttpResponse:
    """Show what waits for this person and how today goes."""
    person = request.person
    if person.rights == {Right.CALL}:
        return redirect("console:clerk")  # a window has nothing else to do here
    at = clock.now()
    today = business_day(at)
    reach = person.reach
    sees_orders, sees_figures = (
        Right.SEE_ORDERS in person.rights,
        Right.SEE_FIGURES in person.rights,
    )
    lines, _ = (
        orders.page(reach, orders.Filter(tab=_first_tab(person)), at=at, number=1, size=8)
        if sees_orders
        else ([], 0)
    )
    return pages.render(
        request,
        "console/desk.html",
        role=ROLES[person.role].title,
        place=regions.tree().full_name(person.region),
        counts=orders.tab_counts(reach) if sees_orders else {},
        tabs=orders.TABS,
        tab=_first_tab(person),
        overdue=orders.overdue_count(reach, at) if sees_orders else 0,
        waiting=orders.waiting(reach) if sees_orders else {},
        sides=moves.SIDES,
        lines=lines,
        states=moves.STATES,
        levels=LEVELS,
        holds=screening.open_holds(reach.scope).count() if Right.SCREEN in person.rights else None,
        figures=analytics.figures(reach.scope, today - timedelta(days=6), today)
        if sees_figures
        else None,
        posts=people.waiting(reach).count() if Right.SEE_PEOPLE in person.rights else 0,
        keeps_people=Right.KEEP_PEOPLE in person.rights,
        reports=reports.fresh(person.id, at) if sees_figures else 0,
        at=at,
    )


def _first_tab(person: Person) -> str:
    if Right.HANDLE in person.rights:
        return "tosign"
    return "tocall" if Right.CALL_BACK in person.rights else "todispatch"
