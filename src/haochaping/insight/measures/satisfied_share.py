"""回访整改满意率: satisfied with the handling."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.call_due_satisfied


def _whole(facts: Facts) -> float:
    return facts.loop.call_due_reached


MEASURE = Measure(
    key="satisfied_share",
    name=Words("回访整改满意率", "Satisfied with the handling"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words("回访中表示满意的 ÷ 接通并得到答复的", "Satisfied ÷ spoken with"),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words(
        "电话回访通常比网上高 7–15 个百分点，不与网评比较",
        "Calls say 7–15 points better than the web: not to be compared with ratings",
    ),
    part=_part,
    whole=_whole,
    better=1,
)
