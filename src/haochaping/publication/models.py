"""Figures as they were published."""

from django.db import models


class Sealed(models.Model):
    """The figures that were published on a day: of the days before it, and never changed.

    What comes later shows in the next day's, with everything else of that day: nobody can tell a
    single rating from two looks at the page.
    """

    day = models.DateField(primary_key=True)
    figures = models.BinaryField()  # analytics.rules.Figures as MessagePack
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)
