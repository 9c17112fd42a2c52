"""Reading invitations."""

from dataclasses import dataclass
from datetime import datetime

from haochaping.invitations import models
from haochaping.kernel.errors import Refusal
from haochaping.kernel.ids import token_hash
from haochaping.kernel.words import Words


class LinkUnknown(Refusal):
    """There is no such link."""

    status = 404
    code = "link_unknown"
    says = Words(
        "没有找到这个评价链接。请检查短信中的链接是否完整，或拨打 12345。", "This link is unknown. Check that it is complete, or call 12345."
    )


class LinkExpired(Refusal):
    """The link is too old to rate with."""

    status = 410
    code = "link_expired"
    says = Words("评价链接已过期（有效期 90 天）。您仍可拨打 12345 反映情况。", "This link has expired after 90 days. You can still call 12345.")


@dataclass(frozen=True)
class Opened:
    """What an opened link leads to."""

    record_id: int
    finished_at: datetime | None


def opened(token: str, at: datetime) -> Opened:
    """Return what the token is for; a finished link stays readable for its progress. Raises LinkUnknown or LinkExpired."""
    found = models.Invitation.objects.filter(token_hash=token_hash(token)).first()
    if found is None:
        raise LinkUnknown
    if found.finished_at is None and at > found.expires_at:
        raise LinkExpired
    return Opened(found.record_id, found.finished_at)
