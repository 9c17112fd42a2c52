"""差评核实率: verified, of those due."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.due_verified


def _whole(facts: Facts) -> float:
    return facts.loop.due


MEASURE = Measure(
    key="verified_share",
    name=Words("差评核实率", "Verified, of those due"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words(
        "期内应答复的差评中已核实的 ÷ 期内应答复的差评",
        "Verified ÷ orders whose answer was due in the period",
    ),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words(
        "分母为限期在本期内届满的差评，不是已办结的；核实不等于整改",
        "The denominator is what was due in the period, not what was closed; verifying is not "
        "mending",
    ),
    part=_part,
    whole=_whole,
    better=1,
)
