"""评价量: ratings."""

from haochaping.insight.rules.measure import Facts, Group, Measure, Unit
from haochaping.kernel.words import Words


def _part(facts: Facts) -> float:
    return facts.counts.total


MEASURE = Measure(
    key="ratings",
    name=Words("评价量", "Ratings"),
    group=Group.RATING,
    unit=Unit.NUMBER,
    formula=Words("首次评价条数（不含系统测试）", "First ratings; synthetic tests are left out"),
    source="国办发〔2019〕51号",
    not_for=Words(
        "不反映服务好坏；量大可能只是人多",
        "Says nothing of quality; a large number may only mean many people",
    ),
    part=_part,
)
