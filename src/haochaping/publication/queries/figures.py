"""What may be shown to everybody.

Counts of a period, never of a single rating, and nothing from cells that are too small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from haochaping.analytics import queries as analytics
from haochaping.analytics import rules
from haochaping.kernel.words import chinese
from haochaping.publication.rules import SMALLEST_CELL, Part, hidden
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope

DAYS = 30


@dataclass(frozen=True)
class Line[N]:
    """A place, a channel or a day as everybody may see it; `hidden` where its levels are not
    told.
    """

    name: N
    counts: rules.Counts
    hidden: bool

    @property
    def levels(self) -> tuple[int | None, ...]:
        """Return how many ratings of each level there are, 5 first."""
        return (None,) * 5 if self.hidden else self.counts.levels

    @property
    def set_aside(self) -> int | None:
        """Return how many ratings do not count, None where they are few."""
        few = 0 < self.counts.set_aside < SMALLEST_CELL
        return None if self.hidden or few else self.counts.set_aside


def period(today: date) -> tuple[date, date]:
    """Return the first and last day of what is published on a day: thirty days that are over."""
    return today - timedelta(days=DAYS), today - timedelta(days=1)


def figures_before(today: date) -> rules.Figures:
    """Return the province's figures of the thirty days before a day."""
    return figures_of(*period(today))


def figures_of(since: date, until: date) -> rules.Figures:
    """Return the province's figures of some days."""
    return analytics.figures(scope(PROVINCE_OF_THE_PLATFORM), since, until)


def lines[N](several: Sequence[tuple[N, rules.Counts]], whole: rules.Counts) -> list[Line[N]]:
    """Return parts of the whole as everybody may see them."""
    shown = not 0 < whole.total < SMALLEST_CELL
    parts = [Part(counts.total, counts.total) for _, counts in several]
    hide = hidden(parts, whole.total, shown=shown)
    return [Line(name, counts, no in hide) for no, (name, counts) in enumerate(several)]


def by_city(figures: rules.Figures) -> list[Line[str]]:
    """Return each city and the province's own services in code order."""
    tree = regions.tree()
    own = PROVINCE_OF_THE_PLATFORM // 10**6
    cities = [own, *(code // 10**6 for code in tree.cities())]
    found = [
        (
            chinese(f"{tree.name(city)}（省直）") if city == own else tree.name(city),
            figures.by_city.get(city, rules.Counts()),
        )
        for city in cities
    ]
    some = [(name, counts) for name, counts in found if counts.total or counts.services]
    return lines(some, figures.whole)
