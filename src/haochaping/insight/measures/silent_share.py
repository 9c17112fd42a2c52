"""未评率: share of services not rated."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.services - facts.counts.rated


def _whole(facts: Facts) -> float:
    return facts.counts.services


MEASURE = Measure(
    key="silent_share",
    name=Words("未评率", "Share of services not rated"),
    group=Group.RATING,
    unit=Unit.SHARE,
    formula=Words("1 − 评价率", "1 − share of services rated"),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words("未评不等于满意，也不等于不满意", "Silence is neither praise nor blame"),
    part=_part,
    whole=_whole,
)
