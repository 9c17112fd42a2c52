"""What changed over time, and when: control charts and change points of shares.

Laney's p′ chart widens the limits by what the numbers vary beyond chance, so that large units do
not cry wolf (Laney 2002); EWMA sees small shifts that last (Roberts 1959).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

_MOVING_RANGE = 1.128  # d2 of two values
_LAMBDA, _LIMIT = 0.2, 2.7  # of the EWMA: smoothing, and limits for about one false alarm in 500


@dataclass(frozen=True)
class Point:
    """A stretch of time on the chart: the share, its limits, and whether it lies outside."""

    share: float | None
    low: float
    high: float
    outside: bool
    drift: float  # the EWMA of z
    drifting: bool


@dataclass(frozen=True)
class Course:
    """A chart: the mean share, how much more than chance it varies (σ_z), and its points."""

    mean: float
    sigma_z: float
    points: tuple[Point, ...]


def course(series: Sequence[tuple[int, int]], *, base: int | None = None) -> Course | None:
    """Return the chart of (count, of how many) through time; None where there is nothing to see.

    Times without any are kept as gaps and move nothing. The middle and the limits are those of the
    first `base` times, or of all.
    """
    k = np.array([pair[0] for pair in series], dtype=float)
    n = np.array([pair[1] for pair in series], dtype=float)
    some = n > 0
    if some[: base or None].sum() < 2:  # noqa: PLR2004 - a range needs two
        return None
    early = some & (np.arange(len(n)) < (base or len(n)))
    mean = float(k[early].sum() / max(n[early].sum(), 1))
    sigma = np.sqrt(np.maximum(mean * (1 - mean), 1e-12) / np.where(some, n, 1))
    z = np.where(some, (k / np.where(some, n, 1) - mean) / sigma, 0.0)
    # less than chance is chance: few counts hide how much they vary
    sigma_z = max(1.0, float(np.abs(np.diff(z[early])).mean() / _MOVING_RANGE))
    wide = 3 * sigma * max(sigma_z, 1e-9)
    smooth, drift = 0.0, []
    for value, there in zip(z, some, strict=True):
        smooth = _LAMBDA * value / max(sigma_z, 1e-9) + (1 - _LAMBDA) * smooth if there else smooth
        drift.append(smooth)
    edge = _LIMIT * np.sqrt(_LAMBDA / (2 - _LAMBDA))
    return Course(
        mean,
        sigma_z,
        tuple(
            Point(
                float(k[i] / n[i]) if some[i] else None,
                float(max(0.0, mean - wide[i])),
                float(min(1.0, mean + wide[i])),
                bool(_telling(k[i], n[i] * mean, sigma_z) and abs(k[i] / n[i] - mean) > wide[i]),
                float(drift[i]),
                bool(n[i] * mean >= _LASTING and abs(drift[i]) > edge),
            )
            for i in range(len(series))
        ),
    )


_LASTING = 3  # events a time must be expected for a drift: of fewer one alone brings it about
_FEWEST = 5  # that must be expected, for the limits of a share to be those of chance


def _telling(count: float, expected: float, sigma_z: float) -> bool:
    """Say whether a time outside its limits is marked: where so few events are expected that one
    alone lies outside, it takes one more than that.
    """
    return expected >= _FEWEST or count > expected + 3 * sigma_z * np.sqrt(expected) + 1


@dataclass(frozen=True)
class Change:
    """A lasting change: from position `at` on, the share before and after, and how sure."""

    at: int
    before: float
    after: float
    strength: float  # twice the log-likelihood gained


# of the greatest of many likelihood ratios under no change at all, for a false alarm in a thousand
_SURE = 16.0
_SHORTEST = 4  # times on each side


def change_points(series: Sequence[tuple[int, int]], *, inflation: float = 1.0) -> list[Change]:
    """Return the lasting changes of a share, in order, by binary segmentation of the binomial
    likelihood; `inflation` (σ_z² of the chart) weakens evidence by what varies beyond chance.
    """
    k = np.array([pair[0] for pair in series], dtype=float)
    n = np.array([pair[1] for pair in series], dtype=float)
    found: list[Change] = []
    spans = [(0, len(series))]
    while spans:
        start, end = spans.pop()
        best = _best_split(k[start:end], n[start:end])
        if best is None or best[1] / max(inflation, 1.0) < _SURE:
            continue
        at = start + best[0]
        before, after = (float(k[a:b].sum() / n[a:b].sum()) for a, b in ((start, at), (at, end)))
        found.append(Change(at, before, after, best[1] / max(inflation, 1.0)))
        spans += [(start, at), (at, end)]
    return sorted(found, key=lambda change: change.at)


def _best_split(k: Floats, n: Floats) -> tuple[int, float] | None:
    """Return where a split gains most likelihood and twice the gain; None where none may be."""
    if len(k) < 2 * _SHORTEST:
        return None
    ks, ns = np.cumsum(k), np.cumsum(n)
    at = np.arange(_SHORTEST, len(k) - _SHORTEST + 1)
    left, right = (ks[at - 1], ns[at - 1]), (ks[-1] - ks[at - 1], ns[-1] - ns[at - 1])
    gain = 2 * (_likelihood(*left) + _likelihood(*right) - _likelihood(ks[-1], ns[-1]))
    gain[(left[1] == 0) | (right[1] == 0)] = 0
    best = int(gain.argmax())
    return int(at[best]), float(gain[best])


def _likelihood(k: Floats, n: Floats) -> Floats:
    """Return the binomial log-likelihood at its greatest."""
    p = np.clip(k / np.maximum(n, 1), 1e-12, 1 - 1e-12)
    return np.asarray(k * np.log(p) + (n - k) * np.log1p(-p))
