"""The one table of analysis: maps of a place, which an office brings along."""

from typing import ClassVar

from django.db import models


class Map(models.Model):
    """A reviewed map 标准地图 of what lies below a place. Public maps in China need the approval
    number 审图号 that is shown under them, and are shown unchanged (frontend design §5).
    """

    region = models.BigIntegerField()
    approval = models.CharField(max_length=40)  # 审图号
    width = models.FloatField()
    height = models.FloatField()
    areas = models.JSONField()  # [[code, SVG path, label x, label y], …]
    by = models.BigIntegerField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region"], condition=models.Q(retired_at=None), name="one_map_of_a_place"
            )
        ]

    def __str__(self) -> str:
        return self.approval
