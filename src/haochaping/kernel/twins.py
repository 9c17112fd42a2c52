"""Names that stand twice in one object of JSON.

RFC 8259 §4 leaves open which of the two values is meant, and decoders take the last without a word:
whatever comes from outside is refused instead.
"""

import json
from contextlib import suppress
from typing import Any

import msgspec


class Twice(ValueError):
    """A name stands twice in one object."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} stands twice")
        self.name = name


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of its pairs (an `object_pairs_hook` of json.loads); raises Twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise Twice(next(name for name in names if names.count(name) > 1))
    return found


_NAMED = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def twin(array: bytes) -> str | None:
    """Return a name that stands twice in one object of a valid JSON array; None where none does.
    Raises ValueError or RecursionError for what no reader would look at to the end: digits without
    number, bytes that are no text, objects in thousands of objects.

    An array of flat objects, as most are, holds `":` as often as names; to compare the two costs a
    third of reading every object with its pairs.
    """
    spaced = any(one in array for one in (b" :", b"\t:", b"\n:", b"\r:"))
    with suppress(msgspec.ValidationError):  # an array of something else
        if not spaced and sum(map(len, _NAMED.decode(array))) == array.count(b'":'):
            return None
    try:
        json.loads(array, object_pairs_hook=once, parse_int=str)
    except Twice as found:
        return found.name
    return None
