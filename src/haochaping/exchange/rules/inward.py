"""What partners send us: batches of messages in the national field names, as we send them."""

from collections.abc import Mapping
from typing import Any

import msgspec

from haochaping.exchange.rules.dialects import NotReadable
from haochaping.exchange.rules.digests import Asked
from haochaping.exchange.rules.documents import Family
from haochaping.kernel.moments import parse_day
from haochaping.kernel.twins import twin
from haochaping.kernel.words import Words, storable
from haochaping.orders.rules import Verb

MOST = 1000  # messages of a batch


class Inward(msgspec.Struct, frozen=True):
    """One message."""

    id: str
    family: Family
    document: dict[str, str]


class Batch(msgspec.Struct, frozen=True):
    """Messages that come together."""

    messages: list[Inward]


class Question(msgspec.Struct, frozen=True):
    """A question of a reconciliation (docs/integrate/national.md)."""

    day: str
    family: Family
    prefix: str = ""
    want: str = "node"
    of: str = "told"  # what we told the asker, or what of it we have `received`

    @property
    def asked(self) -> Asked:
        """What is asked for at the prefix."""
        return Asked(self.prefix, children=self.want == "children", listed=self.want == "entries")


# what a superior may demand of an order, by the `action` of its rectification
DEMANDS: Mapping[str, Verb] = {
    verb.value: verb for verb in (Verb.URGE, Verb.SUPERVISE, Verb.INSTRUCT)
}


class TooMany(NotReadable):
    """A batch is too long."""

    status = 413
    code = "too_many"
    says = Words(
        f"一批最多 {MOST} 条、1 MB，请分批发送。",
        f"A batch holds {MOST} messages and a megabyte at most; send several.",
    )


def read_messages(body: bytes) -> list[Inward]:
    """Read a batch; raises NotReadable or TooMany."""
    found = _read(body, Batch).messages
    if len(found) > MOST:
        raise TooMany
    for one in found:
        texts = (one.id, *one.document, *one.document.values())
        if not 0 < len(one.id) <= 64 or not all(map(storable, texts)):  # noqa: PLR2004 - the column
            raise NotReadable
    return found


def read_question(body: bytes) -> Question:
    """Read a question; raises NotReadable."""
    found = _read(body, Question)
    known = found.want in ("node", "children", "entries") and found.of in ("told", "received")
    if not known or parse_day(found.day) is None or set(found.prefix) - set("0123456789abcdef"):
        raise NotReadable
    return found


def _read[T](body: bytes, kind: type[T]) -> T:
    try:
        found = msgspec.json.decode(body, type=kind)
        twice = twin(b"[%b]" % body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise NotReadable from None
    if twice:
        raise NotReadable
    return found


def written(asked: Asked, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer of nodes or entries as it is sent."""
    if asked.listed:
        return {"entries": dict(answer)}
    nodes = {where: {"count": one.count, "digest": one.digest} for where, one in answer.items()}
    return {"nodes": nodes}
