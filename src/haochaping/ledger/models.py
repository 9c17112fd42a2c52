"""Tables of the logs. They are local to the coordinator: one writer appends to them."""

from typing import ClassVar

from django.db import models


class Log(models.Model):
    """One log with a name of its own for ever: of ratings, one a year, and of the audit trail.

    Its lock makes the numbers of leaves gap-free.
    """

    name = models.CharField(max_length=20, unique=True)  # "2026", "audit-2026": its folder
    origin = models.CharField(max_length=200, unique=True)  # by which the world knows it
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")  # rules.extend
    published = models.BigIntegerField(default=0)  # leaves that the last signed checkpoint covers
    scrubbed = models.BigIntegerField(default=0)  # where the next look at old files begins
    frozen = models.CharField(max_length=400, blank=True)  # why nothing is signed
    frozen_at = models.DateTimeField(null=True)
    # the log that goes on where this one was given up for good: it stays frozen
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.origin


class Entry(models.Model):
    """A leaf as everybody may see it."""

    pk = models.CompositePrimaryKey("log_id", "no")
    log_id = models.IntegerField()  # no foreign key: checking a million of them costs more than all
    no = models.BigIntegerField()  # from 0 on, without gaps
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.log_id}/{self.no}"


class Checkpoint(models.Model):
    """A size of a log and its root: written with the leaves, signed when the files stand."""

    log = models.ForeignKey(Log, on_delete=models.PROTECT)
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField(blank=True)  # signed; with the witnesses' lines
    signed_at = models.DateTimeField(null=True)
    cosigned_at = models.DateTimeField(null=True)  # when enough witnesses had signed

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["log", "size"], name="a_log_has_one_root_of_a_size")
        ]

    def __str__(self) -> str:
        return f"{self.log_id} {self.size}"


class Trail(models.Model):
    """An entry of the audit trail and the leaf that commits to it."""

    entry_id = models.BigIntegerField(primary_key=True)  # audit.Entry
    log_id = models.IntegerField()
    no = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.entry_id}"
