"""The catalogue of indicators."""

from django.db import models


class Indicator(models.Model):
    """A code of a version of the national table, in force between two dates."""

    code = models.SmallIntegerField(primary_key=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=120)
    core = models.BooleanField()
    applies = models.CharField(max_length=10)  # rules.Applies
    version = models.SmallIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # null: in force

    def __str__(self) -> str:
        return f"{self.code} {self.zh}"
