"""D8: far fewer or far more people rate than at other windows."""

import numpy as np

from haochaping.detection.rules.compare import Limits, Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import Floats, World
from haochaping.kernel.words import Words


def score(world: World) -> Scored:
    """Look at both tails of the share of services that were rated."""
    served = world.services
    units, k, n = tally(served.window, served.rated)
    few = compared(units, n - k, n, limits=Limits(over=0.2))
    many = compared(units, k, n, limits=Limits(over=0.2))
    take = many.p < few.p

    def either(high: Floats, low: Floats) -> Floats:
        return np.where(take, high, low)

    return Scored(
        few.units,
        either(many.k, few.k),
        few.n,
        either(many.expected, few.expected),
        np.minimum(1.0, 2 * np.minimum(many.p, few.p)),
        np.where(take, many.flagged, few.flagged),
    )


DETECTOR = Detector(
    key="response",
    code="D8",
    name=Words("评价率异常", "An odd response rate"),
    unit=Unit.WINDOW,
    definition=Words(
        "办件中被评价（或未评价）的占比，两端都看",
        "Share of services that were rated (or not), both tails",
    ),
    needs=Words("办件与评价", "services and ratings"),
    said=Words(
        "{n} 件服务中有 {k} 件落在异常一侧（占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} services lie on the odd side ({share}; peers: {expected})",
    ),
    honest=Words(
        "评价器故障、窗口业务特殊（如内部流转）",
        "a broken device, or a window whose work nobody sees",
    ),
    score=score,
)
