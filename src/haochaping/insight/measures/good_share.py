"""好评率（原始）: good ratings, raw."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.good


def _whole(facts: Facts) -> float:
    return facts.counts.total


MEASURE = Measure(
    key="good_share",
    name=Words("好评率（原始）", "Good ratings, raw"),
    group=Group.RATING,
    unit=Unit.SHARE,
    formula=Words(
        "（非常满意＋满意＋基本满意）÷ 全部首次评价，不剔除任何一条",
        "Levels 5, 4 and 3 ÷ all first ratings, none left out",
    ),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words("不得用于排名：差异多为偶然", "Not for ranking: most differences are chance"),
    part=_part,
    whole=_whole,
    better=1,
)
