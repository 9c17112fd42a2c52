"""Tables of the feed. They are local to the coordinator: small, hot, and never distributed."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Pending(models.Model):
    """Facts of one kind that one statement committed, not yet numbered.

    Written by intake in their own transaction; no key, no index.
    """

    kind = models.SmallIntegerField()
    # for the ORM only; the table has no primary key
    refs = ArrayField(models.BigIntegerField(), primary_key=True)

    class Meta:
        managed = False
        db_table = "feed_pending"

    def __str__(self) -> str:
        return f"{self.kind}:{self.refs}"


class Batch(models.Model):
    """Facts numbered together, without gaps, in commit order."""

    no = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kinds = ArrayField(models.SmallIntegerField())
    refs = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return str(self.no)


class Head(models.Model):
    """One row: the last number given. Its lock makes the numbers gap-free and in commit order."""

    no = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.no)


class Cursor(models.Model):
    """How far a reader has come; moved in the same transaction as the reader's own effect."""

    name = models.CharField(max_length=40, primary_key=True)
    no = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.no}"


class Trouble(models.Model):
    """A reader or a schedule that failed and has not succeeded since; where it failed, never with
    whose data.
    """

    name = models.CharField(max_length=60, primary_key=True)
    since = models.DateTimeField()
    times = models.IntegerField()
    error = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.name} {self.error}"


class Aside(models.Model):
    """A fact that a reader could not take: named, alarmed, and tried again, while others go on."""

    name = models.CharField(max_length=40)  # of the reader
    kind = models.SmallIntegerField()
    ref = models.BigIntegerField()
    since = models.DateTimeField(db_default=Now())
    times = models.IntegerField(default=1)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=200)  # where it failed, never with whose data

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "kind", "ref"], name="a_fact_is_aside_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.kind} {self.ref}"


class Slot(models.Model):
    """A schedule that one worker of all runs, and the slot that was done last."""

    name = models.CharField(max_length=60, primary_key=True)
    slot = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.name} {self.slot}"
