"""Free questions of analysts over the lake."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

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
    first = parse_day(f"{month // 100:04d}-{month % 100:02d}-01")
    person = request.person
    if first is None or person.department_id or not person.reach.covers(city * 10**6):
        raise NotFound
    after = (first + timedelta(days=31)).replace(day=1)
    found = queries.part(city, first, min(after, business_day(clock.now())))
    saved = {"Content-Disposition": f'attachment; filename="ratings-{city}-{month}.parquet"'}
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
