"""The public page, and the same figures as a file."""

import csv
import io

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from haochaping.analytics import queries as analytics
from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, pages
from haochaping.kernel.moments import business_day
from haochaping.kernel.sheets import guarded
from haochaping.publication import actions, queries, rules
from haochaping.publication.rules import SMALLEST_CELL


def figures(request: HttpRequest) -> HttpResponse:
    """Show the province's figures with their denominators."""
    at = clock.now()
    published = actions.seal(today=business_day(at), at=at)
    found, since, until = published.figures, published.since, published.until
    return pages.render(
        request,
        "publication/figures.html",
        figures=found,
        aside=queries.Line("", found.whole, hidden=False).set_aside,
        few=0 < found.whole.total < SMALLEST_CELL,
        cities=queries.by_city(found),
        channels=[
            (CHANNELS[Channel(number)], counts)
            for number, counts in sorted(found.by_channel.items())
        ],
        levels=LEVELS,
        trend=queries.lines(analytics.trend(found, since, until), found.whole),
        funnel=published.funnel,
        since=since,
        until=until,
        at=at,
        smallest=SMALLEST_CELL,
    )


def verify(request: HttpRequest) -> HttpResponse:
    """Show the page on which a citizen's own browser checks a proof."""
    of_logs = [one.common_keys for one in queries.ledgers() if not one.audit]
    keys = [key for one in of_logs for key in one]
    newest = of_logs[0][-1] if keys else "…"
    witnesses, enough = queries.witness_keys()
    levels = "|".join(pages.say(LEVELS[level]) for level in sorted(LEVELS, reverse=True))
    return pages.render(
        request,
        "publication/verify.html",
        keys=keys,
        newest=newest,
        witnesses=witnesses,
        enough=enough,
        levels=levels,
    )


def ledger(request: HttpRequest) -> HttpResponse:
    """Show how far the ledger is, its day books, its keys, and what it cannot prove."""
    return pages.render(
        request,
        "publication/ledger.html",
        logs=queries.ledgers(),
        days=queries.day_books(),
        months=queries.month_books(),
        restatements=queries.restatements(),
        tested=queries.tested(),
        terminals=queries.terminals(),
        asked=queries.asked(),
        shopped=queries.shopped(),
        levels=LEVELS,
        samples=queries.samples(),
        base=settings.PUBLIC_URL,
        coming=queries.coming_keys(),
        witnesses=queries.witness_keys(),
    )


def data(_request: HttpRequest) -> HttpResponse:
    """Give the figures by city as CSV, for anybody to count again."""
    at = clock.now()
    published = actions.seal(today=business_day(at), at=at)
    found, since, until = published.figures, published.since, published.until
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow([one.name for one in rules.FILES["days"].fields])
    for line in queries.by_city(found):
        counts = line.counts
        table.writerow(
            [
                since,
                until,
                guarded(line.name),
                counts.total,
                *("" if count is None else count for count in line.levels),
                counts.services,
                counts.rated,
                "" if line.set_aside is None else line.set_aside,
            ]
        )
    response = HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="haochaping-figures.csv"'
    return response
