"""What every cell has."""

from django.db import models


class Cell(models.Model):
    """What every cell has."""

    day = models.DateField()
    city = models.IntegerField()
    region = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)
