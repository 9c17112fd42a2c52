"""D10: the same people rate the same member of staff, time and again."""

import numpy as np

from haochaping.detection.rules.compare import Scored, compared, tally, times, together
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

OFTEN = 3


def score(world: World) -> Scored:
    """Count the ratings of people who rated one member of staff three times or more."""
    rated = world.ratings
    known = np.flatnonzero((rated.rater != 0) & (rated.staff >= 0))
    often = times(together(rated.staff[known], rated.rater[known])) >= OFTEN
    units, k, n = tally(rated.staff[known], often)
    return compared(units, k, n, marked=(rated.staff[known][often], rated.id[known][often]))


DETECTOR = Detector(
    key="ring",
    code="D10",
    name=Words("固定人员互评", "A ring around one person"),
    unit=Unit.STAFF,
    definition=Words(
        "同一评价人对同一工作人员评价三次及以上的评价占比",
        "Ratings by people who rated this member of staff three times or more ÷ its ratings",
    ),
    needs=Words("评价人加密标识、工号", "a keyed number of the rater, the number of the staff"),
    said=Words(
        "{n} 条评价中有 {k} 条来自评价该人员三次以上的人（占 {share}，同类通常 {expected}）",
        "{k} of {n} ratings come from people who rated this person three "
        "times or more ({share}; peers: {expected})",
    ),
    honest=Words(
        "企业专办员固定找同一人办理", "clerks of companies who always see the same person"
    ),
    score=score,
    fakes=True,
)
