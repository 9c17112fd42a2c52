"""派单用时（中位数）: from the rating to dispatch, median."""

from haochaping.insight.rules.measure import Group, Measure, Unit
from haochaping.kernel.words import Words

MEASURE = Measure(
    key="dispatching_time",
    name=Words("派单用时（中位数）", "From the rating to dispatch, median"),
    group=Group.TIME,
    unit=Unit.MINUTES,
    formula=Words(
        "一半工单在此时长内完成派单（自然时间，第一次）",
        "Half of the orders were through by then; calendar time, the first time",
    ),
    source="data §2；误差 2.5%",
    not_for=Words(
        "只含已走完这一步的工单；未走完的看超期",
        "Only orders that are through; for the others see what is overdue",
    ),
    length=(1, 0.5),
    better=-1,
)
