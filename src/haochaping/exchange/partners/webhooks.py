"""Webhooks: an event for each message, signed as kernel.webhooks has it; its id is the message's
own with what it says, at every try the same.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from haochaping.exchange import rules
from haochaping.exchange.partners.sending import (
    Dialogue,
    Failed,
    Letter,
    Link,
    Request,
    Saying,
    one_by_one,
)
from haochaping.exchange.rules import Status, Told
from haochaping.kernel import webhooks

_TYPES: Mapping[str, str] = {
    "S": "service.registered",
    "E": "evaluation.created",
    "F": "evaluation.followed_up",
    "C": "evaluation.replaced",
    "X": "evaluation.set_aside",
    "Y": "evaluation.restored",
    "D": "evaluation.erased",
    "R": "rectification.moved",
}
_TAKEN = range(200, 300)  # HTTP
# what is said of a message; 401, 403 and 404 are the fault of a key, an address or a gateway
_REFUSED = frozenset({400, 409, 410, 413, 422})


def upload(letters: Sequence[Letter], link: Link) -> Dialogue:
    """Send events one by one: 2xx has taken one, what refuses the message itself never will,
    everything else is tried again.
    """

    def say(one: Letter) -> Saying:
        answer = yield event(one, link)
        status = answer.status if answer else 0
        if status in _TAKEN:
            return Told(one.message, Status.ACKNOWLEDGED)
        if status not in _REFUSED:
            raise Failed(f"HTTP {status}")
        said = answer.body[:80].decode(errors="replace") if answer else ""
        return Told(one.message, Status.REFUSED, f"HTTP {status} {said}".strip())

    yield from one_by_one(letters, say)


def _keys(link: Link) -> list[str]:
    """Return the secrets that are trusted now: after a change also the one before, for a while."""
    old, until = link.secret.get("before", ""), link.secret.get("before_until", "")
    both = [old] if until and link.at < datetime.fromisoformat(until) else []
    return [link.secret["secret"], *both]


def event(one: Letter, link: Link) -> Request:
    """Return the request of an event."""
    told = {
        "type": _TYPES[one.message[0]],
        "timestamp": link.at.isoformat(),
        "data": {"id": one.message, "family": one.family, "document": one.document},
    }
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    # whoever takes an id once takes other content under another: a service that was amended
    message = f"{one.message}.{rules.digest(one.document).hex()[:12]}"
    headers = webhooks.signed(_keys(link), message=message, at=link.at, body=body)
    return Request(link.url, headers, body)
