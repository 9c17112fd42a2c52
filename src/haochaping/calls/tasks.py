"""Keeping the list of calls short."""

from datetime import datetime

from haochaping.calls import actions
from haochaping.kernel.schedule import DAY, every


@every(seconds=DAY, offset=19 * 3600 + 1800, once=True)  # 03:30 in China
def forget(at: datetime) -> None:
    """Each night: forget single calls that are older than they are kept."""
    actions.forget(at=at)
