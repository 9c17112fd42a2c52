"""Keeping the ledger up with the feed, and watching over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from haochaping.kernel.schedule import every
from haochaping.ledger import queries as logs
from haochaping.proofs import actions, queries


def follow(at: datetime) -> int:
    """Enter what is new; return how many facts."""
    return actions.follow(at=at)


_SLACK = 200  # transactions that the last look may have missed
_TURNS = timedelta(minutes=5)  # between two looks at what nobody seems to have touched
_LATELY = timedelta(days=3)  # of services whose ratings arrive all the time; others come in turn


@dataclass
class _Watch:
    """What this process saw last."""

    counters: queries.Counters | None = None
    turned_at: datetime | None = None
    begin: int = 0
    files: Mapping[Path, logs.Look] = field(default_factory=dict)


_watch = _Watch()


@every(seconds=10)
def watch(at: datetime) -> None:
    """Notice within seconds that rows were changed, removed or added beside the doors, for
    PostgreSQL counts what it does, whoever asks for it; and that published files were touched or
    taken away, for the disk says so. What neither tells is found in turn. Whatever happened while
    nobody watched is looked for first of all.
    """
    now, before = queries.counters(), _watch.counters
    _watch.counters = now
    if before is None or (now.changed, now.files) != (before.changed, before.files):
        actions.examine(transactions=now.now - (before or now).now + _SLACK, at=at)
    elif now.arrived != before.arrived:
        since = at - _LATELY
        actions.examine(transactions=now.now - before.now + _SLACK, since=since, at=at)
    files, known = logs.files(), _watch.files
    if known and files != known:
        touched = [path for path in {*files, *known} if files.get(path) != known.get(path)]
        actions.look_at(paths=touched, at=at)
    _watch.files = files
    if _watch.turned_at is None or at - _watch.turned_at >= _TURNS:
        _watch.turned_at = at
        _watch.begin = actions.look_in_turn(begin=_watch.begin, at=at)


@every(seconds=900, offset=30, once=True)
def close_days(at: datetime) -> None:
    """Close the days that are over, and prove their statements."""
    actions.close_days(at=at)
    actions.prove_days(at=at)
