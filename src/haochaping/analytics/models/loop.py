"""Roll-ups of orders."""

from typing import ClassVar

from django.db import models

from haochaping.analytics.models.cell import Cell


class Looped(Cell):
    """Orders by the day they were opened, by the day their answer's limit ends (`due…`) and by the
    day the call-back's does (`call_due…`).
    """

    opened = models.IntegerField(default=0)
    dispatched = models.IntegerField(default=0)
    verified = models.IntegerField(default=0)
    upheld = models.IntegerField(default=0)
    rectified = models.IntegerField(default=0)
    replied = models.IntegerField(default=0)
    called = models.IntegerField(default=0)
    reached = models.IntegerField(default=0)
    satisfied = models.IntegerField(default=0)
    closed = models.IntegerField(default=0)
    reopened = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    extended = models.IntegerField(default=0)
    objected = models.IntegerField(default=0)
    objections_upheld = models.IntegerField(default=0)
    due = models.IntegerField(default=0)
    due_verified = models.IntegerField(default=0)
    due_replied = models.IntegerField(default=0)
    due_replied_in_time = models.IntegerField(default=0)
    due_upheld = models.IntegerField(default=0)
    due_rectified = models.IntegerField(default=0)
    due_rectified_in_time = models.IntegerField(default=0)
    call_due = models.IntegerField(default=0)
    call_due_called = models.IntegerField(default=0)
    call_due_reached = models.IntegerField(default=0)
    call_due_satisfied = models.IntegerField(default=0)

    class Meta:
        abstract = True


class LoopDay(Looped):
    """Orders of a department and day."""

    pk = models.CompositePrimaryKey("day", "department_id", "county")
    department_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["department_id", "day"], name="loop_days"),
            models.Index(fields=["region", "day"], name="loop_days_by_region"),
        ]


class LoopMonth(Looped):
    """Orders of a department and month."""

    pk = models.CompositePrimaryKey("day", "department_id", "county")
    department_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["department_id", "day"], name="loop_months"),
            models.Index(fields=["region", "day"], name="loop_months_by_region"),
        ]


class LoopCity(Looped):
    """Orders of a city and day."""

    pk = models.CompositePrimaryKey("day", "city")


class LoopLength(Cell):
    """How many orders walked a stretch of the loop in about so long."""

    pk = models.CompositePrimaryKey("day", "county", "stretch", "bucket")
    county = models.IntegerField()
    stretch = models.SmallIntegerField()
    bucket = models.SmallIntegerField()
    n = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region", "day"], name="loop_lengths")]


class LengthCity(Cell):
    """How many orders of a city walked a stretch of the loop in about so long."""

    pk = models.CompositePrimaryKey("day", "city", "stretch", "bucket")
    stretch = models.SmallIntegerField()
    bucket = models.SmallIntegerField()
    n = models.IntegerField(default=0)


class OrderSeen(models.Model):
    """An order as it was counted last: what it counts now is added, and this is taken away."""

    order_id = models.BigIntegerField(primary_key=True)
    opened_day = models.DateField()
    county = models.IntegerField()
    city = models.IntegerField()
    department_id = models.IntegerField()
    dispatched = models.SmallIntegerField()
    verified = models.SmallIntegerField()
    upheld = models.SmallIntegerField()
    rectified = models.SmallIntegerField()
    replied = models.SmallIntegerField()
    called = models.SmallIntegerField()
    reached = models.SmallIntegerField()
    satisfied = models.SmallIntegerField()
    closed = models.SmallIntegerField()
    reopened = models.SmallIntegerField()
    returned = models.SmallIntegerField()
    extended = models.SmallIntegerField()
    objected = models.SmallIntegerField()
    objections_upheld = models.SmallIntegerField()
    answer_due_day = models.DateField(null=True)
    replied_in_time = models.SmallIntegerField()
    rectified_in_time = models.SmallIntegerField()
    call_due_day = models.DateField(null=True)
    dispatching = models.SmallIntegerField(null=True)
    signing = models.SmallIntegerField(null=True)
    verifying = models.SmallIntegerField(null=True)
    rectifying = models.SmallIntegerField(null=True)
    answering = models.SmallIntegerField(null=True)
    calling = models.SmallIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.order_id)
