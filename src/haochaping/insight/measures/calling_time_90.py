"""回访用时（九成）: from the answer to the call-back, nine in ten."""

from haochaping.insight.rules.measure import Group, Measure, Unit
from haochaping.kernel.words import Words

MEASURE = Measure(
    key="calling_time_90",
    name=Words("回访用时（九成）", "From the answer to the call-back, nine in ten"),
    group=Group.TIME,
    unit=Unit.MINUTES,
    formula=Words(
        "九成工单在此时长内完成回访（自然时间，第一次）",
        "Nine in ten orders were through by then; calendar time, the first time",
    ),
    source="data §2；误差 2.5%",
    not_for=Words("同上", "As above"),
    length=(6, 0.9),
    better=-1,
)
