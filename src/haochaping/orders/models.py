"""Tables of orders."""

from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Now
from django.utils.functional import cached_property

from haochaping.kernel.sealed import SealedJSON
from haochaping.orders.rules import Side, State


class Order(models.Model):
    """A rectification order 差评工单: one per bad rating."""

    number = models.CharField(max_length=20, unique=True)  # CP20261123-0017
    evaluation_id = models.BigIntegerField(unique=True)
    level = models.SmallIntegerField()
    region = models.BigIntegerField()
    city = models.IntegerField()
    item_id = models.IntegerField()
    window_id = models.IntegerField(null=True)
    rated_department_id = models.IntegerField()  # the one that was rated
    department_id = models.IntegerField()  # responsible now; at first the one that was rated
    # several ratings about one fault: the order that is worked on
    lead = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in State])
    due_at = models.DateTimeField(null=True)
    # what was promised, kept for the figures when the order has moved on
    answer_due_at = models.DateTimeField(null=True)
    call_due_at = models.DateTimeField(null=True)
    # the year's holidays were not known when the deadline was set
    provisional = models.BooleanField(default=False)
    calendar_version = models.IntegerField()
    terms = models.JSONField()  # the policy's terms when the clock started
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    is_complex = models.BooleanField(default=False)
    extension = models.SmallIntegerField(default=0)
    extended = models.BooleanField(default=False)
    objected = models.BooleanField(default=False)
    set_aside = models.BooleanField(default=False)
    upheld = models.BooleanField(null=True)  # 属实?
    satisfaction = models.CharField(  # noqa: DJ001
        max_length=12, null=True
    )  # rules.Satisfaction; null: not called back
    reopened = models.SmallIntegerField(default=0)
    declined = models.SmallIntegerField(default=0)
    rung = models.SmallIntegerField(default=0)  # of the ladder, the next one
    climb_at = models.DateTimeField(null=True)  # when it is reached
    ask_again_at = models.DateTimeField(null=True)  # when the citizen is asked for a second opinion

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                name="an_open_order_has_a_due_time",
                condition=Q(state="closed", due_at=None)
                | (~Q(state="closed") & Q(due_at__isnull=False)),
            ),
            CheckConstraint(
                name="a_closed_order_says_when",
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["climb_at"], name="orders_to_climb", condition=Q(climb_at__isnull=False)
            ),
            models.Index(
                fields=["ask_again_at"],
                name="orders_to_ask_again",
                condition=Q(ask_again_at__isnull=False),
            ),
            models.Index(fields=["region", "state", "due_at"], name="orders_by_desk"),
            # a list in each of its orders, and its tabs (queries/lists.py)
            models.Index(fields=["due_at", "id"], name="orders_by_due"),
            models.Index(fields=["opened_at", "id"], name="orders_by_opening"),
            models.Index(fields=["moved_at", "id"], name="orders_by_movement"),
            models.Index(
                fields=["closed_at", "id"],
                name="orders_by_closing",
                condition=Q(closed_at__isnull=False),
            ),
            models.Index(fields=["state", "region"], name="orders_by_state"),
            models.Index(
                fields=["region"],
                name="orders_provisional",
                condition=Q(provisional=True, closed_at=None),
            ),
            models.Index(fields=["department_id", "state"], name="orders_by_department"),
            models.Index(fields=["rated_department_id", "-opened_at"], name="orders_by_rated"),
            models.Index(fields=["item_id", "-opened_at"], name="orders_by_item"),
            models.Index(
                fields=["window_id", "-opened_at"],
                name="orders_by_window",
                condition=Q(window_id__isnull=False),
            ),
            models.Index(fields=["lead"], name="orders_of_a_lead", condition=Q(lead__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def open_tracks(self) -> list["Track"]:
        """Return what goes on beside the order, as it was when first asked for."""
        return list(self.track_set.filter(ended_at=None))


class Step(models.Model):
    """One step of an order, append-only.

    What was given may hold words about people and is shown only inside.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    move = models.CharField(max_length=20)  # a key of rules.MOVES or rules.EVENTS
    state = models.CharField(max_length=12)  # after the step
    given = SealedJSON(default=dict, context="order.given")
    before = models.JSONField(default=dict)  # of a move that can be undone: what it changed
    by = models.BigIntegerField()
    at = models.DateTimeField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["order", "at"], name="steps_by_order"),
            models.Index(fields=["move", "-at"], name="steps_by_move"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.move}"


class Track(models.Model):
    """What goes on beside an order 延期、申诉、争议、督办、通报: asked by one, decided by another,
    in the case of an objection by two.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=[(side.value, side.value) for side in Side])
    region = models.BigIntegerField()
    department_id = models.IntegerField()  # responsible when it began
    given = SealedJSON(default=dict, context="order.given")
    by = models.BigIntegerField()
    at = models.DateTimeField()
    first_by = models.BigIntegerField(null=True)  # the first of two opinions
    first_upheld = models.BooleanField(null=True)
    ended_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=20, blank=True)  # the move that ended it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=Q(ended_at=None),
                name="one_open_track_of_a_kind",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["region", "kind", "-at"], name="tracks_by_region")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"


class Counter(models.Model):
    """The last order number of a day."""

    day = models.DateField(primary_key=True)
    n = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.n}"
