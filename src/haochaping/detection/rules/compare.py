"""Comparing units with their peers, so that chance and what all of them differ by raise no alarm.

Shares are placed on a funnel with over-dispersion (trust design §3.2); a rare thing must also be
rare by the Poisson law. What is left is flagged by Benjamini-Hochberg at q = 0.05 (§2.3).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, pdtr, pdtrc

from haochaping.detection.rules.world import Flags, Floats, Ints

Q = 0.05  # of the flagged units, how many may be innocent
FEWEST = 30  # ratings of a unit below which nothing is said
PEERS = 10  # units below which there is nobody to compare with


@dataclass(frozen=True)
class Scored:
    """What a detector says of units, a row each: k of n against what the peers have, and how likely
    that is by chance.
    """

    units: Ints
    k: Floats
    n: Floats
    expected: Floats  # a share, as k / n is
    p: Floats
    flagged: Flags
    marked: tuple[Ints, Ints] | None = None  # units, and keys of ratings: a row each

    def rows(self, unit: int) -> list[int]:
        """Return the keys of the ratings that made a unit conspicuous, where single ones did."""
        if self.marked is None:
            return []
        return [int(key) for key in self.marked[1][self.marked[0] == unit]]

    def facts(self, at: int) -> dict[str, Any]:
        """Return the figures of one row, as evidence that a reader can count after."""
        return {
            "k": int(self.k[at]),
            "n": int(self.n[at]),
            "share": float(self.k[at] / max(self.n[at], 1)),
            "expected": float(self.expected[at]),
            "p": float(self.p[at]),
        }


def tally(units: Ints, marked: Flags | Ints | Floats | None = None) -> tuple[Ints, Floats, Floats]:
    """Return the units that occur, how many of their rows are marked, and how many they have."""
    found, where = np.unique(units, return_inverse=True)
    n = np.bincount(where, minlength=len(found)).astype(float)
    weights = None if marked is None else np.asarray(marked, float)
    return found, np.bincount(where, weights, minlength=len(found)).astype(float), n


def together(*columns: Ints) -> Ints:
    """Return the number of each row's group: rows are in one group if all their columns agree."""
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:  # 64 bits: of ten million rows two collide once in 400 000 runs
        mixed = (mixed ^ column.astype(np.uint64)) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed, return_inverse=True)[1].astype(np.int64)


_MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, without a pattern


def times(groups: Ints) -> Ints:
    """Return how many rows each row's group has."""
    return np.bincount(groups, minlength=1)[groups].astype(np.int64)


def usual(k: Floats, n: Floats) -> float:
    """Return the share that most units have: pooled, without the tenth with the highest shares."""
    if not len(k):
        return 0.0
    share = k / np.maximum(n, 1)
    most = share <= np.quantile(share, 0.9, method="lower")
    return float(k[most].sum() / max(n[most].sum(), 1))


def excess(
    k: Floats, n: Floats, share: Floats | float | None = None, *, alike: bool = False
) -> tuple[Floats, Floats]:
    """Return the share expected of each unit, and how likely so large an excess is by chance.

    z = (asin√p̂ - asin√p0) / √(1/4n + τ²), τ² from the middle 80 % of the units, which a tenth of
    cheats cannot move. `share` is what is expected where it is not simply the usual share.
    """
    expected: Floats = np.full(k.shape, usual(k, n)) if share is None else share + np.zeros(k.shape)
    y = np.arcsin(np.sqrt(np.clip(k / np.maximum(n, 1), 0, 1)))
    y0 = np.arcsin(np.sqrt(np.clip(expected, 0, 1)))
    s2 = 1 / (4 * np.maximum(n, 1))
    p = ndtr(-(y - y0) / np.sqrt(s2 + _between(y - y0, s2)))
    # of what most have, few are without it: the smaller side is the rare one
    chance = np.where(
        expected > 0.5,  # noqa: PLR2004 - a half
        pdtr(np.maximum(n - k, 0), np.maximum(n * (1 - expected), 1e-9)),
        pdtrc(np.maximum(k - 1, 0), np.maximum(n * expected, 1e-9)),
    )
    return expected, np.where(k > 0, chance if alike else np.maximum(p, chance), 1.0)


_MIDDLE = 1.2816  # half of the middle 80 % of a normal distribution, in standard deviations


def _between(difference: Floats, s2: Floats) -> float:
    """Return τ², what units differ by beyond chance, from the spread of their middle 80 %."""
    z = difference / np.sqrt(s2)
    low, high = np.quantile(z, [0.1, 0.9])
    phi = ((high - low) / 2 / _MIDDLE) ** 2
    return float(max(0.0, phi - 1) * np.median(s2))


def discover(p: Floats, q: float = Q) -> Flags:
    """Return which units are flagged when of those flagged a share of q may be innocent
    (Benjamini and Hochberg 1995).
    """
    order = np.argsort(p)
    fits = p[order] <= q * np.arange(1, len(p) + 1) / max(len(p), 1)
    flagged = np.zeros(len(p), bool)
    flagged[order[: int(np.flatnonzero(fits).max()) + 1 if fits.any() else 0]] = True
    return flagged


@dataclass(frozen=True)
class Limits:
    """Below which a unit is not compared, and a certain difference is too small to matter."""

    fewest: float = FEWEST  # of n
    least: float = 5  # cases
    over: float = 0.05  # above what is expected, as a share


def compared(
    units: Ints,
    k: Floats,
    n: Floats,
    *,
    share: Floats | float | None = None,
    limits: Limits = Limits(),
    alike: bool = False,
    marked: tuple[Ints, Ints] | None = None,
) -> Scored:
    """Compare k of n with peers; units below zero stay out. `share` is what is expected where it is
    not simply what most have; `alike` units are told apart by chance alone (Poisson).
    """
    enough = (n >= limits.fewest) & (units >= 0)
    units, k, n = units[enough], k[enough], n[enough]
    if isinstance(share, np.ndarray):
        share = share[enough]
    if len(units) < PEERS:
        none = np.zeros(0)
        return Scored(np.zeros(0, np.int64), none, none, none, none, np.zeros(0, bool))
    expected, p = excess(k, n, share, alike=alike)
    matters = (k >= limits.least) & (k / n - expected >= limits.over)
    flagged = discover(np.where(matters, p, 1.0)) & matters
    return Scored(units, k, n, expected, p, flagged, marked)


def merged(first: Scored, second: Scored) -> Scored:
    """Return two ways to look at the same units as one: a unit that only the second flags has the
    second's figures, any other the first's.
    """
    only = second.flagged & ~np.isin(second.units, first.units[first.flagged])
    rest = ~np.isin(first.units, second.units[only])

    def both[T: (Ints, Floats, Flags)](a: T, b: T) -> T:
        return np.concatenate([a[rest], b[only]])

    return Scored(
        both(first.units, second.units),
        both(first.k, second.k),
        both(first.n, second.n),
        both(first.expected, second.expected),
        both(first.p, second.p),
        both(first.flagged, second.flagged),
    )
