"""How far the lake has come."""

from django.db import models


class File(models.Model):
    """A file of the lake: one batch of the feed, or all of a day that is over. A row says that its
    file stands whole on disk.
    """

    no = models.BigIntegerField(primary_key=True)  # of the batch, or of the day's last
    first = models.BigIntegerField(null=True)  # of a day: its first batch
    month = models.IntegerField()  # 202611, of its numbering: the folder
    rows = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.no)
