"""Measures over counts.

Rates are computed here, in one place, from integers (data design §0.5), and always with their
denominator.
"""

import math
from dataclasses import dataclass, field
from datetime import date

import msgspec

type Levels = tuple[int, int, int, int, int]
_NONE: Levels = (0, 0, 0, 0, 0)


class Counts(msgspec.Struct, frozen=True, gc=False):
    """Ratings by level, and the services that could have been rated.

    A page adds up thousands of them: that is why it is a Struct.
    """

    levels: Levels = _NONE  # very satisfied … very dissatisfied, active ratings only
    services: int = 0  # eligible service records
    rated: int = 0  # of those, how many were rated
    follow_ups: int = 0
    left_out: Levels = _NONE  # what the adjusted figures leave out or, below 0, take in
    set_aside: int = 0  # ratings whose objection two persons upheld
    improved: int = 0  # follow-ups that are better than the rating
    worsened: int = 0  # or worse

    @property
    def adjusted(self) -> "Counts":
        """The same without what was set aside, and with the last word of who replaced a rating.

        Both are always shown.
        """
        a, b, c, d, e = self.levels
        v, w, x, y, z = self.left_out
        levels = (a - v, b - w, c - x, d - y, e - z)
        sums = self.services, self.rated, self.follow_ups
        return Counts(levels, *sums, improved=self.improved, worsened=self.worsened)

    def score(self, weights: Levels) -> float | None:
        """满意度得分: the mean of a policy's weights over active ratings (domain §3.6).

        None where nobody rated.
        """
        return (
            sum(weight * count for weight, count in zip(weights, self.levels, strict=True))
            / self.total
            if self.total
            else None
        )

    @property
    def total(self) -> int:
        """All active first ratings."""
        return sum(self.levels)

    @property
    def good(self) -> int:
        """好评: levels 5, 4 and 3."""
        return sum(self.levels[:3])

    @property
    def bad(self) -> int:
        """差评: levels 2 and 1."""
        return sum(self.levels[3:])

    @property
    def good_rate(self) -> float | None:
        """主动评价好评率: good ratings among active ones, 0…1; None where nobody rated."""
        return self.good / self.total if self.total else None

    @property
    def bad_per_10000(self) -> float | None:
        """差评率: bad ratings per 10 000 active ones."""
        return self.bad * 10000 / self.total if self.total else None

    @property
    def rated_share(self) -> float | None:
        """评价率: services that were rated among those that could be."""
        return self.rated / self.services if self.services else None

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            _added(self.levels, other.levels),
            self.services + other.services,
            self.rated + other.rated,
            self.follow_ups + other.follow_ups,
            _added(self.left_out, other.left_out),
            self.set_aside + other.set_aside,
            self.improved + other.improved,
            self.worsened + other.worsened,
        )


def _added(some: Levels, more: Levels) -> Levels:
    a, b, c, d, e = some
    v, w, x, y, z = more
    return a + v, b + w, c + x, d + y, e + z


@dataclass(frozen=True)
class Figures:
    """The figures of a scope and a period, exact at the moment they were read."""

    whole: Counts = field(default_factory=Counts)
    by_city: dict[int, Counts] = field(
        default_factory=dict
    )  # 6-digit city, or county within a city
    by_channel: dict[int, Counts] = field(default_factory=dict)
    by_day: dict[date, Counts] = field(default_factory=dict)


def wilson(successes: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share (E.

    B. Wilson, 1927); (0, 1) where nothing is known.
    """
    if not total:
        return 0.0, 1.0
    share, square = successes / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = (
        z
        / (1 + square / total)
        * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    )
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Funnel:
    """How many orders got how far, and how many of those due were in time.

    Denominators are shown beside every rate.
    """

    opened: int
    dispatched: int
    verified: int
    upheld: int
    replied: int
    called: int
    satisfied: int
    closed: int
    overdue: int
