"""D6: the share of the highest level jumps from one day to the next, and stays."""

from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from haochaping.detection.rules.compare import Limits, Scored, compared, discover
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import Floats, World
from haochaping.kernel.words import Words

TOP, SMOOTH = 5, 0.2


def score(world: World) -> Scored:
    """Follow each window's daily share of 非常满意 by an EWMA (λ = 0.2) against its first half."""
    rated = world.ratings
    days = max(4, int(np.ceil((world.until - world.since) / 86400)))
    day = np.clip((rated.rated - world.since) // 86400, 0, days - 1).astype(np.int64)
    mine = np.flatnonzero(rated.window >= 0)
    units, where = np.unique(rated.window[mine], return_inverse=True)
    cell, top = where * days + day[mine], rated.level[mine] == TOP
    n = np.bincount(cell, minlength=len(units) * days).reshape(-1, days).astype(float)
    k = np.bincount(cell, top, minlength=len(units) * days).reshape(-1, days)
    half = days // 2
    before = (k[:, :half].sum(axis=1) + 1) / (n[:, :half].sum(axis=1) + 2)
    z = (k - n * before[:, None]) / np.sqrt(np.maximum(n * (before * (1 - before))[:, None], 1e-9))
    z = np.where(n > 0, z, 0.0)
    smooth, highest = np.zeros(len(units)), np.zeros(len(units))
    for at in range(half, days):
        smooth = SMOOTH * z[:, at] + (1 - SMOOTH) * smooth
        highest = np.maximum(highest, smooth)
    # the first half is itself uncertain, and a window varies more than chance
    wide = SMOOTH / (2 - SMOOTH) + n[:, half:].mean(axis=1) / np.maximum(n[:, :half].sum(axis=1), 1)
    p = np.minimum(1.0, (days - half) * ndtr(-highest / np.sqrt(wide) / _spread(z)))
    late = (k[:, half:].sum(axis=1), n[:, half:].sum(axis=1))
    found = compared(
        units,
        *late,
        share=before,
        marked=(
            rated.window[(rated.level == TOP) & (day >= half)],
            rated.id[(rated.level == TOP) & (day >= half)],
        ),
        limits=Limits(over=0.1),
    )
    p = p[np.searchsorted(units, found.units)]
    return replace(found, p=np.maximum(p, found.p), flagged=found.flagged & discover(p))


def _spread(z: Floats) -> float:
    """Return how much more than chance the days vary, from their middle 80 %."""
    some = z[z != 0]
    low, high = np.quantile(some, [0.1, 0.9]) if len(some) else (-1.2816, 1.2816)
    return float(max(1.0, (high - low) / 2.563))


DETECTOR = Detector(
    key="change",
    code="D6",
    name=Words("评价突变", "A sudden change"),
    unit=Unit.WINDOW,
    definition=Words(
        "“非常满意”日占比的指数加权移动平均，与本窗口前半期比较",
        "EWMA of the daily share of the highest level against the window's own first half",
    ),
    needs=Words("评价等级、评价时间", "the levels and their days"),
    said=Words(
        "后半期 {n} 条评价中 {k} 条为“非常满意”（占 {share}，前半期 {expected}）",
        "{k} of {n} ratings of the second half are at the highest "
        "level ({share}; first half: {expected})",
    ),
    honest=Words(
        "换了人员、流程或设备；看变化当天发生了什么",
        "other staff, procedures or devices: ask what happened that day",
    ),
    score=score,
)
