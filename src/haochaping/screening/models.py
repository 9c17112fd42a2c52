"""Holds."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q


class Hold(models.Model):
    """A rating that waits for a person, with the reasons.

    It stays in the ledger and in the raw figures.
    """

    evaluation_id = models.BigIntegerField(unique=True)
    region = models.BigIntegerField()
    level = models.SmallIntegerField()
    reasons = ArrayField(models.CharField(max_length=40))  # rules.Reason
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.BigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="a_release_has_a_person_and_a_moment",
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["region", "-held_at"], name="open_holds", condition=Q(released_at=None)
            )
        ]

    def __str__(self) -> str:
        return str(self.evaluation_id)
