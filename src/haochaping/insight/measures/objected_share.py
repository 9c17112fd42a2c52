"""申诉率: objected to."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.objected


def _whole(facts: Facts) -> float:
    return facts.loop.opened


MEASURE = Measure(
    key="objected_share",
    name=Words("申诉率", "Objected to"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words("被申诉的 ÷ 差评工单数（按开单日）", "Orders objected to ÷ orders opened"),
    source="国办发〔2019〕51号",
    not_for=Words("申诉是权利，不得用作扣分", "Objecting is a right, not a fault"),
    part=_part,
    whole=_whole,
)
