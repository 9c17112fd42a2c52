"""退回率: returned by the department."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.returned


def _whole(facts: Facts) -> float:
    return facts.loop.opened


MEASURE = Measure(
    key="returned_share",
    name=Words("退回率", "Returned by the department"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words("退回次数 ÷ 差评工单数（按开单日）", "Times returned ÷ orders opened"),
    source="domain §3.4",
    not_for=Words(
        "派错单也会退回：先看派单规则", "Wrong dispatch causes it, too: look at the rules first"
    ),
    part=_part,
    whole=_whole,
    better=-1,
)
