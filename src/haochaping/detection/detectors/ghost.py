"""D12: services that nobody can have received: they took no time."""

import numpy as np

from haochaping.detection.rules.compare import Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

SECONDS = 30.0


def score(world: World) -> Scored:
    """Count the on-site ratings of services that ended within 30 s of their beginning."""
    rated = world.ratings
    here = np.flatnonzero((rated.on_site == 1) & np.isfinite(rated.accepted))
    empty = rated.served[here] - rated.accepted[here] < SECONDS
    units, k, n = tally(rated.window[here], empty)
    return compared(units, k, n, marked=(rated.window[here][empty], rated.id[here][empty]))


DETECTOR = Detector(
    key="ghost",
    code="D12",
    name=Words("疑似虚构办件", "Services that took no time"),
    unit=Unit.WINDOW,
    definition=Words(
        "现场评价中，受理到办结不足 30 秒的办件占比",
        "On-site ratings of services that ended within 30 s of their beginning ÷ on-site ratings",
    ),
    needs=Words("受理时间、服务时间", "the moments of acceptance and service"),
    said=Words(
        "{n} 条现场评价中有 {k} 条的办件用时不足 30 秒（占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} on-site ratings are of services of less than 30 s ({share}; peers: {expected})",
    ),
    honest=Words(
        "即办件、咨询件；系统把受理与办结记为同一时刻",
        "services done at once; systems that write one moment for both",
    ),
    score=score,
    fakes=True,
)
