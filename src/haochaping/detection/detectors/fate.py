"""D15: bad ratings of a department that are found untrue more often than elsewhere."""

from haochaping.detection.rules.compare import Limits, Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words


def score(world: World) -> Scored:
    """Count the orders that ended as untrue or with an objection upheld."""
    orders = world.orders
    units, k, n = tally(orders.department, orders.dropped)
    return compared(
        units,
        k,
        n,
        marked=(orders.department[(orders.dropped == 1)], orders.id[(orders.dropped == 1)]),
        limits=Limits(fewest=10, least=4, over=0.1),
    )


DETECTOR = Detector(
    key="fate",
    code="D15",
    name=Words("差评被否定过多", "Bad ratings found untrue"),
    unit=Unit.DEPARTMENT,
    definition=Words(
        "已办结差评中认定“不属实”或申诉成立的占比",
        "Closed orders found untrue or set aside ÷ closed orders",
    ),
    needs=Words("差评工单的处理结果", "what became of the orders"),
    said=Words(
        "{n} 件办结差评中有 {k} 件被认定不属实或申诉成立（占 {share}，同类部门通常 {expected}）",
        "{k} of {n} closed orders were found untrue or set aside ({share}; peers: {expected})",
    ),
    honest=Words("部门确实受到恶意差评", "a department that is really the target of malice"),
    score=score,
)
