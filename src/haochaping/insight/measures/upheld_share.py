"""差评属实率: found true, of those verified."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.upheld


def _whole(facts: Facts) -> float:
    return facts.loop.verified


MEASURE = Measure(
    key="upheld_share",
    name=Words("差评属实率", "Found true, of those verified"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words(
        "核实属实的 ÷ 已核实的（按开单日）",
        "Found true ÷ verified, by the day the order was opened",
    ),
    source="domain §3.6",
    not_for=Words(
        "低不等于群众乱评；与申诉成立率、回访满意率同看",
        "Low does not mean that people rate at random",
    ),
    part=_part,
    whole=_whole,
)
