"""The working-day calendar in the database: each version is kept, for deadlines name the version they were computed from."""

from typing import ClassVar

from django.db import models


class CalendarVersion(models.Model):
    """One version of the calendar, never changed once made."""

    source = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    years = models.JSONField()  # the years whose holiday notice it holds

    def __str__(self) -> str:
        return f"{self.pk} {self.source}"


class CalendarDay(models.Model):
    """A day on which a version differs from Monday to Friday."""

    version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT)
    day = models.DateField()
    works = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "day"], name="a_day_is_once_in_a_version")]

    def __str__(self) -> str:
        return f"{self.day} {'works' if self.works else 'off'}"
