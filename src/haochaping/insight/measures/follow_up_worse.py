"""追评转差率: follow-ups that are worse."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.worsened


def _whole(facts: Facts) -> float:
    return facts.counts.follow_ups


MEASURE = Measure(
    key="follow_up_worse",
    name=Words("追评转差率", "Follow-ups that are worse"),
    group=Group.RATING,
    unit=Unit.SHARE,
    formula=Words(
        "追评等级低于首评的条数 ÷ 追评条数", "Follow-ups below the first rating ÷ follow-ups"
    ),
    source="domain §3.5",
    not_for=Words("同上", "As above"),
    part=_part,
    whole=_whole,
    better=-1,
)
