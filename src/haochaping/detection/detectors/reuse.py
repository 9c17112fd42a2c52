"""D1: the same few people rate again and again at one window."""

import numpy as np

from haochaping.detection.rules.compare import Scored, compared, tally, times, together
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words


def score(world: World) -> Scored:
    """Count the ratings beyond the first of each person at a window."""
    rated = world.ratings
    known = np.flatnonzero(rated.rater != 0)
    where = together(rated.window[known], rated.rater[known])
    _, first = np.unique(where, return_index=True)
    again = np.ones(len(known), bool)
    again[first] = False
    often = times(where) > 1
    units, k, n = tally(rated.window[known], again)
    return compared(units, k, n, marked=(rated.window[known][often], rated.id[known][often]))


DETECTOR = Detector(
    key="reuse",
    code="D1",
    name=Words("同一人反复评价", "The same people again"),
    unit=Unit.WINDOW,
    definition=Words(
        "同一窗口内，同一评价人第二次及以后的评价占比",
        "Ratings beyond a person's first at the window ÷ its ratings by known persons",
    ),
    needs=Words(
        "评价人或办事人手机、证件的加密标识",
        "a keyed number of the rater's or applicant's telephone or certificate",
    ),
    said=Words(
        "{n} 条评价中有 {k} 条来自此前已在该窗口评价过的人（占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} ratings come from people who had rated here "
        "before ({share}; peers: {expected})",
    ),
    honest=Words(
        "代办人员、企业专办员经常来同一窗口办事",
        "agents and clerks of companies who come to one window often",
    ),
    score=score,
    fakes=True,
)
