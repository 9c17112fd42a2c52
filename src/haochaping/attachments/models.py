"""The table of attachments."""

from django.db import models


class Attachment(models.Model):
    """A file of an order.

    With a virus scanner configured it is shown only once it was found clean; without one it says
    that nobody looked at it.
    """

    order_id = models.BigIntegerField(db_index=True)
    region = models.BigIntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=5)  # key of rules.KINDS
    size = models.IntegerField()
    digest = models.BinaryField()  # SHA-256
    data = models.BinaryField()
    verdict = models.CharField(max_length=10)  # clean, waiting, infected, unscanned
    by = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
