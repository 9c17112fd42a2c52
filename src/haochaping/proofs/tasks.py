"""Keeping the ledger up with the feed, and watching over it."""

from datetime import datetime, timedelta

from haochaping.kernel.schedule import every
from haochaping.proofs import actions, queries


def follow(at: datetime) -> int:
    """Enter what is new; return how many facts."""
    return actions.follow(at=at)


_SLACK = 200  # transactions that the last look may have missed
_TURNS = timedelta(minutes=5)  # between two looks at what nobody seems to have touched


class _Watch:
    """What this process saw last."""

    counters: queries.Counters | None = None
    turned_at: datetime | None = None
    begin = 0


_watch = _Watch()


@every(seconds=10)
def watch(at: datetime) -> None:
    """Notice within seconds that rows were changed, removed or added beside the doors: PostgreSQL
    counts what it does, whoever asks for it. What it does not count is found in turn.
    """
    now, before = queries.counters(), _watch.counters
    _watch.counters = now
    if before is not None and (now.changed, now.arrived) != (before.changed, before.arrived):
        actions.examine(transactions=now.now - before.now + _SLACK, at=at)
    if _watch.turned_at is None or at - _watch.turned_at >= _TURNS:
        _watch.turned_at = at
        _watch.begin = actions.look_in_turn(begin=_watch.begin, at=at)


@every(seconds=900, offset=30, once=True)
def close_days(at: datetime) -> None:
    """Close the days that are over, and prove their statements."""
    actions.close_days(at=at)
    actions.prove_days(at=at)
