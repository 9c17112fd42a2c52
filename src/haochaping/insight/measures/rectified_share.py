"""差评整改率: rectified, of those due."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.due_rectified


def _whole(facts: Facts) -> float:
    return facts.loop.due_true


MEASURE = Measure(
    key="rectified_share",
    name=Words("差评整改率", "Rectified, of those due"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words(
        "期内应答复的差评中已整改的 ÷ 期内应答复的差评（扣除核实为不属实的）",
        "Rectified ÷ orders whose answer was due in the period, without those found untrue",
    ),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words(
        "分母为限期在本期内届满的差评，不是已办结的；逾期未核实的仍在分母内",
        "The denominator is what was due in the period, not what was closed; what nobody verified "
        "stays in it",
    ),
    part=_part,
    whole=_whole,
    better=1,
)
