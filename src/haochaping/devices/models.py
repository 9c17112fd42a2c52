"""Devices at windows, what they last said, and the calls 请评价 that they show."""

from typing import ClassVar

from django.db import models


class Device(models.Model):
    """A tablet, terminal or hardware box 评价器 that is paired with a window.

    Its key signs what it collects.
    """

    kid = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=10)  # key of rules.DEVICES
    window_id = models.IntegerField()
    region = models.BigIntegerField()
    secret = models.BinaryField()  # sealed
    paired_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["region"], name="device_by_region"),
            models.Index(fields=["window_id"], name="device_by_window"),
        ]

    def __str__(self) -> str:
        return self.kid


class Stood(models.Model):
    """Where a device stood before it was moved: what was given there counts there, whenever it
    comes.
    """

    device = models.ForeignKey(Device, on_delete=models.PROTECT)
    window_id = models.IntegerField()
    until = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["device", "until"], name="places_of_a_device")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.until}"


class DeviceState(models.Model):
    """What a device last said of itself.

    Kept apart from the device, because it changes with every heartbeat.
    """

    device = models.OneToOneField(Device, primary_key=True, on_delete=models.PROTECT)
    seen_at = models.DateTimeField()
    version = models.CharField(max_length=40, blank=True)
    waiting = models.IntegerField(default=0)  # ratings kept on the device
    skew_seconds = models.IntegerField(default=0)  # its clock minus ours
    series = models.SmallIntegerField(default=0)  # how often its counter began again
    last_seq = models.BigIntegerField(default=0)  # highest sequence number received in the series
    # how many numbers were received: less than last_seq means a gap
    received = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)  # numbers received in all series
    missed = models.BigIntegerField(default=0)  # numbers of earlier series that never came
    dead = models.IntegerField(default=0)  # ratings that we refused and the device put aside

    def __str__(self) -> str:
        return f"{self.device_id} {self.seen_at}"


class DeviceRating(models.Model):
    """One sequence number of a device, received once; the rating itself is an evaluation.

    A device that restarts counts from 1 again: that is another series.
    """

    pk = models.CompositePrimaryKey("device_id", "series", "seq")
    device_id = models.IntegerField()
    series = models.SmallIntegerField(default=0)
    seq = models.BigIntegerField()
    key = models.CharField(max_length=64)  # the idempotency key that the device made, if it can
    content = models.BigIntegerField(default=0)  # keyed digest of what was given; 0: of before
    pressed_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=40)  # receipt number, or the code of the refusal
    refused = models.BooleanField(default=False)
    received_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["key"], opclasses=["varchar_pattern_ops"], name="device_rating_by_tracking"
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id}#{self.seq}"


class Pairing(models.Model):
    """A six-digit code that pairs the next device to a window. It works once, for ten minutes."""

    code_hash = models.BinaryField()
    kind = models.CharField(max_length=10)
    window_id = models.IntegerField()
    region = models.BigIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["code_hash"], name="pairing_by_code")]

    def __str__(self) -> str:
        return str(self.pk)


class PairingFailure(models.Model):
    """A wrong pairing code, kept for an hour: six digits must not be guessed."""

    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="pairing_failure_at")]

    def __str__(self) -> str:
        return str(self.at)


class Call(models.Model):
    """“请评价”: a window asks the person in front of it to rate one service.

    The last one counts; it lapses by itself.
    """

    window_id = models.IntegerField()
    record_id = models.BigIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    # rated | not_rated (未评价: silence is never praise)
    outcome = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["window_id", "-made_at"], name="call_latest")]

    def __str__(self) -> str:
        return f"{self.window_id} {self.record_id}"
