"""评价率: share of services rated."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.rated


def _whole(facts: Facts) -> float:
    return facts.counts.services


MEASURE = Measure(
    key="rated_share",
    name=Words("评价率", "Share of services rated"),
    group=Group.RATING,
    unit=Unit.SHARE,
    formula=Words(
        "已评办件服务数 ÷ 可评办件服务数（按服务日）",
        "Services rated ÷ services that could be rated, by the day of the service",
    ),
    source="GB/T 39735-2020；domain §3.6",
    not_for=Words(
        "不得作为考核指标逼评、代评的依据", "Not a target: it invites pressing people to rate"
    ),
    part=_part,
    whole=_whole,
)
