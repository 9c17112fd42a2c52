"""The tree of regions."""

from django.db import models


class Region(models.Model):
    """One region, in force from `valid_from` until `valid_to`.

    An abolished one names its successor.
    """

    code = models.BigIntegerField(primary_key=True)  # 12 digits
    name = models.CharField(max_length=60)
    level = models.SmallIntegerField()  # rules.Level
    valid_from = models.DateField(null=True)  # null: since before the platform
    valid_to = models.DateField(null=True)  # null: in force
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.name
