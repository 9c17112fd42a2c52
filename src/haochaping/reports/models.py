"""The tables of reports."""

from typing import ClassVar

from django.db import models


class Subscription(models.Model):
    """A page of analysis that somebody wants each week, month or quarter."""

    user_id = models.BigIntegerField()
    region = models.BigIntegerField()  # whose hours are kept
    title = models.CharField(max_length=80)
    path = models.CharField(max_length=400)
    query = models.CharField(max_length=400, blank=True)
    span = models.CharField(max_length=8)
    mail = models.BinaryField(null=True)  # sealed; None: in the platform only
    made_at = models.DateTimeField()
    done = models.DateField(null=True)  # first day of the last period that was made
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user_id"], name="subscriptions_of_a_person")]

    def __str__(self) -> str:
        return self.title


class Report(models.Model):
    """A report that was made, kept for its reader."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE)
    user_id = models.BigIntegerField()
    region = models.BigIntegerField()
    since = models.DateField()
    pdf = models.BinaryField()
    made_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "since"], name="one_report_a_period")
        ]
        indexes: ClassVar = [models.Index(fields=["user_id", "-made_at"], name="reports_of_one")]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.since}"
