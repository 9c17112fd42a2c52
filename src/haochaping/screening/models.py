"""Holds."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q


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
    # found to be no rating of a citizen 确认无效: by one person, and by another
    doubted_at = models.DateTimeField(null=True)
    doubted_by = models.BigIntegerField(null=True)
    doubt = models.CharField(max_length=500, default="", blank=True)
    refuted_at = models.DateTimeField(null=True)
    refuted_by = models.BigIntegerField(null=True)
    # who would take it in again after that 申诉恢复: another person agrees, and is `released_by`
    restoring_at = models.DateTimeField(null=True)
    restoring_by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="a_release_has_a_person_and_a_moment",
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
            CheckConstraint(
                name="two_people_refute_a_rating",
                condition=Q(refuted_at=None)
                | (Q(doubted_by__isnull=False) & ~Q(refuted_by=F("doubted_by"))),
            ),
            CheckConstraint(
                name="two_people_take_a_rating_in_again",
                condition=Q(restoring_by=None)
                | Q(released_by=None)
                | ~Q(released_by=F("restoring_by")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["region", "-held_at"], name="open_holds", condition=Q(released_at=None)
            )
        ]

    def __str__(self) -> str:
        return str(self.evaluation_id)


class SensitiveWord(models.Model):
    """A word that an office added to the list, or took from it; else it is as rules.STARTER."""

    word = models.CharField(max_length=20, primary_key=True)  # as rules.sensitive.plain has it
    category = models.CharField(max_length=10)  # rules.Category
    removed = models.BooleanField(default=False)
    by = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.word
