"""D7: people say something else on the telephone than the ratings say."""

from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from haochaping.detection.rules.compare import Scored, compared, discover, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

GOOD, FEWEST_CALLS = 4, 10


def score(world: World) -> Scored:
    """Compare the share of 满意 and better among ratings with that among the audit sample's calls,
    centred on the median department: the telephone is kinder everywhere.
    """
    rated, calls = world.ratings, world.calls
    units, k, n = tally(rated.department, rated.level >= GOOD)
    called, ck, cn = tally(calls.department, calls.level >= GOOD)
    both = np.isin(units, called[cn >= FEWEST_CALLS])
    units, k, n = units[both], k[both], n[both]
    at = np.searchsorted(called, units)
    said = (ck[at] + 0.5) / (cn[at] + 1)
    usual = float(np.median(k / np.maximum(n, 1) - said)) if len(units) else 0.0
    expected = np.clip(said + usual, 0.001, 0.999)
    found = compared(
        units,
        k,
        n,
        share=expected,
        marked=(rated.department[(rated.level >= GOOD)], rated.id[(rated.level >= GOOD)]),
    )
    calls_n = cn[np.searchsorted(called, found.units)]
    sd = np.sqrt(
        found.expected
        * (1 - found.expected)
        * (1 / np.maximum(calls_n, 1) + 1 / np.maximum(found.n, 1))
    )
    p = ndtr(-(found.k / np.maximum(found.n, 1) - found.expected) / np.maximum(sd, 1e-9))
    return replace(found, p=np.maximum(p, found.p), flagged=found.flagged & discover(p))


DETECTOR = Detector(
    key="discord",
    code="D7",
    name=Words("与抽样回访不符", "At odds with the audit sample"),
    unit=Unit.DEPARTMENT,
    definition=Words(
        "评价满意占比与随机回访满意占比之差，以同类中位数为基准",
        "Share of satisfied ratings against that of random calls, centred on the median",
    ),
    needs=Words(
        "随机抽样回访（由平台抽取，被评单位不参与）",
        "the random audit sample, drawn by the platform",
    ),
    said=Words(
        "{n} 条评价中 {k} 条满意（占 {share}），而按抽样回访应约 {expected}",
        "{k} of {n} ratings are satisfied ({share}); by the audit sample about {expected} would be",
    ),
    honest=Words("回访样本太少或时间不同", "a small sample, or one of another time"),
    score=score,
)
