"""Keeping the ledger up with the feed, and watching over it."""

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


@dataclass
class _Watch:
    """What this process saw last."""

    counters: queries.Counters | None = None
    turned_at: datetime | None = None
    begin: int = 0
    looked_at: dict[Path, float] = field(default_factory=dict)  # files, and of when they were


_watch = _Watch()


@every(seconds=10)
def watch(at: datetime) -> None:
    """Notice within seconds that rows were changed, removed or added beside the doors, for
    PostgreSQL counts what it does, whoever asks for it; and that published files were touched, for
    the disk says when. What neither tells is found in turn.
    """
    now, before = queries.counters(), _watch.counters
    _watch.counters = now
    if before is not None and (now.changed, now.arrived) != (before.changed, before.arrived):
        actions.examine(transactions=now.now - before.now + _SLACK, at=at)
    files = logs.touched()
    if files.items() - _watch.looked_at.items():
        fresh = [path for path, when in files.items() if _watch.looked_at.get(path) != when]
        actions.look_at(paths=fresh, at=at)
    _watch.looked_at = files
    if _watch.turned_at is None or at - _watch.turned_at >= _TURNS:
        _watch.turned_at = at
        _watch.begin = actions.look_in_turn(begin=_watch.begin, at=at)


@every(seconds=900, offset=30, once=True)
def close_days(at: datetime) -> None:
    """Close the days that are over, and prove their statements."""
    actions.close_days(at=at)
    actions.prove_days(at=at)
