"""主动评价好评率: good, of active ratings."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.adjusted.good


def _whole(facts: Facts) -> float:
    return facts.counts.adjusted.total


MEASURE = Measure(
    key="active_good_share",
    name=Words("主动评价好评率", "Good, of active ratings"),
    group=Group.RATING,
    unit=Unit.SHARE,
    formula=Words(
        "（非常满意＋满意＋基本满意）÷ 有效主动评价；有效＝剔除两人复核成立的申诉，改评取最后一次",
        "Levels 5, 4 and 3 ÷ valid ratings: without those set aside by two persons, with the "
        "last word of who replaced one",
    ),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words(
        "不含未评者的看法，须与评价率同看；不得用于点名次",
        "Leaves out the silent: read it beside the share rated; not for point ranks",
    ),
    part=_part,
    whole=_whole,
    better=1,
)
