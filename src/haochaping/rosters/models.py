"""Shifts at windows."""

from typing import ClassVar

from django.db import models


class Taken(models.Model):
    """A file that was put on the roster, with what its windows had before on its days, so that it
    can be undone for `rules.UNDO`; the first import after that forgets it.
    """

    low = models.BigIntegerField()  # the regions of its windows
    high = models.BigIntegerField()
    before = models.JSONField()  # rows of rules.as_told
    after = models.JSONField()
    size = models.IntegerField()
    by = models.BigIntegerField()
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-at"], name="rosters_taken_last")]

    def __str__(self) -> str:
        return f"{self.at}"


class Shift(models.Model):
    """Somebody's hours at a window on a day. Without one the directory says who sits there."""

    window_id = models.IntegerField()
    staff_id = models.IntegerField()
    region = models.BigIntegerField()  # of the window's hall
    day = models.DateField()
    begins = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["window_id", "day", "begins"], name="one_shift_begins_at_a_time"
            ),
            models.CheckConstraint(
                name="a_shift_ends_after_it_begins", condition=models.Q(ends__gt=models.F("begins"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window_id} {self.day} {self.begins}"
