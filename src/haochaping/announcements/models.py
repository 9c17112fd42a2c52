"""Announcements, as they were written, published and withdrawn."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Announcement(models.Model):
    """An announcement 公告: what others than staff read is published by a second person."""

    region = models.BigIntegerField()
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=80, blank=True)
    body = models.TextField()
    body_en = models.TextField(blank=True)
    audience = ArrayField(models.CharField(max_length=8))  # of rules.Audience
    since = models.DateField()
    until = models.DateField()  # with this day
    proposed_by = models.BigIntegerField()
    proposed_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=False)
    withdrawn_by = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="two_people_tell_the_public",
                condition=models.Q(approved=False)
                | models.Q(audience=["staff"])
                | ~models.Q(decided_by=models.F("proposed_by")),
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["until"],
                condition=models.Q(approved=True, withdrawn_at=None),
                name="announcements_that_hold",
            ),
            models.Index(fields=["-proposed_at"], name="announcements_by_time"),
        ]

    def __str__(self) -> str:
        return self.title
