"""The working-day calendar in the database.

Each version is kept, for deadlines name the version they were computed from.
"""

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
    """A day on which a version differs from Monday to Friday, in the whole country (region 0) or in
    a region and everything in it.
    """

    version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT)
    region = models.BigIntegerField(default=0)
    day = models.DateField()
    works = models.BooleanField()
    # 09:00-12:00 on a half day; empty: the usual ones
    hours = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "region", "day"], name="a_day_is_once_in_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {'works' if self.works else 'off'}"


class CalendarHours(models.Model):
    """The usual office hours of a region in a version.

    Where nothing is said, those of the region above, at last calendar.USUAL.
    """

    version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT)
    region = models.BigIntegerField(default=0)
    hours = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "region"], name="hours_are_once_in_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.hours}"


class CalendarProposal(models.Model):
    """Changes of the calendar that become a version once a second person has confirmed them."""

    regions = models.JSONField()  # of the changes; 0 is the whole country
    changes = models.JSONField()  # rules.Change, as lists
    source = models.CharField(max_length=120)
    proposed_by = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    version = models.ForeignKey(CalendarVersion, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="two_people_change_the_calendar",
                condition=models.Q(version=None)
                | models.Q(decided_by=0)
                | ~models.Q(decided_by=models.F("proposed_by")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.source}"
