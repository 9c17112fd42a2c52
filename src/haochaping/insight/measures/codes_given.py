"""指标选择率: bad ratings with an indicator."""

from haochaping.insight.rules.measure import Group, Measure, Unit
from haochaping.kernel.words import Words

MEASURE = Measure(
    key="codes_given",
    name=Words("指标选择率", "Bad ratings with an indicator"),
    group=Group.COVERAGE,
    unit=Unit.NUMBER,
    formula=Words(
        "评价所选二级指标的次数；各指标占比见构成图",
        "How often second-level indicators were chosen; their shares are in the chart",
    ),
    source="GB/T 39734-2020 附录",
    not_for=Words(
        "一条评价可选多个，占比之和可超过 100%",
        "One rating may choose several: shares may exceed 100 %",
    ),
)
