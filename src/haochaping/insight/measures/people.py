"""评价人数（估计）: people who rated, estimated."""

from haochaping.insight.rules.measure import Group, Measure, Unit
from haochaping.kernel.words import Words

MEASURE = Measure(
    key="people",
    name=Words("评价人数（估计）", "People who rated, estimated"),
    group=Group.COVERAGE,
    unit=Unit.NUMBER,
    formula=Words(
        "按脱敏后的联系方式去重估计（HyperLogLog，标准误 1.6%），未留联系方式的不计；按整月",
        "Distinct blind contacts (HyperLogLog, standard error 1.6 %); who left none is not "
        "counted; whole months",
    ),
    source="data §2",
    not_for=Words("少于 1 000 人时误差偏大，只作参考", "Rough below 1 000"),
)
