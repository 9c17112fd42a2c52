"""延期率: extension asked."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.extended


def _whole(facts: Facts) -> float:
    return facts.loop.opened


MEASURE = Measure(
    key="extended_share",
    name=Words("延期率", "Extension asked"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words(
        "申请延期的 ÷ 差评工单数（按开单日）", "Orders with an extension asked ÷ orders opened"
    ),
    source="domain §3.4",
    not_for=Words("疑难件多的单位自然偏高", "Naturally higher where cases are complex"),
    part=_part,
    whole=_whole,
    better=-1,
)
