"""The table of dispatch rules."""

from django.db import models


class Rule(models.Model):
    """An automatic dispatch 自动派单: orders of a rated department, perhaps of one item only, go to
    a department at once.
    """

    region = models.BigIntegerField()
    rated_department_id = models.IntegerField(null=True)
    item_id = models.IntegerField(null=True)
    department_id = models.IntegerField()
    by = models.BigIntegerField()
    at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.rated_department_id} {self.item_id} {self.department_id}"
