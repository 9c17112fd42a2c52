"""What may be shown to everybody.

Counts of a period, never of a single rating, and nothing from cells that are too small.
"""

from datetime import date, timedelta

from haochaping.analytics import queries as analytics
from haochaping.analytics import rules
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope

DAYS = 30
SMALLEST_CELL = (
    10  # fewer ratings than this in a period could point at a person (trust design §1.3)
)


def public_figures(today: date) -> tuple[rules.Figures, date, date]:
    """Return the province's figures of the last thirty days, today included, with the days they
    cover.
    """
    since = today - timedelta(days=DAYS - 1)
    return analytics.figures(scope(PROVINCE_OF_THE_PLATFORM), since, today), since, today


def by_city(figures: rules.Figures) -> list[tuple[str, rules.Counts, bool]]:
    """Return name, counts and whether the cell is large enough, for each city and the province's
    own services, in code order.
    """
    tree = regions.tree()
    cities = [code // 10**6 for code in [PROVINCE_OF_THE_PLATFORM, *tree.cities()]]
    lines = [(tree.name(city), figures.by_city.get(city, rules.Counts())) for city in cities]
    return [
        (name, counts, counts.total >= SMALLEST_CELL)
        for name, counts in lines
        if counts.total or counts.services
    ]
