"""Reading the feed's state."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max

from haochaping.feed import models
from haochaping.kernel.db import rows


def uncovered(cursor: str) -> str:
    """Return SQL for the facts `(kind, ref)` that a reader has not covered: numbered past its
    cursor, and still pending.

    Joined with a roll-up in ONE statement it makes a figure exact at that moment: one statement
    sees one snapshot.
    """
    return f"""
      SELECT fact.kind, fact.ref
        FROM feed_batch CROSS JOIN unnest(feed_batch.kinds, feed_batch.refs) AS fact (kind, ref)
       WHERE feed_batch.no > {position(cursor)}
      UNION ALL SELECT feed_pending.kind, fact.ref FROM feed_pending
        CROSS JOIN unnest(feed_pending.refs) AS fact (ref)
    """  # noqa: S608 - the cursor's name is an identifier of ours, checked above


def position(cursor: str) -> str:
    """Return SQL for how far a reader has come."""
    if not cursor.isidentifier():
        raise ValueError(cursor)
    return f"COALESCE((SELECT no FROM feed_cursor WHERE name = '{cursor}'), 0)"  # noqa: S608


def state() -> dict[str, int]:
    """Return how many facts wait for a number, the last number, and each reader's cursor."""
    waiting = rows("SELECT COALESCE(sum(cardinality(refs)), 0)::bigint AS n FROM feed_pending")[0][
        "n"
    ]
    cursors = {f"cursor_{cursor.name}": cursor.no for cursor in models.Cursor.objects.all()}
    return {"pending": waiting, "head": models.Head.objects.get(pk=1).no, **cursors}


_WAITS = """
SELECT EXISTS (SELECT FROM feed_pending)
    OR EXISTS (SELECT FROM feed_cursor, feed_head WHERE feed_cursor.no < feed_head.no)
    OR EXISTS (SELECT FROM feed_aside WHERE next_at <= clock_timestamp()) AS waits
"""


def waits() -> bool:
    """Say whether there is anything on the feed for any reader, in one cheap statement."""
    return bool(rows(_WAITS)[0]["waits"])


def aside() -> list[tuple[str, int, str]]:
    """Return what readers could not take and set aside: reader, how many facts, where it failed."""
    found = models.Aside.objects.values("name").annotate(n=Count("pk"), error=Max("error"))
    return [(row["name"], row["n"], row["error"]) for row in found.order_by("name")]


def uncovered_refs(cursor: str, kind: int) -> str:
    """Return SQL for the references of one kind that a reader has not covered."""
    return f"(SELECT ref FROM ({uncovered(cursor)}) AS fact WHERE kind = {kind:d})"  # noqa: S608


def aside_refs(cursor: str, kind: int) -> str:
    """Return SQL for the references of one kind that a reader has set aside."""
    if not cursor.isidentifier():
        raise ValueError(cursor)
    return f"(SELECT ref FROM feed_aside WHERE name = '{cursor}' AND kind = {kind:d})"  # noqa: S608


@dataclass(frozen=True)
class Reader:
    """How a reader of the feed goes on."""

    name: str
    behind: int  # batches that it has not read
    oldest: datetime | None  # when the first of them was numbered
    error: str  # of its last try, empty when it is well
    failing_since: datetime | None


def readers() -> list[Reader]:
    """Return every reader that has ever read, and how it goes on."""
    head = models.Head.objects.get(pk=1).no
    cursors = dict(models.Cursor.objects.values_list("name", "no"))
    troubles = {trouble.name: trouble for trouble in models.Trouble.objects.all()}
    found = []
    for name, no in sorted(cursors.items()):
        trouble = troubles.get(name)
        unread = models.Batch.objects.filter(no__gt=no).order_by("no")
        oldest = unread.values_list("at", flat=True).first()
        error, since = (trouble.error, trouble.since) if trouble else ("", None)
        found.append(Reader(name, head - no, oldest, error, since))
    return found


def troubles() -> list[models.Trouble]:
    """Return what is in trouble beside the readers: schedules, numbering, the machine's clock."""
    readers_ = models.Cursor.objects.values("name")
    return list(models.Trouble.objects.exclude(name__in=readers_).order_by("name"))


LAG = timedelta(minutes=1)  # of a reader, from which on it deserves a look


def alarms(at: datetime) -> list[str]:
    """Return the names of what is not well: failing or late readers and what they set aside,
    schedules that fail, a clock that jumped. Names only: whoever asks for health may be anybody.
    """
    late = {
        reader.name
        for reader in readers()
        if reader.error or (reader.oldest is not None and at - reader.oldest > LAG)
    }
    return sorted(late | {name for name, _, _ in aside()} | {one.name for one in troubles()})


@dataclass(frozen=True)
class Numbered:
    """A batch of the feed: it never changes."""

    no: int
    at: datetime
    kinds: tuple[int, ...]
    refs: tuple[int, ...]


def batches(*, after: int, limit: int) -> list[Numbered]:
    """Return the batches after a number, in order."""
    found = models.Batch.objects.filter(no__gt=after).order_by("no")[:limit]
    return [Numbered(row.no, row.at, tuple(row.kinds), tuple(row.refs)) for row in found]
