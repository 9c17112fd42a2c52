"""Catalogues that other systems keep, and what of them waits for a person or for its day."""

from typing import ClassVar

from django.db import models

from haochaping.upstream.rules import WHAT


class Source(models.Model):
    """A table that is kept upstream, and where it is read; without an address it is uploaded."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)  # key of rules.KINDS
    region = models.BigIntegerField()  # nothing outside it is taken
    url = models.CharField(max_length=300, blank=True)
    fields = models.JSONField(default=dict)  # theirs -> ours, where the names differ
    complete = models.BooleanField(default=False)  # what it does not hold is gone
    secret = models.BinaryField(null=True)  # sealed: the header by which we are known there
    # of who connected or stopped it: another person starts it, for it writes the directory
    changed_by = models.BigIntegerField()
    stopped_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)  # when it was last read to its end
    size = models.IntegerField(default=0)  # rows that it had then
    wrong = models.JSONField(default=list)  # [line, zh, en] of rows that could not be taken
    failing_since = models.DateTimeField(null=True)
    answer = models.JSONField(default=list)  # [zh, en]: why

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """How an entry upstream differs from ours. It is as upstream has it once a person has approved
    that and its day has come.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    code = models.CharField(max_length=33)
    what = models.SmallIntegerField(choices=[(one, words.en) for one, words in WHAT.items()])
    region = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    effective_on = models.DateField(null=True)
    successor = models.CharField(max_length=33, blank=True)
    found_at = models.DateTimeField()
    proposed_by = models.BigIntegerField()  # who uploaded it; 0: it was read by itself
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)
    trouble = models.JSONField(default=list)  # [zh, en]: why it could not be put in force

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "code"],
                condition=models.Q(decided_at=None),
                name="one_difference_waits",
            ),
            models.CheckConstraint(
                name="two_people_change_what_was_uploaded",
                condition=models.Q(approved=False)
                | models.Q(proposed_by=0)
                | ~models.Q(decided_by=models.F("proposed_by")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["effective_on"],
                condition=models.Q(approved=True, done_at=None),
                name="changes_that_wait_for_a_day",
            ),
            models.Index(fields=["source", "code", "-id"], name="changes_of_an_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.code}"
