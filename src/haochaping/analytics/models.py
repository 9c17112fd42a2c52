"""Roll-ups: additive counts, kept exactly right over the feed.

Their SQL reads and writes by statement; Django only knows them.
"""

from typing import ClassVar

from django.db import models


class RatingDay(models.Model):
    """First ratings by day of rating, county and channel; n5…n1 are the levels."""

    pk = models.CompositePrimaryKey("day", "county", "channel")
    day = models.DateField()
    county = models.IntegerField()
    channel = models.SmallIntegerField()
    city = models.IntegerField()
    region = models.BigIntegerField()  # the county in 12 digits, for scope
    n5 = models.IntegerField(default=0)
    n4 = models.IntegerField(default=0)
    n3 = models.IntegerField(default=0)
    n2 = models.IntegerField(default=0)
    n1 = models.IntegerField(default=0)
    follow_ups = models.IntegerField(default=0)
    x5 = models.IntegerField(
        default=0
        # to be taken from n5 for the adjusted figures: set aside or replaced; less than 0 where
        # replacements came in
    )
    x4 = models.IntegerField(default=0)
    x3 = models.IntegerField(default=0)
    x2 = models.IntegerField(default=0)
    x1 = models.IntegerField(default=0)
    set_aside = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day} {self.county} {self.channel}"


class ServiceDay(models.Model):
    """Services by day of service and county, and how many of them were rated, whenever that was."""

    pk = models.CompositePrimaryKey("day", "county")
    day = models.DateField()
    county = models.IntegerField()
    city = models.IntegerField()
    region = models.BigIntegerField()
    services = models.IntegerField(default=0)
    rated = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region", "day"], name="service_day_by_region")]

    def __str__(self) -> str:
        return f"{self.day} {self.county}"
