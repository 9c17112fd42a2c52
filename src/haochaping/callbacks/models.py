"""Calls to make."""

from typing import ClassVar

from django.db import models


class Call(models.Model):
    """Somebody who has not rated a service is called about it, at most three times, by one agent at a time."""

    record_id = models.BigIntegerField(unique=True)
    region = models.BigIntegerField()
    taken_by = models.BigIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when it may be made (again); None: done
    outcome = models.CharField(max_length=10, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region", "due_at"], condition=models.Q(due_at__isnull=False), name="calls_due")]

    def __str__(self) -> str:
        return str(self.record_id)
