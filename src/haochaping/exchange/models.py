"""What our own daily test of each channel found."""

from typing import ClassVar

from django.db import models


class Probe(models.Model):
    """One synthetic rating of one level over one channel.

    Marked, never counted, announced in the audit trail before it is given.
    """

    channel = models.SmallIntegerField()
    level = models.SmallIntegerField()
    at = models.DateTimeField()
    good = models.BooleanField()
    said = models.CharField(max_length=120, blank=True)  # what went wrong

    class Meta:
        indexes: ClassVar = [models.Index(fields=["channel", "level", "-at"], name="probe_latest")]

    def __str__(self) -> str:
        return f"{self.channel} {self.level} {self.good}"


class Hotline(models.Model):
    """The 12345 system of a city that works on orders in a system of its own.

    Both sides number what they say, from 1.
    """

    region = models.BigIntegerField(unique=True)
    client_id = models.IntegerField(unique=True)  # whose keys sign, in both directions
    kid = models.CharField(max_length=32)  # the key that we sign with
    url = models.CharField(max_length=300)
    user_id = models.BigIntegerField()  # the account in whose name it moves orders
    said = models.BigIntegerField(default=0)  # the last number that we gave
    heard = models.BigIntegerField(default=0)  # the last number of theirs that was acted on
    stopped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.region}"


class Outgoing(models.Model):
    """Something that we say to a hotline.

    It is said again until it is heard, and nothing overtakes it.
    """

    hotline = models.ForeignKey(Hotline, on_delete=models.PROTECT)
    seq = models.BigIntegerField()
    # the step of an order that it tells of: each is told once
    step_id = models.BigIntegerField(null=True)
    body = models.BinaryField()  # sealed: it holds what citizens wrote
    made_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when it is said (again); None: heard
    heard_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hotline", "seq"], name="a_number_is_said_once"),
            models.UniqueConstraint(fields=["hotline", "step_id"], name="a_step_is_told_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["hotline", "seq"],
                condition=models.Q(due_at__isnull=False),
                name="outgoing_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hotline_id} {self.seq}"


class Incoming(models.Model):
    """Something that a hotline said.

    What comes out of order waits for what is missing; what comes twice counts once.
    """

    hotline = models.ForeignKey(Hotline, on_delete=models.PROTECT)
    seq = models.BigIntegerField()
    digest = models.BinaryField()
    body = models.BinaryField()  # sealed
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)  # done, or the code of the refusal

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hotline", "seq"], name="a_number_is_heard_once")
        ]

    def __str__(self) -> str:
        return f"{self.hotline_id} {self.seq} {self.outcome}"
