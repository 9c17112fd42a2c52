"""差评回复率: answered, of those due."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.due_replied


def _whole(facts: Facts) -> float:
    return facts.loop.due


MEASURE = Measure(
    key="replied_share",
    name=Words("差评回复率", "Answered, of those due"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words(
        "期内应答复的差评中已答复的 ÷ 期内应答复的差评",
        "Answered ÷ orders whose answer was due in the period",
    ),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words(
        "分母为限期在本期内届满的差评，不是已办结的",
        "The denominator is what was due in the period, not what was closed",
    ),
    part=_part,
    whole=_whole,
    better=1,
)
