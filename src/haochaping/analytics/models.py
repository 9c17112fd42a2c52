"""Roll-ups: additive counts, kept exactly right over the feed (rules/grains.py says what of).

Their SQL reads and writes by statement; Django only knows them. `day` of a month's cell is its
first day, `region` is the county in 12 digits, for scope. Channel 0 is of services, which are
counted whether somebody rates them or not; party is 1 for a person, 2 for an enterprise.
"""

from typing import ClassVar

from django.db import models


class Cell(models.Model):
    """What every cell has."""

    day = models.DateField()
    city = models.IntegerField()
    region = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class Levels(Cell):
    """Ratings by level."""

    n5 = models.IntegerField(default=0)
    n4 = models.IntegerField(default=0)
    n3 = models.IntegerField(default=0)
    n2 = models.IntegerField(default=0)
    n1 = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Counted(Levels):
    """Ratings by level, what of them the adjusted figures leave out (or, below 0, take in),
    follow-ups, and services.
    """

    x5 = models.IntegerField(default=0)
    x4 = models.IntegerField(default=0)
    x3 = models.IntegerField(default=0)
    x2 = models.IntegerField(default=0)
    x1 = models.IntegerField(default=0)
    follow_ups = models.IntegerField(default=0)
    improved = models.IntegerField(default=0)
    worsened = models.IntegerField(default=0)
    set_aside = models.IntegerField(default=0)
    services = models.IntegerField(default=0)
    rated = models.IntegerField(default=0)

    class Meta:
        abstract = True


class PlaceDay(Counted):
    """A county and day."""

    pk = models.CompositePrimaryKey("day", "county", "channel", "party")
    county = models.IntegerField()
    channel = models.SmallIntegerField()
    party = models.SmallIntegerField()


class PlaceMonth(Counted):
    """A county and month."""

    pk = models.CompositePrimaryKey("day", "county", "channel", "party")
    county = models.IntegerField()
    channel = models.SmallIntegerField()
    party = models.SmallIntegerField()


class HourDay(Levels):
    """An hour of a county and day."""

    pk = models.CompositePrimaryKey("day", "county", "hour")
    county = models.IntegerField()
    hour = models.SmallIntegerField()


class DepartmentDay(Counted):
    """A department and day."""

    pk = models.CompositePrimaryKey("day", "department_id", "county")
    department_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["department_id", "day"], name="department_days")]


class DepartmentMonth(Counted):
    """A department and month."""

    pk = models.CompositePrimaryKey("day", "department_id", "county", "channel", "party")
    department_id = models.IntegerField()
    county = models.IntegerField()
    channel = models.SmallIntegerField()
    party = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["department_id", "day"], name="department_months")
        ]


class WindowDay(Counted):
    """A window and day."""

    pk = models.CompositePrimaryKey("day", "window_id", "county")
    window_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["window_id", "day"], name="window_days")]


class WindowMonth(Counted):
    """A window and month."""

    pk = models.CompositePrimaryKey("day", "window_id", "county", "channel", "party")
    window_id = models.IntegerField()
    county = models.IntegerField()
    channel = models.SmallIntegerField()
    party = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["window_id", "day"], name="window_months")]


class StaffMonth(Counted):
    """A person at a window, and month. Seen by supervisors only."""

    pk = models.CompositePrimaryKey("day", "staff_id", "county")
    staff_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["staff_id", "day"], name="staff_months")]


class ItemDay(Counted):
    """An item and day."""

    pk = models.CompositePrimaryKey("day", "item_id", "county")
    item_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["item_id", "day"], name="item_days")]


class ItemMonth(Counted):
    """An item and month."""

    pk = models.CompositePrimaryKey("day", "item_id", "county", "channel", "party")
    item_id = models.IntegerField()
    county = models.IntegerField()
    channel = models.SmallIntegerField()
    party = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["item_id", "day"], name="item_months")]


class CodeDay(Cell):
    """How often an indicator was given in a county on a day; x: what the adjusted leave out."""

    pk = models.CompositePrimaryKey("day", "county", "code")
    county = models.IntegerField()
    code = models.SmallIntegerField()
    n = models.IntegerField(default=0)
    x = models.IntegerField(default=0)


class CodeMonth(Cell):
    """How often an indicator was given for an item of a department in a month."""

    pk = models.CompositePrimaryKey("day", "department_id", "item_id", "code", "county")
    department_id = models.IntegerField()
    item_id = models.IntegerField()
    code = models.SmallIntegerField()
    county = models.IntegerField()
    n = models.IntegerField(default=0)
    x = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["department_id", "day"], name="codes_of_a_department"),
            models.Index(fields=["item_id", "day"], name="codes_of_an_item"),
        ]


class CodeWindow(Cell):
    """How often an indicator was given at a window in a month."""

    pk = models.CompositePrimaryKey("day", "window_id", "code", "county")
    window_id = models.IntegerField()
    code = models.SmallIntegerField()
    county = models.IntegerField()
    n = models.IntegerField(default=0)
    x = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["window_id", "day"], name="codes_of_a_window")]


class Register(models.Model):
    """One register of the estimate of how many people rated (HyperLogLog): a maximum."""

    pk = models.CompositePrimaryKey("day", "city", "bucket")
    day = models.DateField()
    city = models.IntegerField()
    bucket = models.SmallIntegerField()
    rho = models.SmallIntegerField()
    region = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.city} {self.bucket}"


class LoopDay(Cell):
    """Orders of a department: by the day they were opened, by the day their answer's limit ends
    (`due…`) and by the day the call-back's does (`call_due…`).
    """

    pk = models.CompositePrimaryKey("day", "department_id", "county")
    department_id = models.IntegerField()
    county = models.IntegerField()
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
        indexes: ClassVar = [models.Index(fields=["department_id", "day"], name="loop_days")]


class LoopLength(Cell):
    """How many orders walked a stretch of the loop in about so long."""

    pk = models.CompositePrimaryKey("day", "county", "stretch", "bucket")
    county = models.IntegerField()
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
