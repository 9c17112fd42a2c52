"""派单用时（九成）: from the rating to dispatch, nine in ten."""

from haochaping.insight.rules.measure import Group, Measure, Unit
from haochaping.kernel.words import Words

MEASURE = Measure(
    key="dispatching_time_90",
    name=Words("派单用时（九成）", "From the rating to dispatch, nine in ten"),
    group=Group.TIME,
    unit=Unit.MINUTES,
    formula=Words(
        "九成工单在此时长内完成派单（自然时间，第一次）",
        "Nine in ten orders were through by then; calendar time, the first time",
    ),
    source="data §2；误差 2.5%",
    not_for=Words("同上", "As above"),
    length=(1, 0.9),
    better=-1,
)
