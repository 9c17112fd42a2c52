"""D19: orders that are closed on paper only."""

import numpy as np

from haochaping.detection.rules.compare import Limits, Scored, compared, tally, times, together
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words

MINUTE, SAME_MINUTE, SAME_REPLY = 60, 3, 3


def score(world: World) -> Scored:
    """Count the orders closed without a call, in one minute with two others, or with a reply that
    the department gave three times.
    """
    orders = world.orders
    minute = (orders.closed // MINUTE).astype(np.int64)
    bulk = times(together(orders.department, minute)) >= SAME_MINUTE
    copied = (times(together(orders.department, orders.reply)) >= SAME_REPLY) & (orders.reply != 0)
    paper = bulk | copied | (orders.called == 0)
    units, k, n = tally(orders.department, paper)
    return compared(
        units,
        k,
        n,
        marked=(orders.department[paper], orders.id[paper]),
        limits=Limits(fewest=10, least=4, over=0.1),
    )


DETECTOR = Detector(
    key="paper",
    code="D19",
    name=Words("纸面整改", "Closed on paper"),
    unit=Unit.DEPARTMENT,
    definition=Words(
        "办结差评中未回访、同一分钟批量办结或答复雷同的占比",
        "Closed orders without a call, closed in one minute with others, "
        "or with a copied reply ÷ closed orders",
    ),
    needs=Words("工单办结时间、回访与答复", "when orders were closed, calls and replies"),
    said=Words(
        "{n} 件办结差评中有 {k} 件未回访、批量办结或答复雷同（"
        "占 {share}，同类部门通常 {expected}）",
        "{k} of {n} closed orders had no call, were closed in bulk or with "
        "a copied reply ({share}; peers: {expected})",
    ),
    honest=Words(
        "同一故障引起的多件差评合并答复",
        "several orders about one fault that were answered together",
    ),
    score=score,
)
