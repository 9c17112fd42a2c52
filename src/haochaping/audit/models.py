"""The audit trail."""

from django.db import models


class Entry(models.Model):
    """One thing that somebody did.

    No foreign keys, so that the trail never stands in the way of the data.
    """

    at = models.DateTimeField()
    by = models.BigIntegerField()  # a user's id; 0 is the platform itself
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)  # "order", "evaluation", …
    subject_id = models.BigIntegerField()
    region = models.BigIntegerField()  # 12-digit scope of the subject
    # before, after and what was given; never personal data
    details = models.JSONField(default=dict)

    class Meta:
        indexes = (
            models.Index(fields=["subject", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["-at"], name="audit_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.subject} {self.subject_id}"
