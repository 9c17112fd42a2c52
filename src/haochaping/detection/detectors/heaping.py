"""D17: shares that lie just above the mark by which they are judged."""

import numpy as np

from haochaping.detection.rules.compare import Limits, Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

MARKS, WIDTH, GOOD, ENOUGH = (0.98, 0.99, 0.995), 0.002, 3, 100


def score(world: World) -> Scored:
    """Count the windows of a department whose share of good ratings lies within 0.2 points above a
    mark, against what chance would put there at the shares that they have (resampled, so that
    coarse shares of small numbers are no finding).
    """
    rated = world.ratings
    units, k, n = tally(rated.window, rated.level >= GOOD)
    enough = (n >= ENOUGH) & (units >= 0)
    units, k, n = units[enough], k[enough], n[enough]
    share = k / np.maximum(n, 1)
    hit = np.zeros(len(units), bool)
    chance = np.zeros(len(units))
    dice = np.random.default_rng(1)
    again = dice.binomial(n.astype(int), (k + 1) / (n + 2), size=(400, len(units))) / np.maximum(
        n, 1
    )
    for mark in MARKS:
        hit |= (share >= mark) & (share < mark + WIDTH)
        chance += ((again >= mark) & (again < mark + WIDTH)).mean(axis=0)
    first = np.unique(rated.window, return_index=True)[1]
    home = dict(zip(rated.window[first].tolist(), rated.department[first].tolist(), strict=True))
    department = np.array([home[int(unit)] for unit in units], np.int64)
    found, heaped, windows = tally(department, hit)
    expected = tally(department, chance)[1] / np.maximum(windows, 1)
    return compared(
        found,
        heaped,
        windows,
        share=np.clip(expected, 0.01, 0.99),
        limits=Limits(fewest=6, least=4, over=0.3),
    )


DETECTOR = Detector(
    key="heaping",
    code="D17",
    name=Words("得分压线", "Just above the mark"),
    unit=Unit.DEPARTMENT,
    definition=Words(
        "好评占比恰在 98%、99%、99.5% 之上 0.2 个百分点内的窗口占比，与重抽样结果比较",
        "Windows whose share of good ratings lies within 0.2 points "
        "above 98, 99 or 99.5 %, against resampling",
    ),
    needs=Words("各窗口评价等级", "the levels at each window"),
    said=Words(
        "{n} 个窗口中有 {k} 个恰好压线（占 {share}，随机情形约 {expected}）",
        "{k} of {n} windows lie just above a mark ({share}; by chance {expected})",
    ),
    honest=Words("窗口很少时可能是巧合", "a coincidence where there are few windows"),
    score=score,
)
