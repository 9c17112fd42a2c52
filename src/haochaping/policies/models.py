"""Policies by region and day. Once in force a row is never changed: what changes is a new one."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, F, Q


class Policy(models.Model):
    """What a region says of its own; what it leaves out is inherited.

    In force from a day once a second person has approved it.
    """

    region = models.BigIntegerField()
    valid_from = models.DateField()
    values = models.JSONField(default=dict)  # names of rules.Terms
    source = models.CharField(max_length=200)  # where the numbers come from
    redate = models.BooleanField(default=False)  # whether open orders get the new limits too
    proposed_by = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    approved_by = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="two_people_make_a_policy",
                condition=Q(approved_by=None) | Q(approved_by=0) | ~Q(approved_by=F("proposed_by")),
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["region", "valid_from"],
                name="policies_in_force",
                condition=Q(approved_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.valid_from}"
