"""Saying to a city's 12345 system what happened to an order.

A signed POST (docs/integrate/hotline-12345.md).
"""

import json
from urllib.parse import urlsplit

from haochaping.exchange import actions
from haochaping.identity import queries as identity
from haochaping.identity.rules import SignedRequest, signed
from haochaping.kernel import clock, outbound

# what is said of a message; 401, 403 and 404 are the fault of a key, a clock or an address
_REFUSALS = frozenset({400, 409, 410, 413, 422})


def say_all() -> int:
    """Say to each hotline what waits for it, in order; return how many messages were heard."""
    heard = 0
    while sayings := actions.claim_sayings(at=clock.now()):
        ended = [_say(saying) for saying in sayings]
        heard += sum(ended)
        if not any(ended):
            break
    return heard


def _say(saying: actions.Saying) -> bool:
    """Send one message.

    Whoever answers 200 has heard it, whoever refuses the message itself will never take it,
    everybody else is asked again.
    """
    try:
        answer = outbound.post(saying.url, headers=_signed(saying), content=saying.body)
    except outbound.Unreachable as trouble:
        actions.note_heard(saying_id=saying.id, answer=str(trouble), heard=False, at=clock.now())
        return False
    ended = (answer.status == 200 and _is_answer(answer.body)) or (  # noqa: PLR2004 - HTTP
        answer.status in _REFUSALS
    )
    actions.note_heard(
        saying_id=saying.id,
        answer=f"{answer.status} {answer.body[:80]!r}",
        heard=ended,
        at=clock.now(),
    )
    return ended


def _is_answer(body: bytes) -> bool:
    """Say whether a 200 is theirs and not that of something in between, like a login page."""
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def _signed(saying: actions.Saying) -> dict[str, str]:
    parts = urlsplit(saying.url)
    request = SignedRequest("POST", parts.path or "/", parts.query, saying.body, {})
    return signed(request, identity.key_of(saying.kid), clock.now())
