"""按期整改率: rectified in time."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.due_rectified_in_time


def _whole(facts: Facts) -> float:
    return facts.loop.due_true


MEASURE = Measure(
    key="rectified_in_time",
    name=Words("按期整改率", "Rectified in time"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words(
        "期限内整改的 ÷ 期内应答复的差评（扣除核实为不属实的）",
        "Rectified by the limit ÷ orders whose answer was due, without those found untrue",
    ),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words(
        "经批准延期的按延期后期限计", "With an extension granted, the later limit counts"
    ),
    part=_part,
    whole=_whole,
    better=1,
)
