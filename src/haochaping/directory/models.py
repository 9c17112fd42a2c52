"""Reference tables: who serves whom, where, with what."""

from typing import ClassVar

from django.db import models


class Department(models.Model):
    """A body that gives services 部门. Unconfirmed until a person has looked at what an import or
    an interface brought.
    """

    uscc = models.CharField(max_length=18, unique=True)  # 统一社会信用代码
    name = models.CharField(max_length=120)
    region = models.BigIntegerField()
    confirmed = models.BooleanField(default=True)
    closed_on = models.DateField(null=True)
    # who does its work since: what is still handed in under its code counts there
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region"], name="department_by_region")]

    def __str__(self) -> str:
        return self.name


class Hall(models.Model):
    """A government service hall 政务服务大厅."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=120)
    region = models.BigIntegerField()
    address = models.CharField(max_length=200, blank=True)
    closed_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name


class Window(models.Model):
    """A window in a hall 窗口, with its opening hours by the clock of China."""

    code = models.CharField(max_length=30, unique=True)
    hall = models.ForeignKey(Hall, on_delete=models.PROTECT)
    number = models.CharField(max_length=20)  # as painted above it: A03
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    opens = models.TimeField()
    closes = models.TimeField()
    in_use = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["hall", "number"], name="windows_of_a_hall")]

    def __str__(self) -> str:
        return self.number


class HoursChange(models.Model):
    """New opening hours of a window, or that it is closed or opened again: in force once a second
    person has confirmed it, for both decide which ratings are held.

    What was before is kept, so that a rating is judged by the hours of its own moment.
    """

    window = models.ForeignKey(Window, on_delete=models.PROTECT)
    region = models.BigIntegerField()
    was_opens = models.TimeField()
    was_closes = models.TimeField()
    opens = models.TimeField()
    closes = models.TimeField()
    in_use = models.BooleanField(null=True)  # null: stays as it is
    proposed_by = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="two_people_change_hours",
                condition=models.Q(approved=False)
                | models.Q(decided_by=0)
                | ~models.Q(decided_by=models.F("proposed_by")),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["window", "decided_at"], name="hours_of_a_window"),
            models.Index(
                fields=["region"], name="hours_to_confirm", condition=models.Q(decided_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window_id} {self.opens}-{self.closes}"


class Closing(models.Model):
    """That a department, hall, item or member of staff is closed 停用 or opened again: in force
    once a second person has confirmed it. What is closed is offered nowhere and counts as missing
    nowhere; a rating of it counts as before.
    """

    kind = models.CharField(max_length=12)  # key of rules.TABLES
    entry_id = models.IntegerField()
    region = models.BigIntegerField()
    closes = models.BooleanField()
    successor = models.ForeignKey(Department, null=True, on_delete=models.PROTECT)
    proposed_by = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="two_people_close",
                condition=models.Q(approved=False)
                | models.Q(decided_by=0)
                | ~models.Q(decided_by=models.F("proposed_by")),
            ),
            models.UniqueConstraint(
                fields=["kind", "entry_id"],
                condition=models.Q(decided_at=None),
                name="one_closing_waits",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["region"], name="closings_to_confirm", condition=models.Q(decided_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"


class Import(models.Model):
    """A table that was imported, with what each of its rows was before, so that it can be undone
    for `rules.UNDO`; after that the rows are forgotten.
    """

    kind = models.CharField(max_length=12)  # key of rules.TABLES
    low = models.BigIntegerField()  # the regions of its rows
    high = models.BigIntegerField()
    rows = models.JSONField()  # [code, facts before or null, facts after]
    size = models.IntegerField()
    by = models.BigIntegerField()
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "-at"], name="imports_of_a_table")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


class Staff(models.Model):
    """A person at a window 窗口人员."""

    number = models.CharField(max_length=30, unique=True)  # 工号
    name = models.CharField(max_length=60)
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    window = models.ForeignKey(Window, null=True, on_delete=models.PROTECT)
    # a small square JPEG, shown on the idle screen of the window's tablet
    photo = models.BinaryField(null=True)
    photo_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)  # left

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """A service item 政务服务事项: an implementation code of 31 characters or a handling item of
    33.
    """

    code = models.CharField(max_length=33, unique=True)
    name = models.CharField(max_length=200)
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    task_type = models.CharField(max_length=2, default="99")  # domain §1.5.4
    confirmed = models.BooleanField(default=True)
    closed_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name
