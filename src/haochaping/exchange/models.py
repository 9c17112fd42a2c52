"""What our own daily test of each channel found."""

from typing import ClassVar

from django.db import models


class Probe(models.Model):
    """One synthetic rating of one level over one channel: marked, never counted, announced in the audit trail before it is given."""

    channel = models.SmallIntegerField()
    level = models.SmallIntegerField()
    at = models.DateTimeField()
    good = models.BooleanField()
    said = models.CharField(max_length=120, blank=True)  # what went wrong

    class Meta:
        indexes: ClassVar = [models.Index(fields=["channel", "level", "-at"], name="probe_latest")]

    def __str__(self) -> str:
        return f"{self.channel} {self.level} {self.good}"
