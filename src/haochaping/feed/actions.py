"""Numbering the feed and moving along it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from haochaping.feed import models
from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows

_CLAIM = """
WITH claimed AS (
  DELETE FROM feed_pending WHERE ctid = ANY (ARRAY(SELECT ctid FROM feed_pending LIMIT $1
    FOR UPDATE SKIP LOCKED))
  RETURNING kind, refs
)
SELECT array_agg(kind ORDER BY kind, ref) AS kinds, array_agg(ref ORDER BY kind, ref) AS refs
  FROM claimed CROSS JOIN unnest(claimed.refs) AS fact (ref)
"""
_NEXT = "SELECT no, kinds, refs FROM feed_batch WHERE no > $1 ORDER BY no LIMIT $2"
_ENOUGH = 10_000  # facts that a reader takes in one transaction, give or take a batch


@transaction.atomic
def sequence(*, limit: int = 10, at: datetime) -> int:
    """Give the next number to whatever has been committed; return how many facts (0: nothing
    waits). `limit` counts statements.

    Claiming by DELETE … RETURNING under the head's lock is the one way measured to lose nothing
    (data design §2 "Exactness").
    """
    head = models.Head.objects.select_for_update().get(pk=1)
    claimed = rows(_CLAIM, limit)[0]
    if not claimed["refs"]:
        return 0
    head.no += 1
    head.save(update_fields=["no"])
    models.Batch.objects.create(no=head.no, at=at, kinds=claimed["kinds"], refs=claimed["refs"])
    return len(claimed["refs"])


@transaction.atomic
def follow(
    *, name: str, effect: Callable[[Sequence[tuple[int, int]]], None], limit: int = 20
) -> int:
    """Give a reader its next batches as (kind, ref) pairs and move its cursor in the same
    transaction; return the number of facts.

    The cursor's lock lets one process at a time follow under a name. An effect that raises moves
    nothing.
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
        return 0
    effect(facts)
    cursor.no = last
    cursor.save(update_fields=["no"])
    return len(facts)


def announce(*, kind: Kind, refs: Sequence[int]) -> None:
    """Put facts on the feed in the caller's transaction.

    Intake does the same by `queries.announce` within its own statement.
    """
    rows("INSERT INTO feed_pending (kind, refs) VALUES ($1, $2::bigint[])", int(kind), list(refs))


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
