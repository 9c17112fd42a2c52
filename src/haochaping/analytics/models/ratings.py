"""Roll-ups of ratings and services."""

from typing import ClassVar

from django.db import models

from haochaping.analytics.models.cell import Cell


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

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region", "day"], name="place_days")]


class PlaceMonth(Counted):
    """A county and month."""

    pk = models.CompositePrimaryKey("day", "county", "channel", "party")
    county = models.IntegerField()
    channel = models.SmallIntegerField()
    party = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region", "day"], name="place_months")]


class CityDay(Counted):
    """A city and day."""

    pk = models.CompositePrimaryKey("day", "city", "channel", "party")
    channel = models.SmallIntegerField()
    party = models.SmallIntegerField()


class CityMonth(Counted):
    """A city and month."""

    pk = models.CompositePrimaryKey("day", "city", "channel", "party")
    channel = models.SmallIntegerField()
    party = models.SmallIntegerField()


class HourDay(Levels):
    """An hour of a county and day."""

    pk = models.CompositePrimaryKey("day", "county", "hour")
    county = models.IntegerField()
    hour = models.SmallIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region", "day"], name="hour_days")]


class HourCity(Levels):
    """An hour of a weekday (1: Monday), city and month."""

    pk = models.CompositePrimaryKey("day", "city", "weekday", "hour")
    weekday = models.SmallIntegerField()
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


class DepartmentWhole(Counted):
    """A department and month, over every channel and by whomever."""

    pk = models.CompositePrimaryKey("day", "department_id", "county")
    department_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["department_id", "day"], name="department_wholes"),
            models.Index(fields=["region", "day"], name="department_wholes_by_region"),
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


class WindowWhole(Counted):
    """A window and month, over every channel and by whomever."""

    pk = models.CompositePrimaryKey("day", "window_id", "county")
    window_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["window_id", "day"], name="window_wholes"),
            models.Index(fields=["region", "day"], name="window_wholes_by_region"),
        ]


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


class ItemWhole(Counted):
    """An item and month, over every channel and by whomever."""

    pk = models.CompositePrimaryKey("day", "item_id", "county")
    item_id = models.IntegerField()
    county = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["item_id", "day"], name="item_wholes"),
            models.Index(fields=["region", "day"], name="item_wholes_by_region"),
        ]


class CodeDay(Cell):
    """How often an indicator was given in a county on a day; x: what the adjusted leave out."""

    pk = models.CompositePrimaryKey("day", "county", "code")
    county = models.IntegerField()
    code = models.SmallIntegerField()
    n = models.IntegerField(default=0)
    x = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region", "day"], name="code_days")]


class CodeCity(Cell):
    """How often an indicator was given in a city in a month."""

    pk = models.CompositePrimaryKey("day", "city", "code")
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
    """One register of the estimate of how many people rated (HyperLogLog): a maximum. That of the
    province stands beside those of its cities, as city 0.
    """

    pk = models.CompositePrimaryKey("day", "city", "bucket")
    day = models.DateField()
    city = models.IntegerField()
    bucket = models.SmallIntegerField()
    rho = models.SmallIntegerField()
    region = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.city} {self.bucket}"
