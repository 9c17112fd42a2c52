"""Fair scores: shrinkage within peers, intervals, bands, ranks with their uncertainty.

The formulae are those of the trust design §3.2; arrays of levels have one row a unit and five
columns, 非常满意 first. Nothing here is a point rank: units that cannot be told apart are ties.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from haochaping.kernel.words import Words

type Floats = NDArray[np.float64]

POINTS: Floats = np.array([100.0, 75.0, 50.0, 25.0, 0.0])  # s_k of the levels, 5 first
FEWEST = 30  # ratings below which nothing is scored: 样本不足
FEW = 100  # below which a score has its interval and band, and no rank
Z95 = 1.959963984540054
ALERT, ALARM = 1.959963984540054, 3.0902323061678132  # of a funnel: 95 % and 99.8 %
_LEAST, _MOST = 20.0, 2000.0  # of A, the ratings that the peers' mean weighs


class Band(StrEnum):
    """Where a unit stands among its peers, with over-dispersion allowed for."""

    LOW = "low"
    LOWISH = "lowish"
    SAME = "same"
    HIGHISH = "highish"
    HIGH = "high"
    FEW = "few"


BANDS: dict[Band, Words] = {
    Band.HIGH: Words("明显高于同类", "Clearly above its peers"),
    Band.HIGHISH: Words("略高于同类（提示）", "Somewhat above its peers"),
    Band.SAME: Words("与同类无明显差异", "No different from its peers"),
    Band.LOWISH: Words("略低于同类（提示）", "Somewhat below its peers"),
    Band.LOW: Words("明显低于同类", "Clearly below its peers"),
    Band.FEW: Words("样本不足", "Too few ratings"),
}


@dataclass(frozen=True)
class Score:
    """A unit's score 0…100 with its 95 % interval; `borrowed` is the share of it that comes from
    the mean of its peers.
    """

    n: int
    mean: float
    low: float
    high: float
    borrowed: float

    @property
    def shown(self) -> bool:
        """Whether there are enough ratings to show it."""
        return self.n >= FEWEST

    @property
    def told(self) -> tuple[float | None, float | None, float | None]:
        """Mean, low and high as they may be shown: nothing below thirty ratings."""
        return (self.mean, self.low, self.high) if self.shown else (None, None, None)


@dataclass(frozen=True)
class Peers:
    """What a group of peers has in common: shares of the levels, and how much its mean weighs.

    Both are estimates of so many units: the fewer there are, the less is borrowed from them and
    the less is known (Morris 1983, empirical Bayes intervals). None: as if they were known.
    """

    shares: Floats
    weight: float  # A, in ratings
    units: int | None = None  # with a score
    sampling: float = 0.0  # how much the means of such units vary by chance, in points²
    mean_variance: float = 0.0  # of the pooled score, in points²

    @property
    def mean(self) -> float:
        """The pooled score."""
        return float(POINTS @ self.shares)

    @property
    def spread(self) -> float:
        """The variance of one rating, in points²."""
        return float(POINTS**2 @ self.shares - self.mean**2)

    @property
    def between(self) -> float:
        """The variance of the units' true means, in points²."""
        return self.spread / (self.weight + 1)

    @property
    def trust(self) -> float:
        """How far the group is to be believed, 0…1: (k−3)/(k−1)."""
        if self.units is None:
            return 1.0
        return max(0.0, (self.units - 3) / max(self.units - 1, 1))

    def weights(self, n: Floats) -> Floats:
        """Return A for units of n ratings: what the group's mean weighs beside their own."""
        drawn = self.trust * self.weight / np.maximum(n + self.weight, 1e-300)  # B
        weighs: Floats = np.where(drawn < 1, n * drawn / np.maximum(1 - drawn, 1e-300), self.weight)
        return np.where(n > 0, weighs, self.weight)


def peers_of(levels: Floats) -> Peers:
    """Return the peers' shares and A = 1/ρ − 1 by the moments of the Dirichlet-multinomial, held
    within 20 and 2000; all at the middle where nobody was rated.
    """
    n = levels.sum(axis=1)
    levels, n = levels[n > 0], n[n > 0]
    if not len(n):
        return Peers(np.full(5, 0.2), _MOST, 0)
    shares = levels.sum(axis=0) / n.sum()
    mean = POINTS @ shares
    spread = float(POINTS**2 @ shares - mean**2)
    free = float((n * (1 - 1 / n)).sum())
    scored = n[n >= FEWEST]
    if spread <= 0 or free <= 0:
        return Peers(shares, _MOST, len(scored))
    means = levels @ POINTS / n
    rho = float((n * ((means - mean) ** 2 / spread - 1 / n)).sum()) / free
    weight = _MOST if rho <= 0 else min(_MOST, max(_LEAST, 1 / rho - 1))
    of = spread / n
    known = float((1 / (of + spread / (weight + 1))).sum())
    return Peers(shares, weight, len(scored), float(of.mean()), 1 / known)


@dataclass(frozen=True)
class Scores:
    """The shrunken scores of units, a column each."""

    n: Floats
    mean: Floats
    low: Floats
    high: Floats
    borrowed: Floats

    def __getitem__(self, at: int) -> Score:
        mean, low, high = float(self.mean[at]), float(self.low[at]), float(self.high[at])
        return Score(int(self.n[at]), mean, low, high, float(self.borrowed[at]))


def scores(levels: Floats, peers: Peers) -> Scores:
    """Return the shrunken score of each unit (m*, sd of the Dirichlet posterior), its interval
    wider by what is not known of the peers.
    """
    n = levels.sum(axis=1)
    weights = peers.weights(n)
    posterior, whole = levels + weights[:, None] * peers.shares, n + weights
    mean = posterior @ POINTS / whole
    # nobody is sure that there are no other levels because none was given (Jeffreys)
    unseen = 0.5 * (1 - peers.trust)
    shares = (posterior + unseen) / (whole + 5 * unseen)[:, None]
    chance = shares @ POINTS**2 - (shares @ POINTS) ** 2
    variance = np.maximum(chance, 0) / (whole + 5 * unseen + 1) + _unknown(levels, n, peers)
    half = Z95 * np.sqrt(variance)
    low, high = np.maximum(mean - half, 0), np.minimum(mean + half, 100)
    return Scores(n, mean, low, high, weights / whole)


def _unknown(levels: Floats, n: Floats, peers: Peers) -> Floats:
    """Return the variance of each score because the peers' mean and weight are estimates (Morris
    1983, eq. 4.1): B²·Var(m) + (m̂−m)²·Var(B).
    """
    if peers.units is None or peers.units <= 3:  # noqa: PLR2004 - nothing is borrowed
        return np.zeros(len(n))
    drawn = peers.weights(n) / np.maximum(n + peers.weights(n), 1e-300)
    own = np.where(n > 0, levels @ POINTS / np.maximum(n, 1), peers.mean)
    by_chance = peers.spread / np.maximum(n, 1)
    like = (peers.sampling + peers.between) / np.maximum(by_chance + peers.between, 1e-300)
    variance = 2 / (peers.units - 3) * drawn**2 * like
    found: Floats = drawn**2 * peers.mean_variance + (own - peers.mean) ** 2 * variance
    return found


def score(levels: Floats, peers: Peers) -> list[Score]:
    """Return `scores` one by one."""
    every = scores(levels, peers)
    return [every[at] for at in range(len(levels))]


@dataclass(frozen=True)
class Place:
    """Where a unit may stand: the rank interval (1 is best), and how surely in the top quarter."""

    best: int
    worst: int
    top_quarter: float


SURELY = 0.9  # 前25% is said only from here on


def places(
    levels: Floats,
    peers: Peers,
    of: Iterable[int] | None = None,
    *,
    draws: int = 1000,
    seed: int = 1,
) -> list[Place]:
    """Return the 95 % rank interval of each unit (or of those `of` a place in the table) and its
    chance to be in the top quarter, from draws of the posterior; the same seed gives the same
    answer.
    """
    dice = np.random.default_rng(seed)
    weights = peers.weights(levels.sum(axis=1))[:, None]
    gammas = dice.standard_gamma(levels + weights * peers.shares, size=(draws, *levels.shape))
    scores = gammas @ POINTS / np.maximum(gammas.sum(axis=2), 1e-300)
    found = []
    for at in range(len(levels)) if of is None else of:
        ranks = (scores > scores[:, at : at + 1]).sum(axis=1) + 1
        best, worst = np.percentile(ranks, [2.5, 97.5])
        top = (ranks <= max(1, len(levels) // 4)).mean()
        found.append(Place(int(np.floor(best)), int(np.ceil(worst)), float(top)))
    return found


@dataclass(frozen=True)
class Funnel:
    """Units around a target on the scale asin√p; `tau2` is what they differ by beyond chance."""

    target: float  # a share
    tau2: float
    phi: float  # over-dispersion: 1 is pure chance
    z: tuple[float, ...]  # adjusted, of each unit


def funnel(good: Floats, n: Floats) -> Funnel:
    """Return how far each unit's share lies from the pooled one, with over-dispersion by additive
    random effects (Spiegelhalter 2005, winsorised at 10 %). Units without ratings have z = 0.

    What units differ by beyond chance is told by those that have a score: a share of one rating or
    two lies where it must, and many such units would hide the difference of the others.
    """
    some, scored = n > 0, n >= FEWEST
    if not scored.any():
        return Funnel(0.5, 0.0, 1.0, tuple(0.0 for _ in n))
    target = float(good[scored].sum() / n[scored].sum())
    y, s = np.arcsin(np.sqrt(good[some] / n[some])), 1 / (2 * np.sqrt(n[some]))
    y0 = np.arcsin(np.sqrt(target))
    z = ((y - y0) / s)[n[some] >= FEWEST]
    count = len(z)
    # the outermost tenth counts as the one beside it, so that an outlier does not hide itself
    low = np.quantile(z, 0.1, method="higher")
    high = np.quantile(z, 0.9, method="lower")
    phi = float((np.clip(z, low, high) ** 2).mean())
    w = 4 * n[scored]
    free = float(w.sum() - (w**2).sum() / w.sum())
    tau2 = max(0.0, (count * phi - (count - 1)) / free) if phi > 1 and free > 0 else 0.0
    adjusted = np.zeros(len(n))
    adjusted[some] = (y - y0) / np.sqrt(s**2 + tau2)
    return Funnel(target, tau2, phi, tuple(adjusted.tolist()))


def limits(of: Funnel, n: float, z: float) -> tuple[float, float]:
    """Return the shares between which a unit of n ratings lies within ±z of the target."""
    half = z * np.sqrt(1 / (4 * n) + of.tau2)
    middle = np.arcsin(np.sqrt(of.target))
    low, high = np.clip([middle - half, middle + half], 0, np.pi / 2)
    return float(np.sin(low) ** 2), float(np.sin(high) ** 2)


def band(z: float, n: float) -> Band:
    """Return the band of a unit by its adjusted z: |z| < 1.96 is no difference, to 3.09 a hint."""
    if n < FEWEST:
        return Band.FEW
    if abs(z) < ALERT:
        return Band.SAME
    if abs(z) < ALARM:
        return Band.HIGHISH if z > 0 else Band.LOWISH
    return Band.HIGH if z > 0 else Band.LOW


def standardise(groups: Sequence[tuple[float, Score]]) -> Score | None:
    """Return the score of a unit with its mix of cases taken out: the groups' scores with published
    weights (direct standardisation). None without any weight.
    """
    whole = sum(weight for weight, _ in groups)
    if whole <= 0:
        return None
    mean = sum(weight * one.mean for weight, one in groups) / whole
    half = np.sqrt(sum((weight / whole * (one.high - one.low) / 2) ** 2 for weight, one in groups))
    borrowed = sum(weight * one.borrowed for weight, one in groups) / whole
    return Score(
        sum(one.n for _, one in groups),
        mean,
        max(0.0, mean - float(half)),
        min(100.0, mean + float(half)),
        borrowed,
    )
