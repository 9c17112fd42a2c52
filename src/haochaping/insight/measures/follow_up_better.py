"""追评转好率: follow-ups that are better."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.improved


def _whole(facts: Facts) -> float:
    return facts.counts.follow_ups


MEASURE = Measure(
    key="follow_up_better",
    name=Words("追评转好率", "Follow-ups that are better"),
    group=Group.RATING,
    unit=Unit.SHARE,
    formula=Words(
        "追评等级高于首评的条数 ÷ 追评条数", "Follow-ups above the first rating ÷ follow-ups"
    ),
    source="domain §3.5",
    not_for=Words(
        "追评者自愿，不代表全部差评", "Who adds a follow-up chose to; not all who were unhappy"
    ),
    part=_part,
    whole=_whole,
    better=1,
)
