"""Comparing what two sides have, without sending it all: counts and digests over a tree of sixteen
branches, down to the messages that differ.

A message lies at the hexadecimal digits of SHA-256 over its id; a node's digest is SHA-256 over the
lines `id digest` of what lies below it, by id. Both sides can compute it from what they store.
"""

import hashlib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from haochaping.kernel.words import Words

LEAF = 64  # messages that are listed rather than divided
DEEPEST = 8  # digits
_DIGITS = "0123456789abcdef"

type Entries = Mapping[str, str]  # digest by message id, both as text


@dataclass(frozen=True)
class Node:
    """What lies below a prefix."""

    count: int
    digest: str


def place(message: str) -> str:
    """Return where a message lies."""
    return hashlib.sha256(message.encode()).hexdigest()[:DEEPEST]


def node(entries: Entries) -> Node:
    """Return the node over entries."""
    lines = "".join(f"{message} {entries[message]}\n" for message in sorted(entries))
    return Node(len(entries), hashlib.sha256(lines.encode()).hexdigest()[:32])


def below(entries: Entries, prefix: str) -> dict[str, str]:
    """Return the entries below a prefix."""
    return {one: entries[one] for one in entries if place(one).startswith(prefix)}


def children(entries: Entries, prefix: str) -> dict[str, Node]:
    """Return the sixteen nodes below a prefix, those without entries too."""
    parts: dict[str, dict[str, str]] = {prefix + digit: {} for digit in _DIGITS}
    for message, found in entries.items():
        where = place(message)
        if where.startswith(prefix):
            parts[where[: len(prefix) + 1]][message] = found
    return {where: node(part) for where, part in parts.items()}


class What(StrEnum):
    """How two sides differ about a message."""

    MISSING = "missing"  # we have it, they do not
    UNKNOWN = "unknown"  # they have it, we do not
    ALTERED = "altered"  # both have it, not the same


WHAT: Mapping[What, Words] = {
    What.MISSING: Words("对方缺少", "Missing there"),
    What.UNKNOWN: Words("对方多出", "Unknown here"),
    What.ALTERED: Words("内容不一致", "Not the same"),
}


@dataclass(frozen=True)
class Asked:
    """A question to the other side: its node at a prefix, the sixteen below, or its entries."""

    prefix: str
    children: bool = False
    listed: bool = False


class Found(NamedTuple):
    """A difference: about which message, and what stands for what the other side has of it."""

    message: str
    what: What
    theirs: str = ""


def compare(ours: Entries, theirs: Entries) -> Iterator[Found]:
    """Yield what differs between two lists."""
    for message in sorted(ours.keys() | theirs.keys()):
        if message not in theirs:
            yield Found(message, What.MISSING)
        elif message not in ours:
            yield Found(message, What.UNKNOWN, theirs[message])
        elif ours[message] != theirs[message]:
            yield Found(message, What.ALTERED, theirs[message])


class Inconsistent(ValueError):
    """What the other side says of its parts is not what it says of the whole."""


type Comparison = Generator[Asked, Any, list[Found]]


def bisect(ours: Entries) -> Comparison:
    """Find what differs: yields questions to the other side, is sent its nodes by prefix (the root
    below "") or its entries, returns the messages. Asks for nothing below what is equal; a branch
    that is not named is empty. Raises Inconsistent where the answers do not fit together: what
    differs must not be told as equal, nor be asked for without end.
    """
    root: Node = (yield Asked(""))[""]
    found: list[Found] = []
    differs = node(ours) != root
    waiting = [("", dict(ours), root)] if differs else []
    asked = 0
    while waiting:
        prefix, mine, theirs = waiting.pop()
        asked += 1
        if asked > _MOST + (len(ours) + root.count) * DEEPEST:
            raise Inconsistent("no end")
        if max(len(mine), theirs.count) <= LEAF or len(prefix) == DEEPEST:
            listed = (yield Asked(prefix, listed=True)) if theirs.count else {}
            if node(listed) != theirs or any(not place(one).startswith(prefix) for one in listed):
                raise Inconsistent(f"entries of {prefix!r}")
            found += compare(mine, listed)
            continue
        own, said = children(mine, prefix), (yield Asked(prefix, children=True))
        if said.keys() - own.keys() or sum(one.count for one in said.values()) != theirs.count:
            raise Inconsistent(f"branches of {prefix!r}")
        for where, one in own.items():
            if one != said.get(where, _EMPTY):
                waiting.append((where, below(mine, where), said.get(where, _EMPTY)))
    if differs and not found:
        raise Inconsistent("no difference below a root that differs")
    return sorted(found)


_EMPTY = node({})
_MOST = 1000  # questions beside those that as many messages can need


def answer(entries: Entries, asked: Asked) -> Mapping[str, Any]:
    """Return what a side answers from all its entries: the other half of `bisect`."""
    if asked.listed:
        return below(entries, asked.prefix)
    if asked.children:
        return children(entries, asked.prefix)
    return {asked.prefix: node(below(entries, asked.prefix))}
