"""Comparing units with their peers: bands and intervals, never a league table.

The display rules are those of the trust design §3.4: below 30 ratings nothing is scored, below 100
there is no rank, and what cannot be told apart is a tie.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from haochaping.analytics.rules.counts import Counts
from haochaping.insight.rules import fair
from haochaping.insight.rules.fair import FEWEST, Band, Floats, Place, Score

# among more a rank says nothing: its interval is most of them (trust design §3.3), and costs much
_MOST_RANKED = 120


@dataclass(frozen=True)
class Unit:
    """Something that is compared."""

    key: int
    name: str
    counts: Counts
    # shares of the cases by kind, for the standardised score: kind → counts
    mix: tuple[tuple[str, Counts], ...] = ()


@dataclass(frozen=True)
class Compared:
    """A unit beside its peers."""

    unit: Unit
    score: Score
    z: float
    band: Band
    place: Place | None  # where it is asked for; none below 100 ratings, or alone
    peers: int
    standard: Score | None
    peers_mean: float = 0.0  # the pooled score
    ranked: int = 0  # units with a rank

    @property
    def surely_top(self) -> bool:
        """Whether 前25% may be said."""
        return self.place is not None and self.place.top_quarter >= fair.SURELY


def _levels(counts: Iterable[Counts]) -> Floats:
    return np.array([one.adjusted.levels for one in counts], dtype=float).reshape(-1, 5)


_BEST_FIRST = {
    band: at
    for at, band in enumerate((Band.HIGH, Band.HIGHISH, Band.SAME, Band.LOWISH, Band.LOW, Band.FEW))
}


@dataclass(frozen=True)
class Group:
    """Units beside their peers, thousands of them: a row each in the order of `keys`."""

    keys: Sequence[int]
    levels: Floats
    peers: fair.Peers
    scores: fair.Scores
    funnel: fair.Funnel
    bands: Sequence[Band]

    @classmethod
    def of(cls, levels: Mapping[int, Sequence[int]]) -> "Group":
        """Compare units by their adjusted levels."""
        values = np.array(list(levels.values()), dtype=float).reshape(-1, 5)
        peers = fair.peers_of(values)
        scores = fair.scores(values, peers)
        funnel = fair.funnel(values[:, :3].sum(axis=1), scores.n)
        bands = [fair.band(z, n) for z, n in zip(funnel.z, scores.n.tolist(), strict=True)]
        return cls(list(levels), values, peers, scores, funnel, bands)

    @property
    def good(self) -> Floats:
        """The share of 基本满意 and better of each unit: what the funnel compares."""
        return self.levels[:, :3].sum(axis=1) / np.maximum(self.scores.n, 1)

    def beside(self, unit: Unit, *, placed: bool = False) -> Compared:
        """Return one of the units beside the others."""
        at = self.keys.index(unit.key)
        place = self._place(at) if placed else None
        others = len(self.keys) - 1
        z, mean, ranked = self.funnel.z[at], self.peers.mean, len(self._ranked)
        score, band = self.scores[at], self.bands[at]
        return Compared(unit, score, z, band, place, others, None, mean, ranked)

    @property
    def _ranked(self) -> list[int]:
        ranked: list[int] = np.flatnonzero(self.scores.n >= fair.FEW).tolist()
        return ranked

    def _place(self, at: int) -> Place | None:
        ranked = self._ranked
        if at not in ranked or not 1 < len(ranked) <= _MOST_RANKED:
            return None
        return fair.places(self.levels[ranked], self.peers, [ranked.index(at)])[0]

    def band_of(self, key: int) -> int:
        """Return where a unit's band stands, 0 the best."""
        return _BEST_FIRST[self.bands[self.keys.index(key)]]

    def best_first(self, names: Mapping[int, str] | None = None) -> list[int]:
        """Return the keys from the best band to the worst, ties by name or, without, by key; too
        few ratings last.
        """
        band_of = dict(zip(self.keys, self.bands, strict=True))
        if names is None:
            return sorted(self.keys, key=lambda key: (_BEST_FIRST[band_of[key]], key))
        return sorted(self.keys, key=lambda key: (_BEST_FIRST[band_of[key]], names[key]))

    def near(self, key: int, most: int) -> list[int]:
        """Return the keys of a unit and so many on each side of it by score, the best first; only
        of those that have a score.
        """
        shown = np.flatnonzero(self.scores.n >= FEWEST)
        order = [self.keys[at] for at in shown[np.argsort(-self.scores.mean[shown], kind="stable")]]
        at = order.index(key) if key in order else most
        return order[max(0, at - most) : at + most + 1]


def compare(
    units: Sequence[Unit], *, weights: Callable[[str], float] | None = None, own: int | None = None
) -> list[Compared]:
    """Compare units with each other, in the order given; one of them may have its place among
    them. With `weights` of kinds of cases, the mix of these is taken out besides.
    """
    levels = _levels(unit.counts for unit in units)
    group = Group.of(dict(zip((unit.key for unit in units), levels.tolist(), strict=True)))
    found = [group.beside(unit, placed=unit.key == own) for unit in units]
    standard = _standard(units, weights) if weights else [None] * len(units)
    return [replace(one, standard=of) for one, of in zip(found, standard, strict=True)]


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
    return sorted(found, key=lambda one: (_BEST_FIRST[one.band], one.unit.name))
