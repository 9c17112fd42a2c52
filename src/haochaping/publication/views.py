"""The public page, and the same figures as a file."""

import csv
import io
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from haochaping.analytics import queries as analytics
from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, pages
from haochaping.kernel.moments import LOCAL, business_day
from haochaping.publication import queries
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope


def figures(request: HttpRequest) -> HttpResponse:
    """Show the province's figures with their denominators."""
    at = clock.now()
    found, since, until = queries.public_figures(business_day(at))
    start, end = (
        datetime.combine(since, datetime.min.time(), LOCAL),
        datetime.combine(until + timedelta(days=1), datetime.min.time(), LOCAL),
    )
    return pages.render(
        request,
        "publication/figures.html",
        figures=found,
        cities=queries.by_city(found),
        channels=[
            (CHANNELS[Channel(number)], counts)
            for number, counts in sorted(found.by_channel.items())
        ],
        levels=LEVELS,
        trend=analytics.trend(found, since, until),
        funnel=analytics.funnel(scope(PROVINCE_OF_THE_PLATFORM), start, end, at),
        since=since,
        until=until,
        at=at,
        smallest=queries.SMALLEST_CELL,
    )


def data(_request: HttpRequest) -> HttpResponse:
    """Give the figures by city as CSV, for anybody to count again."""
    found, since, until = queries.public_figures(business_day(clock.now()))
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(
        [
            "since",
            "until",
            "place",
            "ratings",
            "level5",
            "level4",
            "level3",
            "level2",
            "level1",
            "services",
            "services_rated",
            "set_aside",
        ]
    )
    for name, counts, enough in queries.by_city(found):
        table.writerow(
            [
                since,
                until,
                name,
                counts.total,
                *(counts.levels if enough else [""] * 5),
                counts.services,
                counts.rated,
                counts.set_aside,
            ]
        )
    response = HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="haochaping-figures.csv"'
    return response
