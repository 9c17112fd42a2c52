"""How people are asked: one-time links, static QR codes, and codes that verify a phone.

The service record itself is the invitation (ADR 0007).
"""

from typing import ClassVar

from django.db import models


class Link(models.Model):
    """A one-time link to rate one service.

    Only the token's hash is stored; opening it spends nothing, finishing does.
    """

    token_hash = models.BinaryField(unique=True)
    record_id = models.BigIntegerField()
    # of the rating that comes through it: evaluations.rules.Channel
    channel = models.SmallIntegerField()
    device_id = models.IntegerField(null=True)  # the device on which it was opened
    # made for whoever rated: it opens the progress, and is never given to a system
    for_rater = models.BooleanField(default=False)
    # its address is known to a system that asked for it: it is for rating and shows nothing after
    shared = models.BooleanField(default=False)
    # where the citizen came from, as the client system gave it
    back_url = models.CharField(max_length=500, blank=True, default="")
    code_id = models.IntegerField(null=True)  # the QR code through which somebody came
    # the one origin that may show the page in a frame
    embed = models.CharField(max_length=200, blank=True, default="")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["record_id"], name="link_by_record")]

    def __str__(self) -> str:
        return str(self.pk)


class Code(models.Model):
    """A static QR code 固定二维码 of a window, hall, item, department or member of staff.

    It names a place and grants nothing.
    """

    short = models.CharField(max_length=10, unique=True)  # what the address holds: /p/{short}
    kind = models.CharField(max_length=12)  # key of rules.KINDS
    target_id = models.IntegerField()  # id in the directory
    region = models.BigIntegerField()
    made_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["region", "kind"], name="code_by_region")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "target_id"],
                condition=models.Q(disabled_at=None),
                name="a_place_has_one_code_in_force",
            )
        ]

    def __str__(self) -> str:
        return self.short


class ScanDay(models.Model):
    """How often a code was scanned on a day, how many of those scans led to a rating page, and how
    many ratings came of it.
    """

    pk = models.CompositePrimaryKey("code_id", "day")
    code_id = models.IntegerField()
    day = models.DateField()
    scans = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    rated = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.code_id} {self.day}"


class PhoneCheck(models.Model):
    """A code that was sent to a phone to verify it; the number is kept as a blind index only."""

    phone_index = models.BinaryField()
    code_hash = models.BinaryField()
    sent_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    address_index = models.BinaryField(default=b"")  # blind, too: of whoever asked

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["phone_index", "-sent_at"], name="phone_check_latest"),
            models.Index(fields=["-sent_at"], name="phone_check_of_late"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
