"""The catalogue of indicators."""

from django.db import models

from haochaping.indicators.rules import State


class Edition(models.Model):
    """A version of the catalogue as one person drafts it and another puts it in force 指标版本."""

    number = models.SmallIntegerField(unique=True)
    state = models.CharField(max_length=10, default=State.DRAFT)
    entries = models.JSONField(default=list)  # rules.Entry, by code
    note = models.CharField(max_length=300, blank=True)  # what changes, for who decides
    drafted_by = models.BigIntegerField()
    drafted_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # of a return

    def __str__(self) -> str:
        return f"{self.number} {self.state}"


class Indicator(models.Model):
    """A code of a version of the national table, in force between two dates."""

    code = models.SmallIntegerField(primary_key=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=120)
    core = models.BooleanField()
    applies = models.CharField(max_length=10)  # rules.Applies
    scope = models.JSONField(default=dict)  # of rules.Scope what is not empty
    version = models.SmallIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # null: in force

    def __str__(self) -> str:
        return f"{self.code} {self.zh}"
