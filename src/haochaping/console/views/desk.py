"""The work desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.analytics import queries as analytics
from haochaping.analytics.rules import Figures
from haochaping.announcements import queries as announcements
from haochaping.announcements.rules import Audience
from haochaping.audit import queries as audit
from haochaping.calls import queries as calls
from haochaping.console.views.approvals import approvals
from haochaping.detection import queries as detection
from haochaping.directory import queries as directory
from haochaping.identity import queries as people
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import ROLES, Reach, Right
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, jobs, pages
from haochaping.kernel.moments import begin_of, business_day
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
    week, own = today - timedelta(days=6), person.department_id  # who has one sees no other's
    figures = analytics.figures(reach.scope, week, today, own) if sees_figures else None
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
        lines=_first(person, at) if sees_orders else [],
        states=moves.STATES,
        levels=LEVELS,
        **_oddities(person),
        **_running(person),
        figures=figures,
        chart=_chart(person, figures, today),
        approvals=list(approvals(person)),
        reports=reports.fresh(person.id, at) if sees_figures else 0,
        told=announcements.told(Audience.STAFF, at, region=person.region, most=3),
        title_of=announcements.title_of,
        keeps_people=Right.KEEP_PEOPLE in person.rights,
        at=at,
    )


_WEEK = 7  # days of a chart


@dataclass(frozen=True)
class Chart:
    """What a role's days were like: its bars, and the page that tells more."""

    title: Words
    bars: Sequence[tuple[str, int]]
    address: str


def _chart(person: Person, figures: Figures | None, today: date) -> Chart | None:
    """Return the chart of a role's own work, of a week."""
    days = [today - timedelta(days=back) for back in reversed(range(_WEEK))]
    scope, since = person.reach.scope, begin_of(days[0])
    if Right.RUN_SYSTEM in person.rights:
        says, route, found = _CALLS, "calls:log", calls.by_day(scope, since)
    elif Right.SEE_AUDIT in person.rights and Right.SEE_ORDERS not in person.rights:
        says, route, found = _ENTRIES, "console:audit", audit.by_day(scope, since)
    elif figures is not None:
        found = {day: counts.total for day, counts in figures.by_day.items()}
        says, route = _RATINGS, "insight:overview"
    elif Right.SEE_PEOPLE in person.rights:
        posts = people.by_role(person.reach)
        bars = [(str(pages.say(ROLES[role].title)), n) for role, n in sorted(posts.items())]
        return Chart(_POSTS, bars, reverse("accounts:people"))
    else:
        return None
    return Chart(says, [(f"{day:%m-%d}", found.get(day, 0)) for day in days], reverse(route))


_RATINGS = Words("近 7 天评价量", "Ratings of seven days")
_CALLS = Words("近 7 天接口调用", "Calls of systems, seven days")
_ENTRIES = Words("近 7 天审计记录", "Entries of the trail, seven days")
_POSTS = Words("各岗位人数", "People by role")


def _first(person: Person, at: datetime) -> Sequence[orders.Line]:
    """Return the orders that somebody works on first."""
    chosen = orders.Filter(tab=_first_tab(person))
    return orders.page(person.reach, chosen, at=at, size=8)[0]


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
