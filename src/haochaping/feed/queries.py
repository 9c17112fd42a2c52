"""Reading the feed's state."""

from haochaping.feed import models
from haochaping.kernel.db import rows


def uncovered(cursor: str) -> str:
    """Return SQL for the facts `(kind, ref)` that a reader has not covered: numbered past its
    cursor, and still pending.

    Joined with a roll-up in ONE statement it makes a figure exact at that moment: one statement
    sees one snapshot.
    """
    if not cursor.isidentifier():
        raise ValueError(cursor)
    return f"""
      SELECT fact.kind, fact.ref
        FROM feed_batch CROSS JOIN unnest(feed_batch.kinds, feed_batch.refs) AS fact (kind, ref)
       WHERE feed_batch.no > COALESCE((SELECT no FROM feed_cursor WHERE name = '{cursor}'), 0)
      UNION ALL SELECT feed_pending.kind, fact.ref FROM feed_pending
        CROSS JOIN unnest(feed_pending.refs) AS fact (ref)
    """  # noqa: S608 - the cursor's name is an identifier of ours, checked above


def state() -> dict[str, int]:
    """Return how many facts wait for a number, the last number, and each reader's cursor."""
    waiting = rows("SELECT COALESCE(sum(cardinality(refs)), 0)::bigint AS n FROM feed_pending")[0][
        "n"
    ]
    cursors = {f"cursor_{cursor.name}": cursor.no for cursor in models.Cursor.objects.all()}
    return {"pending": waiting, "head": models.Head.objects.get(pk=1).no, **cursors}
