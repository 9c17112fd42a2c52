"""Numbering the feed and moving along it."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from haochaping.feed import models
from haochaping.feed.rules import Kind
from haochaping.kernel.db import alone, rows
from haochaping.kernel.logs import where

log = logging.getLogger(__name__)
_CLAIM = """
WITH waits AS (
  SELECT ctid, cardinality(refs) AS facts FROM feed_pending LIMIT $1 FOR UPDATE SKIP LOCKED
), so_far AS (
  SELECT ctid, sum(facts) OVER (ROWS UNBOUNDED PRECEDING) - facts AS before FROM waits
), claimed AS (
  DELETE FROM feed_pending
   WHERE ctid = ANY (ARRAY(SELECT ctid FROM so_far WHERE before < $2))
  RETURNING kind, refs
)
SELECT array_agg(kind ORDER BY kind, ref) AS kinds, array_agg(ref ORDER BY kind, ref) AS refs
  FROM claimed CROSS JOIN unnest(claimed.refs) AS fact (ref)
"""
_NEXT = "SELECT no, kinds, refs FROM feed_batch WHERE no > $1 ORDER BY no LIMIT $2"
_ENOUGH = 10_000  # facts that a reader takes in one transaction, give or take a batch


@transaction.atomic
def sequence(*, limit: int = 2_000, at: datetime) -> int:
    """Give the next number to whatever has been committed; return how many facts (0: nothing
    waits). `limit` counts statements, of one fact or a thousand each: a batch ends with the one
    that makes it ten thousand, so that single ratings are numbered as fast as batches are.

    Claiming by DELETE … RETURNING under the head's lock is the one way measured to lose nothing
    (data design §2 "Exactness").
    """
    head = models.Head.objects.select_for_update().get(pk=1)
    claimed = rows(_CLAIM, limit, _ENOUGH)[0]
    if not claimed["refs"]:
        return 0
    head.no += 1
    head.save(update_fields=["no"])
    models.Batch.objects.create(no=head.no, at=at, kinds=claimed["kinds"], refs=claimed["refs"])
    return len(claimed["refs"])


type Effect = Callable[[Sequence[tuple[int, int]]], None]


@transaction.atomic
def follow(*, name: str, effect: Effect, limit: int = 20) -> int:
    """Give a reader its next batches as (kind, ref) pairs and move its cursor in the same
    transaction; return the number of facts.

    The cursor's lock lets one process at a time follow under a name. A fact that makes the effect
    raise is set aside, so that it stops nothing beside it, and is tried again later; where all or
    many do, the fault is the reader's own: it moves nothing and raises.
    """
    cursor = models.Cursor.objects.select_for_update().get_or_create(name=name)[0]
    facts: list[tuple[int, int]] = []
    last = cursor.no
    for batch in rows(_NEXT, cursor.no, limit):
        facts.extend(zip(batch["kinds"], batch["refs"], strict=True))
        last = batch["no"]
        if len(facts) >= _ENOUGH:
            break
    if last == cursor.no:
        return _try_again(name, effect)
    aside = _take(effect, facts, [])
    if len(aside) == len(facts):
        raise aside[0][1]
    for fact, bug in aside:
        _set_aside(name, fact, bug)
    cursor.no = last
    cursor.save(update_fields=["no"])
    return len(facts)


def hold(*, name: str) -> None:
    """Keep a reader where it is until the caller's transaction is through: what it has covered is
    counted anew.
    """
    models.Cursor.objects.select_for_update().get_or_create(name=name)


_MANY = 20  # facts that may be set aside at once
_LATER = timedelta(minutes=1)  # when a fact is tried again first; then twice as late, to a quarter
_LATEST = timedelta(hours=6)  # of a day


def _take(
    effect: Effect, facts: Sequence[tuple[int, int]], aside: list[tuple[tuple[int, int], Exception]]
) -> list[tuple[tuple[int, int], Exception]]:
    """Have the effect on facts; halve what it cannot take until the fact at fault stands alone."""
    try:
        with transaction.atomic():
            effect(facts)
    except (OperationalError, InterfaceError):
        raise  # a lock or a lost connection is no fact's fault
    except Exception as bug:
        if len(facts) == 1:
            aside.append((facts[0], bug))
            if len(aside) > _MANY:
                raise
            return aside
        half = len(facts) // 2
        _take(effect, facts[:half], aside)
        _take(effect, facts[half:], aside)
    return aside


def _set_aside(name: str, fact: tuple[int, int], bug: Exception) -> None:
    kind, ref = fact
    log.error("%s cannot take fact %s %s: %s", name, kind, ref, type(bug).__name__, exc_info=bug)
    known = models.Aside.objects.filter(name=name, kind=kind, ref=ref).first()
    times = known.times + 1 if known else 1
    models.Aside.objects.update_or_create(
        name=name,
        kind=kind,
        ref=ref,
        defaults={
            "times": times,
            "next_at": Now() + min(_LATER * 2 ** min(times - 1, 12), _LATEST),
            "error": where(bug),
        },
    )


def _try_again(name: str, effect: Effect) -> int:
    """Try a fact again that was set aside, while nothing else waits; return how many were taken."""
    row = models.Aside.objects.filter(name=name, next_at__lte=Now()).order_by("next_at").first()
    if row is None:
        return 0
    fact = (row.kind, row.ref)
    failed = _take(effect, [fact], [])
    if failed:
        _set_aside(name, *failed[0])
        return 0
    row.delete()
    return 1


def announce(*, kind: Kind, refs: Sequence[int]) -> None:
    """Put facts on the feed in the caller's transaction.

    Intake does the same by `queries.announce` within its own statement.
    """
    rows("INSERT INTO feed_pending (kind, refs) VALUES ($1, $2::bigint[])", int(kind), list(refs))
    rouse()


CHANNEL = "hcp_feed"
ROUSE = f"SELECT pg_notify('{CHANNEL}', '')"


def rouse() -> None:
    """Tell the worker that facts wait, once the caller's transaction is through; it looks every
    half minute by itself.

    Not within the statement of intake: commits that notify wait for each other, so the collector
    tells it beside them.
    """
    rows(ROUSE)


def announcement(*, kind: Kind, facts: str) -> str:
    """Return the SQL with which intake puts the `id`s of a table expression on the feed.

    A row per statement, in the facts' own transaction.
    """
    # Names of ours.
    return (
        f"INSERT INTO feed_pending (kind, refs) SELECT {kind:d}, array_agg(id) "  # noqa: S608
        f"FROM {facts} HAVING count(*) > 0"
    )


def note_failure(*, name: str, error: str, at: datetime) -> None:
    """Write down that a reader failed; what it was to do waits for it."""
    known, fresh = models.Trouble.objects.get_or_create(
        name=name, defaults={"since": at, "times": 1, "error": error[:200]}
    )
    if not fresh:
        known.times, known.error = known.times + 1, error[:200]
        known.save(update_fields=["times", "error"])


def note_success(*, name: str) -> None:
    """Forget a reader's trouble: it goes on."""
    models.Trouble.objects.filter(name=name).delete()


def once_a_slot(*, name: str, slot: int, work: Callable[[], object]) -> bool:
    """Do a schedule's work unless some worker has done or does that of this slot; say whether.

    Who is killed in the middle lets another begin. The slot is compared for equality: after a
    clock was set back the slot of this moment is another one than the last, and due.
    """
    with alone(name) as first:
        if not first or models.Slot.objects.filter(pk=name, slot=slot).exists():
            return False
        work()
        models.Slot.objects.update_or_create(name=name, defaults={"slot": slot})
        return True
