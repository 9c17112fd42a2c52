"""Invitations."""

from django.db import models


class Invitation(models.Model):
    """A one-time link to rate one service. Only the token's hash is stored; opening it spends nothing, finishing does."""

    token_hash = models.BinaryField(unique=True)
    record_id = models.BigIntegerField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)
