"""What may be shown to everybody.

Counts of a period, never of a single rating, and nothing from cells that are too small.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from haochaping.analytics import queries as analytics
from haochaping.analytics import rules
from haochaping.publication.rules import suppressed
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope

DAYS = 30


@dataclass(frozen=True)
class Line:
    """A place as everybody may see it; a level is None where its cell is blanked."""

    name: str
    counts: rules.Counts
    levels: tuple[int | None, ...]

    @property
    def whole(self) -> bool:
        """Whether no cell is blanked."""
        return None not in self.levels


def period(today: date) -> tuple[date, date]:
    """Return the first and last day of what is published on a day: thirty days that are over."""
    return today - timedelta(days=DAYS), today - timedelta(days=1)


def figures_before(today: date) -> rules.Figures:
    """Return the province's figures of the thirty days before a day."""
    return analytics.figures(scope(PROVINCE_OF_THE_PLATFORM), *period(today))


def by_city(figures: rules.Figures) -> list[Line]:
    """Return each city and the province's own services in code order, small cells blanked."""
    tree = regions.tree()
    cities = [code // 10**6 for code in [PROVINCE_OF_THE_PLATFORM, *tree.cities()]]
    found = [(tree.name(city), figures.by_city.get(city, rules.Counts())) for city in cities]
    shown = [(name, counts) for name, counts in found if counts.total or counts.services]
    blank = suppressed([counts.levels for _, counts in shown])
    return [
        Line(
            name,
            counts,
            tuple(
                None if (row, column) in blank else count
                for column, count in enumerate(counts.levels)
            ),
        )
        for row, (name, counts) in enumerate(shown)
    ]
