"""Keeping the lake up with the feed."""

from datetime import datetime

from haochaping.lake import actions


def pull(at: datetime) -> int:
    """Write what is new; return how many facts."""
    return actions.pull(at=at)
