"""Terms that differ from the usual ones, and how far blanking has come."""

from typing import ClassVar

from django.db import models


class Change(models.Model):
    """Another term: in force once a second person has confirmed it; what went does not return."""

    key = models.CharField(max_length=20)  # of rules.TERMS
    days = models.IntegerField()
    proposed_by = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="two_people_change_a_term",
                condition=models.Q(approved=False) | ~models.Q(decided_by=models.F("proposed_by")),
            ),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(decided_at=None), name="one_term_waits"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["key", "-decided_at"], name="terms_of_a_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.days}"


class Progress(models.Model):
    """Up to which day facts that stay have been blanked, so that no night looks at them again."""

    key = models.CharField(max_length=20, primary_key=True)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.key} {self.day}"
