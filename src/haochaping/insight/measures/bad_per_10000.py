"""差评率（每万件）: bad ratings per 10 000."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.adjusted.bad


def _whole(facts: Facts) -> float:
    return facts.counts.adjusted.total


MEASURE = Measure(
    key="bad_per_10000",
    name=Words("差评率（每万件）", "Bad ratings per 10 000"),
    group=Group.RATING,
    unit=Unit.PER_10000,
    formula=Words(
        "（不满意＋非常不满意）÷ 有效主动评价 × 10 000", "Levels 2 and 1 ÷ valid ratings × 10 000"
    ),
    source="domain §3.6",
    not_for=Words(
        "差评少可能是不让评；与评价率、投诉同看",
        "Few may mean that people are kept from rating; read it beside the share rated",
    ),
    part=_part,
    whole=_whole,
    better=-1,
)
