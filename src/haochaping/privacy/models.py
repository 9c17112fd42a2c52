"""What citizens ask about their data, and what became of it."""

from typing import ClassVar

from django.db import models

from haochaping.kernel.sealed import SealedJSON


class Request(models.Model):
    """One request about the data of one rating."""

    evaluation_id = models.BigIntegerField()
    region = models.BigIntegerField()
    kind = models.CharField(max_length=10)  # of rules.KINDS
    words = SealedJSON(default=dict, context="privacy.words")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10)
    proposed_by = models.BigIntegerField(null=True)  # who would erase: another must agree
    answered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)  # to the citizen

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["region", "due_at"], name="privacy_of_region"),
            models.Index(fields=["evaluation_id"], name="privacy_of_rating"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["evaluation_id", "kind"],
                condition=models.Q(answered_at=None),
                name="privacy_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.evaluation_id}"
