"""The national platform, in our canonical dialect (docs/integrate/national.md): batches of signed
JSON, an answer for each message, and questions by which two sides compare what they have.
"""

from collections.abc import Generator, Mapping, Sequence
from datetime import date
from typing import Any

from haochaping.exchange import rules
from haochaping.exchange.partners.sending import (
    Dialogue,
    Failed,
    Letter,
    Link,
    Request,
    in_json,
    of_json,
)
from haochaping.exchange.rules import Status, Told, digests
from haochaping.kernel import outbound
from haochaping.kernel.words import printable, storable

# what it answers of a message; any other code is a refusal
_CODES: Mapping[str, Status] = {
    "0": Status.ACKNOWLEDGED,
    "1": Status.SENT,  # received, not yet looked at: it is asked again by sending it again
    "9": Status.NEW,  # come again
    # as another of these platforms answers: what it could not take in it keeps and mends itself
    "taken": Status.ACKNOWLEDGED,
    "duplicate": Status.ACKNOWLEDGED,
    "quarantined": Status.ACKNOWLEDGED,
}


def upload(letters: Sequence[Letter], link: Link) -> Dialogue:
    """Send a batch."""
    messages = [
        {"id": one.message, "family": one.family, "document": one.document} for one in letters
    ]
    answer = of_json((yield in_json(f"{link.url}/messages", {"messages": messages}, link)))
    yield from results(answer.get("results"), letters)


def results(found: object, letters: Sequence[Letter]) -> Generator[Told]:
    """Yield what an answer says of messages; raises Failed where it says nothing of the kind."""
    if not isinstance(found, list):
        raise Failed("no results")
    sent = {one.message for one in letters}
    for one in found:
        if isinstance(one, dict) and isinstance(one.get("id"), str) and one["id"] in sent:
            status = _CODES.get(str(one.get("code")), Status.REFUSED)
            said = printable(f"{one.get('code')} {one.get('message', '')}".strip())
            reason = "" if status == Status.ACKNOWLEDGED else said
            yield Told(one["id"], status, reason, printable(str(one.get("number", ""))))


def ask(day: date, family: rules.Family, asked: digests.Asked, link: Link) -> Request:
    """Return a question of a reconciliation."""
    # another platform like this one answers otherwise what it told us
    told = {"day": day.isoformat(), "family": family, "prefix": asked.prefix, "of": "received"}
    want = "entries" if asked.listed else "children" if asked.children else "node"
    return in_json(f"{link.url}/reconcile", {**told, "want": want}, link)


def answered(asked: digests.Asked, answer: outbound.Answer) -> Mapping[str, Any]:
    """Read the answer; raises Failed."""
    found = of_json(answer)
    try:
        if asked.listed:
            return {_name(name): _name(value) for name, value in found["entries"].items()}
        return {
            _name(where): digests.Node(_count(one["count"]), _name(one["digest"]))
            for where, one in found["nodes"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise Failed("no nodes") from None


_LONGEST, _MOST = 40, 1 << 31  # of a name that can be kept, and of what a day can hold


def _name(text: object) -> str:
    """Return a name as it can be kept; raises ValueError."""
    said = str(text)
    if len(said) > _LONGEST or not storable(said):
        raise ValueError(said[:_LONGEST])
    return said


def _count(said: object) -> int:
    """Return a number of messages; raises ValueError, TypeError or OverflowError."""
    number = int(said)  # type: ignore[call-overload]
    if not 0 <= number < _MOST:
        raise ValueError(number)
    return int(number)


def reconcile(
    ours: digests.Entries, day: date, family: rules.Family, link: Link
) -> Generator[Request, outbound.Answer, tuple[list[digests.Found], int, int]]:
    """Compare a day with what it has; return what differs, how many it has, how often it was
    asked.
    """
    comparison = digests.bisect(ours)
    asked, questions, count = next(comparison), 0, 0
    try:
        while True:
            said = answered(asked, (yield ask(day, family, asked, link)))
            if not questions:
                count = said[""].count if "" in said else 0
            questions += 1
            asked = comparison.send(said)
    except StopIteration as end:
        return end.value, count, questions
    except KeyError:
        raise Failed("nodes are missing") from None
    except digests.Inconsistent as odd:
        raise Failed(f"answers do not fit together: {odd}") from None
