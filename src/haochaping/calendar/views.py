"""The working calendar of a year, and importing a new version."""

from calendar import Calendar
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.calendar import actions, events, queries, rules
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel import clock, outbox, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.headings import WrongColumns
from haochaping.kernel.moments import business_day
from haochaping.kernel.sheets import UnreadableTable, rows_of
from haochaping.kernel.words import Words
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@require_GET
def year(request: OfficeRequest) -> HttpResponse:
    """Show the working days of a year, and what is not known yet."""
    return _calendar(request)


@pages.posted("calendar:year")
def change(request: OfficeRequest) -> HttpResponse:
    """Propose a table of days, or one day; a second person puts it in force."""
    person = request.person
    sent, day = request.FILES.get("table"), request.POST.get("date", "")
    source = request.POST.get("source", "")
    try:
        if day:
            one = {name: request.POST.get(name, "") for name in ("date", "works", "hours")}
            place = "" if person.region == PROVINCE_OF_THE_PLATFORM else str(person.region)
            rows = [{**one, "region": place}]
            actions.propose(rows=rows, source=source, by=person.id, at=clock.now())
            return redirect("calendar:year")
        if sent is None:
            raise rules.BadCalendar(Words("请选择文件。", "Choose a file."))
        if (sent.size or 0) > _LARGEST:
            raise rules.BadCalendar(Words("文件超过 1 MB。", "The file is larger than 1 MB."))
        table = list(rows_of(sent.name or "", sent.read(), rules.COLUMNS))
        actions.propose(rows=table, source=source, by=person.id, at=clock.now())
    except (rules.BadCalendar, UnreadableTable, WrongColumns) as refusal:
        return _calendar(request, refusal=refusal)
    return redirect("calendar:year")


_LARGEST = 1024 * 1024


@pages.posted("calendar:year")
def decide(request: OfficeRequest, proposal_id: int) -> HttpResponse:
    """Put proposed days in force, or drop them."""
    person = request.person
    approve = request.POST.get("verdict") == "approve"
    try:
        actions.decide(proposal_id=proposal_id, approve=approve, by=person.id, at=clock.now())
    except SamePerson as refusal:
        return _calendar(request, refusal=refusal)
    return redirect("calendar:year")


type _Cell = tuple[date, str, bool] | None  # the day, how it is, and whether by a notice


def _month(found: rules.WorkingCalendar, year: int, month: int) -> list[list[_Cell]]:
    """Return the weeks of a month, Mondays first; None stands for days of its neighbours."""
    return [
        [
            (day, "on" if found.works(day) else "off", day in found.exceptions)
            if day.month == month
            else None
            for day in week
        ]
        for week in Calendar().monthdatescalendar(year, month)
    ]


@pages.within_scope
def _calendar(request: OfficeRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    today = business_day(clock.now())
    year = (
        int(request.GET["year"])
        if request.GET.get("year", "") in {str(n) for n in range(2018, 2100)}
        else today.year
    )
    found = queries.current(person.region)
    differing = sorted(day for day in found.exceptions if day.year == year)
    waiting = queries.proposals(person.reach.scope) if Right.KEEP_POLICY in person.rights else []
    context: dict[str, Any] = {
        "proposals": waiting,
        "names": identity.names({one.proposed_by for one in waiting}),
        "calendar": found,
        "year": year,
        "days": [(day, found.spans(day), rules.write_hours(found.spans(day))) for day in differing],
        "months": [_month(found, year, month) for month in range(1, 13)],
        "usual": rules.write_hours(found.usual),
        "known": year in found.years,
        "next_known": today.year + 1 in found.years,
        "provisional": sum(outbox.ask(events.HowManyProvisional(*person.reach.scope))),
        "today": today,
        "refusal": refusal,
    }
    return pages.render(
        request, "calendar/year.html", status=refusal.status if refusal else 200, **context
    )
