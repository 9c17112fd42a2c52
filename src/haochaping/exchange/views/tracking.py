"""接入跟踪: how far each city has connected, on a page and as a file for the assessment."""

from collections.abc import Sequence

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from haochaping.evaluations.rules import CHANNELS
from haochaping.exchange import queries
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.numbers import whole
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.regions.rules import narrowed


@require_GET
def tracking(request: OfficeRequest) -> HttpResponseBase:
    """Show which channels each city, or each department of one, has connected since when, and what
    is missing.
    """
    if (city := whole(request.GET.get("city", ""), digits=6)) is not None:
        return _departments(request, city)
    cities = queries.tracking(request.person.reach.scope, clock.now())
    if downloads.wanted(request):
        return downloads.answer(request, _table(cities))
    return pages.render(request, "exchange/tracking.html", cities=cities, names=CHANNELS)


def _departments(request: OfficeRequest, city: int) -> HttpResponseBase:
    within = narrowed(request.person.reach.scope, city)
    units = queries.departments(within, clock.now())
    if downloads.wanted(request):
        lines = [
            Line(
                (
                    unit.name,
                    *(f"{unit.since[one]:%Y-%m}" if one in unit.since else "" for one in CHANNELS),
                    *unit.weeks,
                )
            )
            for unit in units
        ]
        columns = [Column(Words("部门", "Department")), *map(Column, CHANNELS.values()), *_weeks()]
        title = Words("部门接入跟踪", "Departments' connection")
        return downloads.answer(request, Table("tracking-departments", title, columns, lines))
    return pages.render(
        request,
        "exchange/tracking_city.html",
        units=units,
        names=CHANNELS,
        city=city,
        tree=regions.tree(),
    )


def _weeks() -> list[Column]:
    return [
        Column(
            Words(f"{queries.WEEKS - week} 周前", f"{queries.WEEKS - week} weeks ago"), Kind.COUNT
        )
        for week in range(queries.WEEKS)
    ]


def _table(cities: Sequence[queries.City]) -> Table:
    """Return a row for each city and channel."""
    columns = [
        Column(Words("地区", "City")),
        Column(Words("渠道", "Channel")),
        Column(Words("接入月份", "Since")),
        *_weeks(),
        Column(Words("部门", "Departments"), Kind.COUNT),
        Column(Words("近 28 天有评价的部门", "Rated in 28 days"), Kind.COUNT),
    ]
    lines = [
        Line(
            (
                city.name,
                CHANNELS[channel],
                f"{found.since:%Y-%m}" if found.since else None,
                *found.weeks,
                city.departments,
                city.rated,
            )
        )
        for city in cities
        for channel, found in city.channels.items()
    ]
    return Table("tracking", Words("接入跟踪", "Connection tracking"), columns, lines)
