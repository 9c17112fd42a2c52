"""The table of texts."""

from django.db import models


class Text(models.Model):
    """A text that an office writes often 常用语."""

    region = models.BigIntegerField()
    department_id = models.IntegerField(null=True)
    fact = models.CharField(max_length=12)  # key of rules.KINDS
    title = models.CharField(max_length=40)
    text = models.CharField(max_length=1000)
    by = models.BigIntegerField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title
