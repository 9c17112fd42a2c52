"""重新交办率: opened again."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.loop.reopened


def _whole(facts: Facts) -> float:
    return facts.loop.opened


MEASURE = Measure(
    key="reopened_share",
    name=Words("重新交办率", "Opened again"),
    group=Group.LOOP,
    unit=Unit.SHARE,
    formula=Words("重新交办次数 ÷ 差评工单数（按开单日）", "Times reopened ÷ orders opened"),
    source="domain §3.3",
    not_for=Words(
        "高说明整改未落实；一单可多次，可超过 100%", "High: fixes did not hold; may exceed 100 %"
    ),
    part=_part,
    whole=_whole,
    better=-1,
)
