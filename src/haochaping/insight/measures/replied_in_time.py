"""按期回复率: answered in time."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.due_replied_in_time


def _whole(facts: Facts) -> float:
    return facts.loop.due


MEASURE = Measure(
    key="replied_in_time",
    name=Words("按期回复率", "Answered in time"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words(
        "期限内答复的 ÷ 期内应答复的差评",
        "Answered by the limit ÷ orders whose answer was due in the period",
    ),
    source="domain §3.6",
    not_for=Words(
        "快不等于办好，须与回访满意率同看", "Fast is not good: read it beside satisfaction"
    ),
    part=_part,
    whole=_whole,
    better=1,
)
