"""D3: rated within seconds of the end of the service: a person needs longer to read."""

import numpy as np

from haochaping.detection.rules.compare import Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

SECONDS = 12.0


def score(world: World) -> Scored:
    """Count the on-site ratings given within 12 s of the service."""
    rated = world.ratings
    here = np.flatnonzero((rated.on_site == 1) & np.isfinite(rated.served))
    lag = rated.rated[here] - rated.served[here]
    quick = (lag >= 0) & (lag < SECONDS)
    units, k, n = tally(rated.window[here], quick)
    return compared(units, k, n, marked=(rated.window[here][quick], rated.id[here][quick]))


DETECTOR = Detector(
    key="hasty",
    code="D3",
    name=Words("办结即评", "Rated at once"),
    unit=Unit.WINDOW,
    definition=Words(
        "现场评价中，服务结束后 12 秒内给出的占比",
        "On-site ratings within 12 s of the end of the service ÷ on-site ratings",
    ),
    needs=Words("服务时间、评价时间", "the moments of service and rating"),
    said=Words(
        "{n} 条现场评价中有 {k} 条在服务结束后 12 秒内给出（占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} on-site ratings were given within 12 s of the "
        "service ({share}; peers: {expected})",
    ),
    honest=Words(
        "业务系统把呼叫评价的时间当作办结时间上报",
        "a system that reports the call for a rating as the end of the service",
    ),
    score=score,
    fakes=True,
)
