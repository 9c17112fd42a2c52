"""签收用时（中位数）: from dispatch to signing, median."""

from haochaping.insight.rules.measure import Group, Measure, Unit
from haochaping.kernel.words import Words

MEASURE = Measure(
    key="signing_time",
    name=Words("签收用时（中位数）", "From dispatch to signing, median"),
    group=Group.TIME,
    unit=Unit.MINUTES,
    formula=Words(
        "一半工单在此时长内完成签收（自然时间，第一次）",
        "Half of the orders were through by then; calendar time, the first time",
    ),
    source="data §2；误差 2.5%",
    not_for=Words(
        "只含已走完这一步的工单；未走完的看超期",
        "Only orders that are through; for the others see what is overdue",
    ),
    length=(2, 0.5),
    better=-1,
)
