"""Tables of proofs."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from haochaping.ledger.rules import Leaf


class Opening(models.Model):
    """Of which fact a leaf is, and the salts that open it.

    Who destroys the row leaves a leaf that says nothing (trust design §1.8): the table is kept out
    of the ordinary backups, and has its own, which are forgotten after 35 days.
    """

    pk = models.CompositePrimaryKey("log_id", "no")
    log_id = models.IntegerField()
    no = models.BigIntegerField()  # of the leaf
    leaf = models.SmallIntegerField()  # ledger.rules.Leaf
    what = models.SmallIntegerField()  # feed.rules.Kind of the fact; 0: a statement of ours
    ref = models.BigIntegerField()
    salts = models.BinaryField(null=True)  # sealed; none where the leaf is public
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["what", "ref"], name="openings_by_fact"),
            models.Index(fields=["log_id", "at"], name="openings_by_time"),
            models.Index(
                fields=["log_id", "no"],
                condition=models.Q(leaf=Leaf.ERASED.value),
                name="openings_of_erasures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.no}"


class Invited(models.Model):
    """How many services a leaf says could be rated 办件批次."""

    pk = models.CompositePrimaryKey("log_id", "no")
    log_id = models.IntegerField()
    no = models.BigIntegerField()
    services = models.IntegerField()
    root = models.BinaryField()  # over the salted commitments to their keys

    def __str__(self) -> str:
        return f"{self.log_id}/{self.no}"


class Said(models.Model):
    """What a leaf that everybody may read says: a release, a test of the channels, new keys."""

    pk = models.CompositePrimaryKey("log_id", "no")
    log_id = models.IntegerField()
    no = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    said = models.TextField()  # canonical JSON
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "-at"], name="said_by_kind")]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.no}"


class Restatement(models.Model):
    """What we said in public because it could not be put back 更正."""

    pk = models.CompositePrimaryKey("log_id", "no")
    log_id = models.IntegerField()
    no = models.BigIntegerField()
    said = models.TextField()  # canonical JSON
    leaves = ArrayField(models.BigIntegerField(), default=list)  # that open to something else now
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.log_id}/{self.no}"


class Day(models.Model):
    """A day of a log that is over: its book and its statement are published and stay."""

    log_id = models.IntegerField()
    day = models.DateField()
    begin = models.BigIntegerField()  # leaves of the day: from here
    end = models.BigIntegerField()  # to before here
    rows = models.IntegerField()
    root = models.BinaryField()  # of the book
    statement = models.TextField()  # canonical JSON
    no = models.BigIntegerField()  # of the statement's leaf
    proved_at = models.DateTimeField(null=True)  # when its proof was written
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["log_id", "day"], name="a_log_has_one_book_of_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.log_id} {self.day}"
