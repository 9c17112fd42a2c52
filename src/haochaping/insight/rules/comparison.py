"""Comparing units with their peers: bands and intervals, never a league table.

The display rules are those of the trust design §3.4: below 30 ratings nothing is scored, below 100
there is no rank, and what cannot be told apart is a tie.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from haochaping.analytics.rules.counts import Counts
from haochaping.insight.rules import fair
from haochaping.insight.rules.fair import Band, Floats, Place, Score

# among more a rank says nothing: its interval is most of them (trust design §3.3), and costs much
_MOST_RANKED = 120


@dataclass(frozen=True)
class Unit:
    """Something that is compared: its counts, and the group whose peers they are."""

    key: int
    name: str
    counts: Counts
    group: str = ""
    # shares of the cases by kind, for the standardised score: kind → counts
    mix: tuple[tuple[str, Counts], ...] = ()


@dataclass(frozen=True)
class Compared:
    """A unit beside its peers."""

    unit: Unit
    score: Score
    z: float
    band: Band
    place: Place | None  # none below 100 ratings, or alone
    peers: int
    standard: Score | None

    @property
    def surely_top(self) -> bool:
        """Whether 前25% may be said."""
        return self.place is not None and self.place.top_quarter >= fair.SURELY


def _levels(counts: Iterable[Counts]) -> Floats:
    return np.array([one.adjusted.levels for one in counts], dtype=float).reshape(-1, 5)


def compare(
    units: Sequence[Unit], *, weights: Callable[[str], float] | None = None
) -> list[Compared]:
    """Compare each unit with those of its group; in the order given."""
    groups: dict[str, list[int]] = defaultdict(list)
    for at, unit in enumerate(units):
        groups[unit.group].append(at)
    found: dict[int, Compared] = {}
    for members in groups.values():
        of_group = [units[at] for at in members]
        found.update(zip(members, _within(of_group, weights), strict=True))
    return [found[at] for at in range(len(units))]


def _within(units: Sequence[Unit], weights: Callable[[str], float] | None) -> Iterable[Compared]:
    levels = _levels(unit.counts for unit in units)
    peers = fair.peers_of(levels)
    scores = fair.score(levels, peers)
    n = levels.sum(axis=1)
    funnel = fair.funnel(levels[:, :3].sum(axis=1), n)
    ranked = [at for at, size in enumerate(n) if size >= fair.FEW]
    few = 1 < len(ranked) <= _MOST_RANKED
    placed = dict(zip(ranked, fair.places(levels[ranked], peers), strict=True) if few else ())
    standard = _standard(units, weights) if weights else [None] * len(units)
    for at, unit in enumerate(units):
        yield Compared(
            unit,
            scores[at],
            funnel.z[at],
            fair.band(funnel.z[at], n[at]),
            placed.get(at),
            len(units) - 1,
            standard[at],
        )


def _standard(units: Sequence[Unit], weights: Callable[[str], float]) -> list[Score | None]:
    """Return the scores with the mix of cases taken out: each kind scored among its peers."""
    kinds = sorted({kind for unit in units for kind, _ in unit.mix})
    parts: dict[int, list[tuple[float, Score]]] = defaultdict(list)
    for kind in kinds:
        levels = _levels(dict(unit.mix).get(kind, Counts()) for unit in units)
        for at, one in enumerate(fair.score(levels, fair.peers_of(levels))):
            parts[at].append((weights(kind), one))
    return [fair.standardise(parts[at]) for at in range(len(units))]


def by_band(found: Sequence[Compared]) -> list[Compared]:
    """Return units from the best band to the worst, ties by name; those with too few last."""
    order = [Band.HIGH, Band.HIGHISH, Band.SAME, Band.LOWISH, Band.LOW, Band.FEW]
    return sorted(found, key=lambda one: (order.index(one.band), one.unit.name))
