"""Free questions of analysts over the lake."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import pages
from haochaping.kernel.errors import NotAllowed
from haochaping.lake import queries, rules
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

_USUAL = """SELECT city, sum(sign) AS ratings,
       sum(CASE WHEN level <= 2 THEN sign ELSE 0 END) AS bad
  FROM ratings GROUP BY city ORDER BY city"""


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
