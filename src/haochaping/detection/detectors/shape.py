"""D5: too many of the highest level, or too long a run of them."""

from dataclasses import replace

import numpy as np

from haochaping.detection.rules.compare import Limits, Q, Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

TOP = 5
OVER, SURE = 0.1, 0.01


def score(world: World) -> Scored:
    """Count 非常满意, and look at the longest run of them in the order of time."""
    rated = world.ratings
    top = rated.level == TOP
    units, k, n = tally(rated.window, top)
    found = compared(
        units, k, n, marked=(rated.window[top], rated.id[top]), limits=Limits(over=OVER)
    )
    run = _runs(world)
    share = np.clip(found.expected, 0.01, 0.99)
    length = np.array([run.get(int(unit), 0) for unit in found.units], float)
    by_run = -np.expm1(-found.n * (1 - share) * share**length)
    long = (by_run * max(len(length), 1) < Q) & (found.p < SURE)
    return replace(found, flagged=found.flagged | (long & (found.k / found.n - share >= OVER)))


def _runs(world: World) -> dict[int, int]:
    """Return the longest run of the highest level of each window."""
    rated = world.ratings
    order = np.lexsort((rated.rated, rated.window))
    window, top = rated.window[order], rated.level[order] == TOP
    breaks = np.flatnonzero(~top | np.append(True, window[1:] != window[:-1]))
    units, where = np.unique(window[breaks], return_inverse=True)
    longest = np.zeros(len(units), np.int64)
    np.maximum.at(longest, where, np.diff(np.append(breaks, len(window))))
    return dict(zip(units.tolist(), longest.tolist(), strict=True))


DETECTOR = Detector(
    key="shape",
    code="D5",
    name=Words("评价分布异常", "Too many at the top"),
    unit=Unit.WINDOW,
    definition=Words(
        "“非常满意”占比及最长连续“非常满意”条数，与同类窗口比较",
        "Share of the highest level, and its longest run, against peers",
    ),
    needs=Words("评价等级", "the levels"),
    said=Words(
        "{n} 条评价中 {k} 条为“非常满意”（占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} ratings are at the highest level ({share}; peers: {expected})",
    ),
    honest=Words(
        "窗口确实服务得好；请看现场与抽样回访是否一致",
        "a window that is really good: compare with the audit sample",
    ),
    score=score,
)
