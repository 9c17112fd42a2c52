"""Talking to a partner: a dialect yields requests and what it learnt of each message, and is sent
answers; what carries them is here and nowhere else.
"""

import json
import logging
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from haochaping.exchange import rules
from haochaping.exchange.rules import CHANGED, Status, Told
from haochaping.identity.rules import ClientKey, Reach, SignedRequest, signed
from haochaping.kernel import outbound
from haochaping.kernel.words import chinese, printable

log = logging.getLogger(__name__)

_NOBODY = Reach(0, 0)
# a proxy's, or "not now": the fault of no message
_LATER = frozenset({408, 425, 429, 502, 503, 504})
OK = 200


@dataclass(frozen=True)
class Letter:
    """A message as it is handed to a dialect."""

    message: str  # its id
    family: rules.Family
    document: rules.Document
    service: rules.Document = field(default_factory=dict)  # of the service it is about
    theirs: str = ""  # the partner's number of the rating, where it gave one


@dataclass(frozen=True)
class Link:
    """Where and how a partner is reached."""

    url: str
    secret: Mapping[str, str]
    at: datetime


@dataclass(frozen=True)
class Request:
    """A request that a dialect wants to be made."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    form: Mapping[str, str] | None = None
    params: Mapping[str, str] | None = None  # of a GET


class Failed(Exception):
    """A partner answered, but not as its dialect has it."""


type Dialogue = Generator[Request | Told, outbound.Answer | None]
type Upload = Callable[[Sequence[Letter], Link], Dialogue]


@dataclass
class Outcome:
    """What came of a dialogue: what is known of messages, and why it broke off if it did."""

    told: dict[str, Told] = field(default_factory=dict)
    broken: str = ""
    unreachable: bool = False
    wait: float = 0  # seconds for which the partner asked to be left alone
    cut: bool = False  # others had waited long enough: nothing was said of the rest


TURN = 5.0  # seconds for which a partner keeps its thread while others wait


def carry(dialogue: Dialogue) -> Outcome:
    """Carry a dialogue out to its end, until it breaks off, or until its turn is over: a partner
    that answers slowly, message by message, holds up no other.
    """
    outcome, until = Outcome(), time.monotonic() + TURN
    try:
        said = next(dialogue)
        while True:
            if isinstance(said, Told):
                outcome.told[said.message] = said
                said = dialogue.send(None)
            elif outcome.told and time.monotonic() > until:
                outcome.cut = True
                dialogue.close()
                break
            else:
                said = dialogue.send(made(said))
    except StopIteration:
        pass
    except outbound.Unreachable as away:
        outcome.broken, outcome.unreachable, outcome.wait = str(away), True, away.wait
    except Failed as failed:
        outcome.broken = str(failed)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as odd:
        # a dialect that stumbles over an answer: the partner's message is counted and waits longer
        log.warning("an answer could not be read", exc_info=odd)
        outcome.broken = f"{type(odd).__name__}: {odd}"
    outcome.broken = printable(outcome.broken)
    return outcome


def made(request: Request) -> outbound.Answer:
    """Make a request; raises Unreachable, also where a proxy answers that nobody is there."""
    if request.params is not None:
        answer = outbound.get(request.url, headers=request.headers, params=request.params)
    else:
        answer = outbound.post(
            request.url, headers=request.headers, content=request.content, form=request.form
        )
    if answer.status in _LATER:
        raise outbound.Unreachable(f"HTTP {answer.status}", answer.wait)
    return answer


def of_json(answer: outbound.Answer | None) -> Mapping[str, Any]:
    """Return the object of an answer in JSON; raises Failed."""
    if answer is None or answer.status != OK:
        raise Failed(f"HTTP {answer.status if answer else 0}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise Failed(f"no JSON: {answer.body[:60]!r}") from None
    if not isinstance(found, dict):
        raise Failed(f"no JSON object: {answer.body[:60]!r}")
    return found


def in_json(url: str, told: Mapping[str, Any], link: Link) -> Request:
    """Return a request of JSON, signed as our own interface is (docs/integrate/signing.md)."""
    body = msgspec.json.encode(told)
    secret = link.secret
    algorithm = secret.get("algorithm", "sm3")
    key = ClientKey(secret["kid"], 0, secret["secret"].encode(), algorithm, _NOBODY)
    parts = urlsplit(url)
    asked = SignedRequest("POST", parts.path or "/", parts.query, body, {})
    return Request(url, signed(asked, key, link.at), body)


# words of those who have it already (domain §1.1); any other sentence about repeating or existing
# may be about a timestamp, an indicator or other content under the same name
_KNOWN = (chinese("本次服务已存在评价，请勿重复评价"), chinese("已存在该条服务信息，请勿重复提交"))


def of_words(message: str, said: str) -> Told:
    """Return what a refusal in words means: who has the message already has taken it."""
    said = printable(said)
    known = any(mark in said.replace(",", chinese("，")) for mark in _KNOWN)
    return Told(message, Status.ACKNOWLEDGED if known else Status.REFUSED, said)


type Saying = Generator[Request, outbound.Answer | None, Told]
_MOST_FAILURES = 3  # messages in a row that a partner fails at, before it is left alone


def one_by_one(letters: Sequence[Letter], say: Callable[[Letter], Saying]) -> Dialogue:
    """Send messages one by one, for dialects whose answer is for a whole call. One that the partner
    fails at is tried again later; after three in a row the partner is left alone.
    """
    failures = 0
    for one in letters:
        try:
            yield (yield from say(one))
            failures = 0
        except Failed as failed:
            failures += 1
            yield Told(one.message, Status.NEW, str(failed))
            if failures == _MOST_FAILURES:
                raise


# what a dialect has no message for, and why it is left out
NO_OPERATION = "该方言无整改接口 no such operation"
NO_CHANGE = "该方言无更正接口 no operation for changes"
WITH_RATING = "随评价一并报送 goes with its rating"
_LEFT_OUT: Mapping[rules.Family, str] = {
    rules.Family.SERVICE: WITH_RATING,
    rules.Family.RECTIFICATION: NO_OPERATION,
}


def is_change(one: Letter) -> bool:
    """Say whether a message tells what has become of a rating that was told before.

    A dialect that knows first ratings only would say that it has that one already, which would read
    as if it had taken the change.
    """
    return one.document.get("flag") == CHANGED


def ratings_only(letters: Sequence[Letter]) -> Generator[Told, None, list[Letter]]:
    """Leave out all but ratings, for dialects that know nothing else; return the ratings."""
    ratings = []
    for one in letters:
        why = _LEFT_OUT.get(one.family, NO_CHANGE if is_change(one) else "")
        if why:
            yield Told(one.message, Status.LEFT_OUT, why)
        else:
            ratings.append(one)
    return ratings
