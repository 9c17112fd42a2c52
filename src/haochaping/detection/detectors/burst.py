"""D2: many ratings at one window within seconds."""

import numpy as np

from haochaping.detection.rules.compare import Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

SECONDS = 12.0


def score(world: World) -> Scored:
    """Count the ratings that follow the one before at the same window within 12 s."""
    rated = world.ratings
    here = np.flatnonzero(rated.on_site == 1)
    here = here[np.lexsort((rated.rated[here], rated.window[here]))]
    close = np.zeros(len(here), bool)
    if len(here):
        same = rated.window[here[1:]] == rated.window[here[:-1]]
        close[1:] = same & (np.diff(rated.rated[here]) < SECONDS)

    both = here[close | np.append(close[1:], False)[: len(close)]]
    units, k, n = tally(rated.window[here], close)
    return compared(units, k, n, marked=(rated.window[both], rated.id[both]))


DETECTOR = Detector(
    key="burst",
    code="D2",
    name=Words("扎堆评价", "Ratings in bursts"),
    unit=Unit.WINDOW,
    definition=Words(
        "同一窗口现场评价中，与前一条间隔不足 12 秒的占比",
        "On-site ratings less than 12 s after the one before at "
        "the same window ÷ its on-site ratings",
    ),
    needs=Words("评价时间、窗口", "the moment of rating, the window"),
    said=Words(
        "{n} 条现场评价中有 {k} 条紧跟前一条（间隔不足 12 秒，"
        "占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} on-site ratings came within 12 s of the one "
        "before ({share}; peers: {expected})",
    ),
    honest=Words(
        "一家人同时办多个件，逐个评价", "a family with several cases that rates one after the other"
    ),
    score=score,
    fakes=True,
)
