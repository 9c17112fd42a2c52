"""The first dashboard."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from haochaping.analytics import queries, rules
from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.identity.queries import OfficeRequest
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, pages
from haochaping.kernel.moments import LOCAL, business_day
from haochaping.policies import queries as policies
from haochaping.regions import queries as regions

PERIODS = (7, 30, 90)


@require_GET
def dashboard(request: OfficeRequest) -> HttpResponse:
    """Show volume, levels, rates, places, channels, trend and the loop within this
    person's region.
    """
    person = request.person
    at = clock.now()
    today = business_day(at)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else 30
    since = today - timedelta(days=days - 1)
    figures = queries.figures(person.reach.scope, since, today)
    tree = regions.tree()
    places = sorted(
        ((tree.name(code), counts) for code, counts in figures.by_city.items()),
        key=lambda place: -place[1].total,
    )
    start = datetime.combine(since, datetime.min.time(), LOCAL)
    return pages.render(
        request,
        "analytics/dashboard.html",
        figures=figures,
        places=places,
        channels=sorted(
            ((CHANNELS[Channel(code)], counts) for code, counts in figures.by_channel.items()),
            key=lambda place: -place[1].total,
        ),
        trend=queries.trend(figures, since, today),
        funnel=queries.funnel(person.reach.scope, start, at + timedelta(days=1), at),
        levels=LEVELS,
        periods=PERIODS,
        days=days,
        since=since,
        until=today,
        at=at,
        place=tree.full_name(person.region),
        interval=rules.wilson,
        score=figures.whole.adjusted.score(policies.terms(person.region, at).weights),
    )
