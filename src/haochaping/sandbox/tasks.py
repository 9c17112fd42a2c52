"""Sandboxes end."""

from datetime import datetime

from haochaping.kernel.schedule import DAY, every
from haochaping.sandbox import actions


@every(seconds=DAY, offset=19 * 3600 + 3000, once=True)  # 03:50 in China
def forget(at: datetime) -> None:
    """Each night: forget the sandboxes whose time is over."""
    actions.forget(at=at)
