"""回访接通率: reached, of those called."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.call_due_reached


def _whole(facts: Facts) -> float:
    return facts.loop.call_due_called


MEASURE = Measure(
    key="reached_share",
    name=Words("回访接通率", "Reached, of those called"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words("接通并得到答复的 ÷ 已回访的", "Spoken with ÷ called back"),
    source="domain §3.6",
    not_for=Words("不接电话的人可能不同于接电话的人", "Who does not answer may think otherwise"),
    part=_part,
    whole=_whole,
)
