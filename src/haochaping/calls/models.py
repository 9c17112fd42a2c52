"""Calls of the interface, one by one for a while, and counted for good."""

from typing import ClassVar

from django.db import models


class Call(models.Model):
    """A call of a client that is known, as the collector answered it; kept for its term."""

    at = models.DateTimeField()
    client_id = models.BigIntegerField()
    region = models.BigIntegerField()  # of the client
    kid = models.CharField(max_length=32)
    operation = models.CharField(max_length=40)  # rules.OPERATIONS, or OTHER
    status = models.SmallIntegerField()  # of HTTP
    code = models.CharField(max_length=40, blank=True)  # of the refusal, of a batch the first one
    says = models.CharField(max_length=300, blank=True)  # of the refusal, in Chinese
    items = models.IntegerField(default=1)
    refused = models.IntegerField(default=0)  # of the items
    took = models.IntegerField()  # milliseconds
    address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["client_id", "-id"], name="calls_of_client"),
            models.Index(fields=["region", "-id"], name="calls_of_region"),
        ]

    def __str__(self) -> str:
        return f"{self.kid} {self.operation} {self.status}"


class Hour(models.Model):
    """What a client called within an hour, by operation and by how it ended."""

    client_id = models.BigIntegerField()
    region = models.BigIntegerField()
    hour = models.DateTimeField()
    operation = models.CharField(max_length=40)
    status = models.SmallIntegerField()
    code = models.CharField(max_length=40, blank=True)
    calls = models.IntegerField()
    items = models.BigIntegerField()
    refused = models.BigIntegerField()
    took = models.BigIntegerField()  # milliseconds, of all together

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client_id", "hour", "operation", "status", "code"],
                name="one_hour_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.hour} {self.operation}"
