"""Keeping the lake up with the feed."""

from datetime import datetime


def pull(at: datetime) -> int:
    """Write what is new; return how many facts."""
    # every process knows the reader, but only the worker waits for pyarrow
    from haochaping.lake import actions  # noqa: PLC0415

    return actions.pull(at=at)
