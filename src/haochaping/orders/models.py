"""Tables of orders."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Now

from haochaping.orders.rules import State


class Policy(models.Model):
    """Limits in working days for a region and everything in it, in force from a day; the nearest region's newest one counts."""

    region = models.BigIntegerField()
    valid_from = models.DateField()
    contact = models.SmallIntegerField()
    ordinary = models.SmallIntegerField()
    complex = models.SmallIntegerField()
    call_back = models.SmallIntegerField()
    source = models.CharField(max_length=200)  # where the numbers come from

    def __str__(self) -> str:
        return f"{self.region} {self.contact}/{self.ordinary}/{self.complex}"


class Order(models.Model):
    """A rectification order 差评工单: one per bad rating."""

    number = models.CharField(max_length=20, unique=True)  # CP20261123-0017
    evaluation_id = models.BigIntegerField(unique=True)
    level = models.SmallIntegerField()
    region = models.BigIntegerField()
    city = models.IntegerField()
    item_id = models.IntegerField()
    department_id = models.IntegerField()  # responsible now; at first the one that was rated
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in State])
    due_at = models.DateTimeField(null=True)
    calendar_version = models.IntegerField()
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT)
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)  # 属实?
    satisfaction = models.CharField(max_length=12, null=True)  # rules.Satisfaction; null: not called back  # noqa: DJ001
    reopened = models.SmallIntegerField(default=0)
    declined = models.SmallIntegerField(default=0)
    urged_at = models.DateTimeField(null=True)  # 催办: when the present deadline was missed

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="an_open_order_has_a_due_time", condition=Q(state="closed", due_at=None) | (~Q(state="closed") & Q(due_at__isnull=False))
            ),
            CheckConstraint(
                name="a_closed_order_says_when", condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="orders_to_urge", condition=Q(urged_at=None, due_at__isnull=False)),
            models.Index(fields=["region", "state", "due_at"], name="orders_by_desk"),
            models.Index(fields=["department_id", "state"], name="orders_by_department"),
        ]

    def __str__(self) -> str:
        return self.number


class Step(models.Model):
    """One step of an order, append-only. What was given may hold words about people and is shown only inside."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    move = models.CharField(max_length=20)  # a key of rules.MOVES, or "open", "urge", "follow_up" and "revive"
    state = models.CharField(max_length=12)  # after the step
    given = models.JSONField(default=dict)
    by = models.BigIntegerField()
    at = models.DateTimeField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["order", "at"], name="steps_by_order")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.move}"


class Counter(models.Model):
    """The last order number of a day."""

    day = models.DateField(primary_key=True)
    n = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.n}"
