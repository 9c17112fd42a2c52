"""差评回访率: called back, of those due."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.call_due_called


def _whole(facts: Facts) -> float:
    return facts.loop.call_due


MEASURE = Measure(
    key="called_share",
    name=Words("差评回访率", "Called back, of those due"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words(
        "期内应回访的工单中已回访的 ÷ 期内应回访的工单",
        "Called back ÷ orders whose call-back was due in the period",
    ),
    source="国办发〔2019〕51号；domain §3.6",
    not_for=Words("含未接通；是否接通看回访接通率", "Includes calls nobody answered"),
    part=_part,
    whole=_whole,
    better=1,
)
