"""申诉成立率: objections upheld."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.objections_upheld


def _whole(facts: Facts) -> float:
    return facts.loop.objected


MEASURE = Measure(
    key="objections_upheld",
    name=Words("申诉成立率", "Objections upheld"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words("两人复核成立的 ÷ 提出的申诉", "Upheld by two persons ÷ objections made"),
    source="trust §2.2",
    not_for=Words("明显高于同类须复查复核人", "Clearly above its peers: look at who decides"),
    part=_part,
    whole=_whole,
)
