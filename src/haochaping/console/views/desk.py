"""The work desk."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.analytics import queries as analytics
from haochaping.detection import queries as detection
from haochaping.directory import queries as directory
from haochaping.identity import queries as people
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import ROLES, Reach, Right
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, jobs, pages
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
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
    sees_orders = Right.SEE_ORDERS in person.rights
    sees_figures = Right.SEE_FIGURES in person.rights
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
        **_oddities(person),
        **_running(person),
        figures=analytics.figures(reach.scope, today - timedelta(days=6), today)
        if sees_figures
        else None,
        posts=people.waiting(reach).count() if Right.SEE_PEOPLE in person.rights else 0,
        keeps_people=Right.KEEP_PEOPLE in person.rights,
        reports=reports.fresh(person.id, at) if sees_figures else 0,
        at=at,
    )


def _oddities(person: Person) -> dict[str, Any]:
    """Return how many ratings and findings wait for whoever screens."""
    if Right.SCREEN not in person.rights:
        return {"holds": None, "findings": 0}
    held = screening.open_holds(person.reach.scope).count()
    return {"holds": held, "findings": detection.waiting(person.reach)}


def _running(person: Person) -> dict[str, Any]:
    """Return what an administrator has to set up, and which jobs failed."""
    if Right.RUN_SYSTEM not in person.rights:
        return {"steps": (), "failed": 0}
    return {"steps": _steps(person.reach), "failed": sum(queue.failed for queue in jobs.queues())}


def _steps(reach: Reach) -> list[tuple[Words, int, str]]:
    """Return the steps in which a place is set up: what, how many there are, where it is done."""
    area = reach.scope
    tables = (
        ("departments", Words("部门", "Departments"), directory.departments(area)),
        ("halls", Words("大厅", "Halls"), directory.halls(area)),
        ("windows", Words("窗口", "Windows"), directory.windows(area)),
        ("staff", Words("窗口人员", "Staff"), directory.staff(area)),
        ("items", Words("事项", "Items"), directory.items(area)),
    )
    steps = [
        (says, found.count(), reverse("directory:table", args=[kind]))
        for kind, says, found in tables
    ]
    return [
        *steps,
        (Words("账号与岗位", "People"), people.grants(reach).count(), reverse("accounts:people")),
        (
            Words("接入的业务系统", "Systems connected"),
            len({one.client_id for one in people.keys_within(reach)}),
            reverse("accounts:keys"),
        ),
    ]


def _first_tab(person: Person) -> str:
    if Right.HANDLE in person.rights:
        return "tosign"
    return "tocall" if Right.CALL_BACK in person.rights else "todispatch"
