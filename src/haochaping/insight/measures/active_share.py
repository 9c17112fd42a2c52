"""主动评价率: share rated of one's own accord."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.rated


def _whole(facts: Facts) -> float:
    return facts.counts.services


MEASURE = Measure(
    key="active_share",
    name=Words("主动评价率", "Share rated of one's own accord"),
    group=Group.RATING,
    unit=Unit.SHARE,
    formula=Words(
        "群众和企业自己作出的评价 ÷ 可评办件服务数；本平台没有默认评价",
        "Ratings given by people ÷ services that could be rated; there are no default ratings here",
    ),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words(
        "不能与含默认评价的平台比较", "Not comparable with platforms that count silence as praise"
    ),
    part=_part,
    whole=_whole,
)
