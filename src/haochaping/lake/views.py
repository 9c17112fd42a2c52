"""Free questions of analysts over the lake."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.kernel.moments import business_day, parse_day
from haochaping.lake import queries, rules
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

_USUAL = """SELECT city, sum(sign) AS ratings,
       sum(CASE WHEN level <= 2 THEN sign ELSE 0 END) AS bad
  FROM ratings GROUP BY city ORDER BY city"""


@require_GET
def part(request: OfficeRequest, city: int, month: int) -> HttpResponse:
    """Give a city its part of the lake for a month (202611), for its own checks and its own lake:
    days that are over, no words and nobody's name.
    """
    since, until = _days(month)
    person = request.person
    if person.department_id or not person.reach.covers(city * 10**6):
        raise NotFound
    return _file(queries.part(city, since, until), f"ratings-{city}-{month}")


@require_GET
def part_of_department(request: OfficeRequest, department: int, month: int) -> HttpResponse:
    """Give a department its part of the lake for a month, to itself and to the offices above it."""
    since, until = _days(month)
    reach = request.person.reach
    region = directory.department_regions({department}).get(department)
    if region is None or not reach.covers(region):
        raise NotFound
    if reach.department_id not in {None, department}:
        raise NotFound
    found = queries.part_of_department(department, since, until)
    return _file(found, f"ratings-department-{department}-{month}")


def _days(month: int) -> tuple[date, date]:
    """Return a month's first day and the day after its last that is over. Raises NotFound."""
    first = parse_day(f"{month // 100:04d}-{month % 100:02d}-01")
    if first is None or first > business_day(clock.now()):
        raise NotFound
    after = (first + timedelta(days=31)).replace(day=1)
    return first, min(after, business_day(clock.now()))


def _file(found: bytes, name: str) -> HttpResponse:
    saved = {"Content-Disposition": f'attachment; filename="{name}.parquet"'}
    return HttpResponse(found, content_type="application/vnd.apache.parquet", headers=saved)


@require_GET
def ask(request: OfficeRequest) -> HttpResponse:
    """Answer SQL over the lake, for whoever may see the figures of the whole province: the lake
    knows no scope. It holds no words and nobody's name.
    """
    if request.person.region != PROVINCE_OF_THE_PLATFORM or request.person.department_id:
        raise NotAllowed
    sql = request.GET.get("sql", "").strip()[:4000]
    columns: list[str] = []
    rows: list[list[Any]] = []
    refusal = None
    if sql:
        try:
            columns, rows = queries.ask(sql)
        except rules.BadQuestion as told:
            refusal = told
    return pages.render(
        request,
        "lake/ask.html",
        status=refusal.status if refusal else 200,
        sql=sql or _USUAL,
        columns=columns,
        rows=rows,
        asked=bool(sql),
        refusal=refusal,
        state=queries.state(),
        names=rules.COLUMNS,
        most=rules.ROWS,
    )
