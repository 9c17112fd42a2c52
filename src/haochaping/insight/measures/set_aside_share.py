"""不予采纳率: ratings set aside."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.set_aside


def _whole(facts: Facts) -> float:
    return facts.counts.total


MEASURE = Measure(
    key="set_aside_share",
    name=Words("不予采纳率", "Ratings set aside"),
    group=Group.RATING,
    unit=Unit.SHARE,
    formula=Words(
        "申诉成立（两人复核）不予采纳的条数 ÷ 全部首次评价",
        "Ratings set aside by two persons ÷ all first ratings",
    ),
    source="domain §3.6",
    not_for=Words(
        "高于同类须查：可能借申诉删差评",
        "Higher than its peers: look whether objections serve to remove bad ratings",
    ),
    part=_part,
    whole=_whole,
)
