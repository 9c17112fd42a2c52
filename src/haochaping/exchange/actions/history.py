"""Telling a new partner what happened before there was one."""

from datetime import datetime

from django.db import transaction

from haochaping.exchange.actions._partner import locked, note
from haochaping.exchange.actions.uploading import queue
from haochaping.feed import queries as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.ids import moment_of

_BATCHES = 50  # of the feed, that are looked at in one transaction
# what is told of a service: its later facts tell how it is now, whenever they happened
_TOLD = frozenset(set(Kind) - {Kind.ORDER, Kind.ERASED, Kind.AMENDED})


def tell_history(*, partner_id: int, since: datetime, after: int, at: datetime) -> int | None:
    """Queue what happened since a moment, a stretch of the feed at a time; return where to go on,
    None at the end. What is queued already is not queued twice.
    """
    batches = feed.batches(after=after, limit=_BATCHES)
    facts = [
        (kind, ref)
        for batch in batches
        for kind, ref in zip(batch.kinds, batch.refs, strict=True)
        if (kind in _TOLD and moment_of(ref) >= since) or (kind == Kind.ORDER and batch.at >= since)
    ]
    queue(facts=facts, partner_id=partner_id, at=at)
    return batches[-1].no if batches else None


@transaction.atomic
def ask_history(*, partner_id: int, since: datetime, by: int, at: datetime) -> None:
    """Note that a person has a partner told what happened before it was connected."""
    partner = locked(partner_id, by)
    note(partner, "history", {"since": since.isoformat()}, by, at)
