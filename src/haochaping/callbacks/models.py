"""Calls to make."""

from typing import ClassVar

from django.db import models


class Call(models.Model):
    """Somebody is called, at most three times and by one agent at a time.

    To rate, to say whether an order is put right, for the audit sample.
    """

    kind = models.CharField(max_length=10, default="unrated")  # rules.Why
    record_id = models.BigIntegerField()
    # of an order: how often it was reopened; of the sample: the ISO week, 202648
    round = models.IntegerField(default=0)
    order_id = models.BigIntegerField(null=True)
    region = models.BigIntegerField()
    department_id = models.IntegerField(null=True)  # of the sample: the unit that is examined
    # of the sample: what was rated, unknown to the agent
    rated_level = models.SmallIntegerField(null=True)
    taken_by = models.BigIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when it may be made (again); None: done
    outcome = models.CharField(max_length=12, blank=True)
    level = models.SmallIntegerField(null=True)  # of the sample: what was said on the telephone
    recording = models.CharField(max_length=120, blank=True)  # where the telephone system keeps it
    note = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "record_id", "round"], name="one_call_of_a_kind_and_round"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["region", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="calls_due",
            ),
            models.Index(
                fields=["order_id"],
                condition=models.Q(order_id__isnull=False),
                name="calls_by_order",
            ),
            models.Index(fields=["record_id"], name="calls_by_record"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class Draw(models.Model):
    """A weekly draw of the audit sample.

    The seed is written down, so that anybody with the data can draw it again.
    """

    week = models.IntegerField(unique=True)  # 202648
    seed = models.BigIntegerField()
    drawn = models.IntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.week)
