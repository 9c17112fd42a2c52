"""What every way to send an SMS has in common.

Its shape, how it says that something went wrong, and what gateways push to us.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from haochaping.kernel import clock
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.numbers import phone as normalised
from haochaping.kernel.words import Words, printable
from haochaping.notifications import actions
from haochaping.notifications.actions import Outgoing
from haochaping.notifications.rules import Fate

log = logging.getLogger(__name__)


class Passing(Exception):
    """The gateway would not take the message now, and surely has not sent it: try again later."""


class Final(Exception):
    """The gateway will never take this message."""


class Sender(Protocol):
    """A way to send.

    Whoever implements it is told a message several times when answers are lost; `Outgoing.id` stays
    the same.
    """

    def send(self, message: Outgoing) -> str:
        """Hand the message over and return the gateway's id for it; raises Passing or Final."""

    def listen(self) -> None:
        """Keep a connection for receipts and replies, where they come that way."""


class BadPush(Refusal):
    """What a gateway pushed is not as its documentation says."""

    status = 400
    code = "bad_push"
    says = Words("推送内容格式不符。", "The push is malformed.")


@dataclass(frozen=True)
class Push:
    """What came to a hook: a body of JSON, or the fields of a form."""

    body: bytes
    form: Mapping[str, str]

    def items(self) -> list[dict[str, Any]]:
        """Return the objects of a JSON list; raises BadPush."""
        try:
            items = json.loads(self.body)
        except (ValueError, RecursionError):
            raise BadPush from None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise BadPush
        return items


def field(item: Mapping[str, Any], name: str, longest: int = 1000) -> str:
    """Return a field of what was pushed as text, empty where it is missing."""
    value = item.get(name)
    return "" if value is None else printable(str(value).replace("\0", ""))[:longest]


def take_receipt(*, provider_id: str, own_id: str, fate: Fate, why: str) -> None:
    """Hand a receipt in; `own_id` is what we gave along with the message."""
    actions.take_receipt(
        provider_id=provider_id,
        message_id=whole(own_id, digits=KEY),
        fate=fate,
        why="" if fate is Fate.DELIVERED else why,
        at=clock.now(),
    )


def take_reply(*, phone: str, destination: str, content: str, sent_at: datetime | None) -> None:
    """Hand a reply in; a time that cannot be is that of now. What comes from no number is left out
    and told in the log: it must not bar what was pushed along with it.
    """
    if normalised(phone) is None and whole(phone.removeprefix("+"), digits=KEY) is None:
        log.warning("a reply was pushed that comes from no number")
        return
    at = clock.now()
    likely = sent_at is not None and at - _OLDEST < sent_at <= at + _AHEAD
    sent = min(sent_at, at) if likely and sent_at is not None else None
    actions.take_reply(phone=phone, destination=destination, content=content, sent_at=sent, at=at)


_OLDEST, _AHEAD = timedelta(days=30), timedelta(minutes=10)
