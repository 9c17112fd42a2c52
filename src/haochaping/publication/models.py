"""Figures as they were published, results of months, and cases."""

from typing import ClassVar

from django.db import models

from haochaping.publication.rules import Board, State

_STATES = [(state.value, state.value) for state in State]


class Sealed(models.Model):
    """The figures that were published on a day: of the days before it, and never changed.

    What comes later shows in the next day's, with everything else of that day. Where that would
    tell how a few people rated, the figures of the day before stay up.
    """

    day = models.DateField(primary_key=True)
    figures = models.BinaryField()  # analytics.rules.Figures as MessagePack
    made_at = models.DateTimeField()
    leaf = models.BigIntegerField(null=True)  # that commits to it in the ledger

    def __str__(self) -> str:
        return str(self.day)


class Release(models.Model):
    """The results of a month, as one person drafted and another released them. A correction is a
    version of its own; what was released once is never changed.
    """

    period = models.DateField()  # the first day of the month
    version = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=_STATES, default=State.DRAFT)
    results = models.BinaryField()  # rules.Results as canonical JSON
    sha256 = models.CharField(max_length=64)
    drafted_by = models.BigIntegerField()
    drafted_at = models.DateTimeField()
    released_by = models.BigIntegerField(null=True)
    released_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # of the correction
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")
    leaf = models.BigIntegerField(null=True)  # that commits to it in the ledger

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["period", "version"], name="a_month_has_one_release_of_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.period:%Y-%m} v{self.version}"


class Case(models.Model):
    """A rating for everybody to read, and how a bad one was put right: in words that one person
    wrote and another released, without anything that tells who it was.
    """

    board = models.CharField(max_length=10, default=Board.RIGHT)  # rules.Board
    source = models.BigIntegerField()  # the order, on the board of praise the rating
    region = models.BigIntegerField()
    department = models.CharField(max_length=200)
    item = models.CharField(max_length=200)
    month = models.DateField()  # of the rating: a day could point at a person
    title = models.CharField(max_length=60)
    said = models.TextField()
    done = models.TextField()
    state = models.CharField(max_length=10, choices=_STATES, default=State.DRAFT)
    drafted_by = models.BigIntegerField()
    drafted_at = models.DateTimeField()
    released_by = models.BigIntegerField(null=True)
    released_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "-released_at"], name="cases_by_state")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["board", "source"], name="a_case_hangs_once_on_a_board")
        ]

    def __str__(self) -> str:
        return self.title
