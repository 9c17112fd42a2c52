"""The contract with the 12345 systems of cities (docs/integrate/hotline-12345.md)."""

from datetime import datetime, timedelta

import msgspec

from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.twins import twin
from haochaping.kernel.words import Words, storable
from haochaping.orders.rules import MOVES


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message of the contract, in either direction.

    `seq` counts from 1 without gaps, in each direction by itself.
    """

    seq: int
    kind: str
    order: str  # number of the order, CP20261123-0017
    at: str = ""
    facts: dict[str, str] = {}


# What a hotline may say of an order, and the move that it makes (orders.rules.MOVES)
HEARD = {move.hotline: verb for verb, move in MOVES.items() if move.hotline}
# what is no move: a file; the number to call back on, with the reason
BESIDE = frozenset({"attachment", "reveal"})
KEY_OVERLAP = timedelta(days=3)  # for which a city's old key is good beside the new one
AHEAD = 1000  # messages that may come before the one that is missing
_AGAIN = (2, 5, 15, 60, 300, 900, 3600)  # seconds


class OutOfTouch(Conflict):
    """A number came again with other content, or far ahead of what is missing."""

    code = "sequence"
    says = Words(
        "序号重复但内容不同，或超前过多；请从 expected 起重发。",
        "The number came with other content, or far ahead; send again from `expected`.",
    )


class BadMessage(Refusal):
    """A message of the contract cannot be read."""

    code = "bad_message"
    says = Words(
        "消息不符合 12345 交换约定，请对照 docs/integrate/hotline-12345.md。",
        "The message is not as docs/integrate/hotline-12345.md has it.",
    )


def read_message(body: bytes) -> Message:
    """Read a message; raises BadMessage."""
    try:
        message = msgspec.json.decode(body, type=Message)
        twice = twin(b"[%b]" % body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BadMessage from None
    texts = (message.kind, message.order, message.at, *message.facts, *message.facts.values())
    if twice or not (
        0 < message.seq < 1 << 53
        and (message.kind in HEARD or message.kind in BESIDE)
        and all(map(storable, texts))
    ):
        raise BadMessage
    return message


class Recorded(msgspec.Struct, frozen=True):
    """What a telephone system tells when a call has ended."""

    call: int
    recording: str = ""


def read_recorded(body: bytes) -> Recorded | None:
    """Read it; None where it cannot be read."""
    try:
        told = msgspec.json.decode(body, type=Recorded)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return told if 0 < told.call < 1 << 63 and storable(told.recording) else None


def said_again(tries: int, at: datetime) -> datetime:
    """Return when a message that was not heard is said again.

    After seconds at first, each hour in the end, for ever.
    """
    return at + timedelta(seconds=_AGAIN[min(tries, len(_AGAIN)) - 1])
