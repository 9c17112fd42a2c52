"""Data return 数据回流: what happened to a client's services since it asked last, in the order in
which it was committed, without gaps and without anything personal.

The cursor is a place on the feed, and what lies before it never changes: a client that is killed
asks again with the last cursor it kept, and in the end has exactly what the platform has. Only days
that are over are told, and how a rating was only to whom the office granted everybody's services:
who stood at a window an hour ago is not recognised by the system beside it (trust design §1.7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.exchange import models
from haochaping.feed import queries as feed
from haochaping.feed.rules import Kind
from haochaping.identity.rules import ClientKey
from haochaping.kernel.errors import NotAllowed, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.moments import begin_of, business_day
from haochaping.kernel.words import Words
from haochaping.records import queries as records

PAGE = 1000  # facts that a page looks at
_BATCHES = 200
_LONGEST = 30  # characters of a cursor
_TOLD: Mapping[int, str] = {
    Kind.RECORD: "service",
    Kind.RATING: "rating",
    Kind.FOLLOW_UP: "follow_up",
    Kind.REPLACED: "replacement",
    Kind.SET_ASIDE: "set_aside",
    Kind.RESTORED: "restored",
    Kind.ERASED: "erased",
    Kind.AMENDED: "amended",
}


class BadCursor(Refusal):
    """A cursor is what the platform gave, or empty for the beginning."""

    code = "bad_cursor"
    says = Words(
        "cursor 应为上次返回的值，首次为空。",
        "The cursor is what the last page gave; empty at first.",
    )


class Stopped(NotAllowed):
    """The exchange with a partner was stopped, or waits for a second person's word."""

    code = "exchange_stopped"
    says = Words(
        "平台对接已停用，或新条款待第二人确认。",
        "The exchange was stopped, or new terms wait for a second person.",
    )


@dataclass(frozen=True)
class Returned:
    """A page: what happened, where the next begins, and whether there is more already."""

    items: Sequence[Mapping[str, Any]]
    cursor: str
    more: bool


def returned(*, cursor: str, key: ClientKey, at: datetime) -> Returned:
    """Return the next page for a client: of services within its region that it registered, or of
    everybody's where its grant says so; raises BadCursor.
    """
    if models.Partner.objects.filter(client_id=key.client_id, stopped_at__isnull=False).exists():
        raise Stopped
    after, skip = _place(cursor)
    midnight = begin_of(business_day(at))
    numbered = feed.batches(after=after, limit=_BATCHES)
    # in their order: one whose moment lies before midnight may come after one that does not
    batches = list(takewhile(lambda batch: batch.at < midnight, numbered))
    facts = list[tuple[int, int, int, int]]()
    for batch in batches:
        pairs = list(zip(batch.kinds, batch.refs, strict=True))
        begin = skip if batch.no == after + 1 else 0
        facts += [(batch.no, place, *pairs[place]) for place in range(begin, len(pairs))]
        if len(facts) > PAGE:
            break
    page = facts[:PAGE]
    if not page:
        last = batches[-1].no if batches else after
        return Returned([], f"{last}.0", more=False)
    no, place = page[-1][:2]
    whole = len(facts) == len(page) or facts[len(page)][0] != no
    to = f"{no}.0" if whole else f"{no - 1}.{place + 1}"
    more = len(facts) > PAGE or len(batches) == _BATCHES
    return Returned(_told([fact[2:] for fact in page], key), to, more=more)


def _place(cursor: str) -> tuple[int, int]:
    """Return the number of the last batch that was read whole, and how much of the next."""
    no, _, place = (cursor or "0.0").partition(".")
    if len(cursor) > _LONGEST or not all(part.isascii() and part.isdigit() for part in (no, place)):
        raise BadCursor
    return int(no), int(place)


def _told(facts: Sequence[tuple[int, int]], key: ClientKey) -> list[Mapping[str, Any]]:
    """Return what is told of facts, in their order; what lies outside the client's grant is not."""
    refs = {ref for kind, ref in facts if kind in _TOLD}
    theirs = {one.id: one for one in records.services(refs).values() if _may_know(one, key)}
    usccs = directory.usccs({one.department_id for one in theirs.values()})
    known = {pk: one for pk, one in theirs.items() if key.client.names(usccs[one.department_id])}
    more = _facts(facts, set(known), words=_may_read(key)) if key.everybodys else {}
    return [
        {
            "kind": _TOLD[kind],
            "receipt": receipt_number(ref),
            "project_no": known[ref].project_no,
            "service_number": known[ref].service_number,
            "department_code": usccs[known[ref].department_id],
            **more.get((kind, ref), {}),
        }
        for kind, ref in facts
        if kind in _TOLD and ref in known
    ]


def _may_know(service: records.Service, key: ClientKey) -> bool:
    if service.origin not in records.COUNTED:
        return False  # a test of ours
    theirs = key.everybodys or service.registered_by == key.client_id
    return theirs and key.reach.covers(service.region)


def _may_read(key: ClientKey) -> bool:
    """Say whether a client may know what citizens wrote: a partner only where that was granted."""
    partner = models.Partner.objects.filter(client_id=key.client_id).only("words").first()
    return partner is None or partner.words


def _facts(
    facts: Sequence[tuple[int, int]], known: set[int], *, words: bool
) -> dict[tuple[int, int], dict[str, Any]]:
    """Return how ratings were by kind and key; words masked, as partners are told them."""

    def wanted(of: Kind) -> list[int]:
        return [ref for kind, ref in facts if kind == of and ref in known]

    found: dict[tuple[int, int], dict[str, Any]] = {}
    for kind, read, moment in (
        (Kind.RATING, evaluations.to_commit, "rated_at"),
        (Kind.FOLLOW_UP, evaluations.follow_ups_to_commit, "rated_at"),
        (Kind.REPLACED, evaluations.replacements_to_commit, "at"),
    ):
        for row in read(wanted(kind)):
            at: datetime = row[moment]
            found[kind, row["id"]] = {
                "level": row["level"],
                "codes": list(row["codes"]),
                "words": row["words"] if words else "",
                "channel": row["channel"],
                "at": at.isoformat(),
            }
    written = [one for one, row in found.items() if row["words"]]
    texts = evaluations.masked_all([(one[1], found[one]["words"]) for one in written])
    for one, text in zip(written, texts, strict=True):
        found[one]["words"] = text
    return found
