"""渠道覆盖率: channels that bring ratings."""

from haochaping.insight.rules.measure import Group, Measure, Unit
from haochaping.kernel.words import Words

MEASURE = Measure(
    key="channels_covered",
    name=Words("渠道覆盖率", "Channels that bring ratings"),
    group=Group.COVERAGE,
    unit=Unit.SHARE,
    formula=Words(
        "期内有评价的渠道数 ÷ 全部渠道数", "Those with a rating in the period ÷ all there are"
    ),
    source="国办发〔2019〕51号（三个全覆盖）",
    not_for=Words(
        "没有评价不等于不能评价；接入情况看对接检查", "None rated does not mean none can be"
    ),
    better=1,
)
