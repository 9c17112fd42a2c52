"""D13: citizens' own pages that were opened from one and the same network."""

import numpy as np

from haochaping.detection.rules.compare import Limits, Scored, compared, tally, times, together
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words


def score(world: World) -> Scored:
    """Count the ratings from the network that is most frequent at a window."""
    rated = world.ratings
    known = np.flatnonzero((rated.network != 0) & (rated.window >= 0))
    window, network = rated.window[known], rated.network[known]
    count = times(together(window, network))
    order = np.lexsort((network, -count, window))  # of a window the most frequent first
    units, first = np.unique(window[order], return_index=True)
    top = network[order][first]
    same = network == top[np.searchsorted(units, window)]
    units, k, n = tally(window, same)
    return compared(
        units, k, n, marked=(window[same], rated.id[known][same]), limits=Limits(over=0.1)
    )


DETECTOR = Detector(
    key="network",
    code="D13",
    name=Words("评价来自同一网络", "One network"),
    unit=Unit.WINDOW,
    definition=Words(
        "群众自有设备的评价中，来自该窗口最常见网络的占比",
        "Ratings on citizens' own devices from the window's most frequent network ÷ such ratings",
    ),
    needs=Words(
        "网络前缀与浏览器的加密标识（保留 60 天）",
        "a keyed number of network and browser, kept for 60 days",
    ),
    said=Words(
        "{n} 条群众自有设备评价中有 {k} 条来自同一网络（占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} ratings on citizens' own devices come from one "
        "network ({share}; peers: {expected})",
    ),
    honest=Words(
        "大厅公共无线网；运营商共用出口",
        "the hall's own public wireless network; a carrier's shared exit",
    ),
    score=score,
    fakes=True,
)
