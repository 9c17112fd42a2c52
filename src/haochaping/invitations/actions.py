"""Inviting people to rate."""

from datetime import datetime, timedelta

from haochaping.invitations import models
from haochaping.kernel.ids import new_token, token_hash

VALID_FOR = timedelta(days=90)


def invite(*, record_id: int, by: int, at: datetime) -> str:  # noqa: ARG001 - every action says who
    """Make a link for a service and return its token, which is nowhere else: it cannot be shown again."""
    token = new_token()
    models.Invitation.objects.create(token_hash=token_hash(token), record_id=record_id, issued_at=at, expires_at=at + VALID_FOR)
    return token


def finish(*, token: str, by: int, at: datetime) -> None:  # noqa: ARG001 - every action says who
    """Spend the link: the rating is in."""
    models.Invitation.objects.filter(token_hash=token_hash(token), finished_at=None).update(finished_at=at)
