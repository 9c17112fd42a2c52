"""Keeping the ledger up with the feed, and watching over it."""

import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from haochaping.kernel import clock, outbox
from haochaping.kernel.files import put
from haochaping.kernel.schedule import every
from haochaping.ledger import queries as logs
from haochaping.proofs import actions, queries


def follow(at: datetime) -> int:
    """Enter what is new; return how many facts."""
    return actions.follow(at=at)


_TURNS = timedelta(minutes=5)  # between two looks at what nobody seems to have touched
_LATELY = timedelta(days=3)  # of services whose ratings arrive all the time; others come in turn
_LATE = timedelta(seconds=90)  # what PostgreSQL counts may be written down so much later


_SAVED = timedelta(minutes=1)  # between two notes of how far the watch is


class _Note(msgspec.Struct):
    """How far the watch was, in a file: whoever starts it goes on from there."""

    oldest: int  # transaction (`Counters`)
    begin: int  # of the next turn
    at: float  # seconds since 1970, by the clock of the files


@dataclass
class _Watch:
    """What this process saw last."""

    saved_at: datetime | None = None

    looks: deque[tuple[datetime, queries.Counters]] = field(default_factory=deque)  # of `_LATE`
    own: int | None = None  # transaction of the last look, where it wrote something
    turned_at: datetime | None = None
    begin: int = 0
    files: Mapping[Path, logs.Look] = field(default_factory=dict)


_watch = _Watch()


@every(seconds=9)
def watch(at: datetime) -> None:
    """Notice within seconds that rows were changed, removed or added beside the doors: rows of
    late say themselves when they were written, of all others PostgreSQL counts what it does,
    whoever asks for it; and that published files were touched or taken away, for the disk says so.
    What none of these tells is found in turn. Whatever happened while nobody watched is looked for
    first of all.
    """
    note = None if _watch.looks else _noted()
    _look_at_rows(note, at)
    _look_at_files(note, at)
    if note is not None:
        _watch.begin = note.begin
    if _watch.turned_at is None or at - _watch.turned_at >= _TURNS:
        _watch.turned_at = at
        _watch.begin = actions.look_in_turn(begin=_watch.begin, at=at)
    if _watch.saved_at is None or at - _watch.saved_at >= _SAVED:
        _watch.saved_at = at
        oldest = _watch.looks[0][1].oldest
        put(_path(), msgspec.json.encode(_Note(oldest, _watch.begin, time.time())))


def _path() -> Path:
    return logs.home() / "watched.json"


def _noted() -> _Note | None:
    try:
        return msgspec.json.decode(_path().read_bytes(), type=_Note)
    except (OSError, msgspec.MsgspecError):
        return None  # nobody watched before, or its file was touched: all comes in turn


def _look_at_files(note: _Note | None, at: datetime) -> None:
    """Look at the files that were touched since the last look, or since the note."""
    files, known = logs.files(), _watch.files
    if note is not None:
        since = int(note.at * 10**9)
        actions.look_at(paths=[path for path, (when, _) in files.items() if when > since], at=at)
    elif known and files != known:
        touched = [path for path in {*files, *known} if files.get(path) != known.get(path)]
        actions.look_at(paths=touched, at=at)
    _watch.files = files


@transaction.atomic  # one, whatever there is to look at: an idle platform is to cost nothing
def _look_at_rows(note: _Note | None, at: datetime) -> None:
    now, looks = queries.counters(), _watch.looks
    before = looks[-1][1] if looks else now
    if not looks or (now.changed, now.files) != (before.changed, before.files):
        first = looks[0][1].oldest if looks else note.oldest if note else now.oldest
        # a note from after this database's own time: an older one was restored
        since_then = now.next - first if first <= now.next else queries.EVER
        actions.examine(transactions=min(since_then, queries.EVER), at=at)
    elif not _quiet(before, now):
        actions.examine(transactions=now.next - before.oldest, since=at - _LATELY, at=at)
    _watch.own = queries.own_transaction()
    looks.append((at, now))
    while len(looks) > 1 and at - looks[1][0] > _LATE:
        looks.popleft()


def _quiet(before: queries.Counters, now: queries.Counters) -> bool:
    """Say whether nothing ran at the last look and nothing was written since but by that itself,
    which locks what it looks at.
    """
    ours = _watch.own == before.next
    return before.oldest == before.next and now.next == before.next + ours


@every(seconds=900, offset=30, once=True)
def close_days(at: datetime) -> None:
    """Close the days that are over, and prove their statements; in December, make the keys of the
    next year's log.
    """
    actions.prepare_year(at=at)
    actions.close_days(at=at)
    actions.prove_days(at=at)


@every(seconds=900, offset=330, once=True)
def look_for_months(at: datetime) -> None:
    """Prove the months that are closed, and have those closed that are over."""
    actions.prove_months()
    if actions.months_due(at=at):
        with suppress(AlreadyEnqueued):  # it takes a while
            close_months.configure(queueing_lock="proofs.close_months").defer()


@app.task(name="proofs.close_months", queue=outbox.SLOW, lock="proofs.close_months")
def close_months() -> None:
    """Close the months that are over: a large one is minutes of counting."""
    actions.close_months(at=clock.now())
