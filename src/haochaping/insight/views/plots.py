"""Plots of units: points with intervals, the funnel, the hours of a week; each with its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haochaping.analytics import queries
from haochaping.analytics.queries import Cut, Fresh
from haochaping.insight.rules import drawing
from haochaping.insight.rules.comparison import Compared, Group
from haochaping.insight.rules.fair import ALARM, ALERT, BANDS, FEWEST, Band, Floats, limits
from haochaping.insight.views.figures import (
    BAD_ONES,
    BOTTOM,
    HIGH_SCORE,
    LOW_SCORE,
    RATINGS,
    SCORE,
    TOP,
)
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words


def hours_grid(cut: Cut, now: Fresh) -> list[list[tuple[int, int]]]:
    """Return ratings by weekday (rows, Monday first) and hour: how many, and how many bad."""
    grid = [[(0, 0)] * 24 for _ in range(7)]
    for row in queries.hours(cut, ("weekday", "hour"), now=now):
        total = sum(row[f"n{n}"] for n in range(1, 6))
        grid[row["weekday"] - 1][row["hour"]] = (total, row["n1"] + row["n2"])
    return grid


_WEEK = (
    Words("周一", "Mon"),
    Words("周二", "Tue"),
    Words("周三", "Wed"),
    Words("周四", "Thu"),
    Words("周五", "Fri"),
    Words("周六", "Sat"),
    Words("周日", "Sun"),
)


def hours_table(grid: Sequence[Sequence[tuple[int, int]]]) -> Table:
    """Return the map's numbers: ratings by hour (rows) and weekday, and how many were bad."""
    lines = []
    for hour in range(24):
        day = [row[hour] for row in grid]
        ratings, bad = [n for n, _ in day], sum(bad for _, bad in day)
        lines.append(Line((f"{hour:02d}:00", *ratings, sum(ratings), bad)))
    days = [Column(says, Kind.COUNT) for says in _WEEK]
    says = Words("什么时候来评价", "When people rate")
    return Table("hours", says, (Column(Words("时", "Hour")), *days, RATINGS, BAD_ONES), lines)


@dataclass(frozen=True)
class Dots:
    """Units as points with intervals on one scale of scores."""

    scale: drawing.Axis
    mean: float | None  # of their peers
    rows: tuple[tuple[Compared, float, float, float, float], ...]  # unit, y, low, mean, high
    height: float


def dots(found: Sequence[Compared], most: int = 40) -> Dots | None:
    """Return the chart of units that have a score, in the order given; None where none has."""
    shown = [one for one in found if one.score.shown][:most]
    if not shown:
        return None
    means = {one.peers_mean for one in shown}
    lows, highs = [one.score.low for one in shown], [one.score.high for one in shown]
    scale = drawing.axis(min(lows), max(highs), 162.0, 620.0)
    rows = tuple(
        (
            one,
            34.0 + 24.0 * at,
            scale.at(one.score.low),
            scale.at(one.score.mean),
            scale.at(one.score.high),
        )
        for at, one in enumerate(shown)
    )
    # of units of several groups there is no mean of the peers
    mean = scale.at(means.pop()) if len(means) == 1 else None
    return Dots(scale, mean, rows, 34.0 + 24.0 * len(shown))


@dataclass(frozen=True)
class FunnelPlot:
    """Units by how many ratings they have and how many of these are good, between the limits of
    chance; those outside stand for themselves.
    """

    n: drawing.Axis  # of logarithms
    share: drawing.Axis
    target: float
    alert: str
    alarm: str
    within: str
    outside: tuple[tuple[str, Band, int, float, float, float], ...]  # name, band, n, share, x, y


_STEPS, _NAMED = 48, 60


def funnel_plot(group: Group, names: Mapping[int, str]) -> FunnelPlot | None:
    """Return the funnel of a group (trust design §3.2); None below three units with a score."""
    n, good, z = group.scores.n, group.good, np.abs(group.funnel.z)
    shown = n >= FEWEST
    if shown.sum() < 3:  # noqa: PLR2004 - two are a pair
        return None
    across = drawing.powers(FEWEST, float(n[shown].max()), 54.0, 620.0)
    upward = drawing.axis(float(good[shown].min()), 1.0, BOTTOM + 60, TOP)
    at_steps = [across.low + (across.high - across.low) * no / _STEPS for no in range(_STEPS + 1)]
    paths = []
    for far in (ALERT, ALARM):
        both = [limits(group.funnel, 10**step, far) for step in at_steps]
        lows, highs = ([upward.at(pair[side]) for pair in both] for side in (0, 1))
        paths.append(drawing.strip([across.at(step) for step in at_steps], lows, highs))
    outside = np.flatnonzero(shown & (z >= ALERT))
    named = outside[np.argsort(-z[outside], kind="stable")][:_NAMED]
    rest = shown.copy()
    rest[named] = False
    xs, ys = _placed(np.log10(np.maximum(n, 1)), across), _placed(good, upward)
    alert, alarm = paths
    return FunnelPlot(
        n=across,
        share=upward,
        target=upward.at(group.funnel.target),
        alert=alert,
        alarm=alarm,
        within=drawing.specks(zip(xs[rest].tolist(), ys[rest].tolist(), strict=True)),
        outside=tuple(
            (
                *(names[group.keys[at]], group.bands[at], int(n[at]), float(good[at])),
                *(float(xs[at]), float(ys[at])),
            )
            for at in named.tolist()
        ),
    )


def _placed(values: Floats, scale: drawing.Axis) -> Floats:
    """Return the places of values on a scale, as `Axis.at` does of one."""
    share = np.clip((values - scale.low) / (scale.high - scale.low), 0, 1)
    return np.round(scale.start + share * (scale.end - scale.start), 1)


def funnel_table(key: str, says: Words, plot: FunnelPlot) -> Table:
    """Return the units that the funnel shows outside its limits."""
    return Table(
        f"funnel-{key}",
        Words(f"{says.zh}：好评率与评价量", f"{says.en}: share of good by number"),
        (
            Column(Words("部门", "Department")),
            Column(Words("与同类相比", "Among its peers")),
            RATINGS,
            Column(Words("好评率", "Share of good"), Kind.SHARE),
        ),
        [Line((name, BANDS[band], n, share)) for name, band, n, share, _, _ in plot.outside],
        Words(
            f"界限之外的 {len(plot.outside)} 个；其余在偶然波动之内，不分先后。",
            f"The {len(plot.outside)} outside the limits; the others are within chance: ties.",
        ),
    )


def dots_table(found: Sequence[Compared]) -> Table:
    """Return the numbers of the points: by band, within one all are ties."""
    return Table(
        "peers",
        Words("与同类相比", "Beside its peers"),
        (
            Column(Words("同类", "Peer")),
            Column(Words("档次", "Band")),
            SCORE,
            LOW_SCORE,
            HIGH_SCORE,
            RATINGS,
        ),
        [
            Line((one.unit.name, BANDS[one.band], *one.score.told, one.score.n))
            for one in found
            if one.score.shown
        ],
    )
