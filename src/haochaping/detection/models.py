"""Findings of detectors, and what people say of them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q


class Finding(models.Model):
    """A unit that a detector found conspicuous, with the figures it was found by.

    While it is open each night's figures take the place of the last; once decided it stays.
    """

    detector = models.CharField(max_length=20)  # key of detectors.DETECTORS
    unit = models.CharField(max_length=10)  # rules.Unit
    unit_id = models.IntegerField()
    region = models.BigIntegerField()
    department_id = models.IntegerField()  # to whom the unit belongs
    since = models.DateField()
    until = models.DateField()
    k = models.IntegerField()
    n = models.IntegerField()
    expected = models.FloatField()  # share among its peers
    p = models.FloatField()
    ratings = ArrayField(models.BigIntegerField(), default=list)  # that made it conspicuous
    peers = ArrayField(models.IntegerField(), default=list)  # units by share, in equal steps
    peers_to = models.FloatField(default=1.0)  # the share at which the last step ends
    days = models.JSONField(default=dict)  # day → conspicuous ratings
    state = models.CharField(max_length=10, default="suspected")  # rules.State
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # the last night that found it
    decided_at = models.DateTimeField(null=True)
    set_aside = models.IntegerField(default=0)  # ratings, by the verdict
    appeal = models.CharField(max_length=1000, blank=True)
    appealed_by = models.BigIntegerField(null=True)
    appealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["detector", "unit", "unit_id"],
                condition=Q(state="suspected"),
                name="one_open_finding_of_a_unit",
            ),
            CheckConstraint(
                name="a_verdict_has_its_moment",
                condition=(Q(state="suspected") & Q(decided_at=None))
                | (~Q(state="suspected") & Q(decided_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["region", "state", "-seen_at"], name="findings_by_place"),
            models.Index(fields=["department_id", "-seen_at"], name="findings_of_department"),
        ]

    def __str__(self) -> str:
        return f"{self.detector} {self.unit} {self.unit_id}"

    @property
    def share(self) -> float:
        """Return k of n."""
        return self.k / max(self.n, 1)


class Opinion(models.Model):
    """What one person says of a finding; two who agree decide. Never changed."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT)
    verdict = models.CharField(max_length=10)  # rules.Verdict
    note = models.CharField(max_length=500)
    by = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["finding", "by"], name="one_opinion_of_a_person")
        ]
        indexes: ClassVar = [models.Index(fields=["finding", "at"], name="opinions_of_a_finding")]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.verdict}"


class Run(models.Model):
    """A night's look at a city: how much was looked at, and what was found."""

    city = models.IntegerField()
    since = models.DateField()
    until = models.DateField()
    ratings = models.IntegerField()
    flagged = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["city", "-at"], name="runs_of_a_city")]
        constraints: ClassVar = [
            CheckConstraint(name="a_run_looks_forward", condition=Q(until__gte=F("since")))
        ]

    def __str__(self) -> str:
        return f"{self.city} {self.until}"
