"""Reminding of requests whose time runs out."""

from datetime import datetime

from haochaping.kernel.schedule import DAY, HOUR, every
from haochaping.privacy import actions


@every(seconds=DAY, offset=HOUR, once=True)  # 09:00 in China
def remind(at: datetime) -> None:
    """Each morning: tell the offices which requests are due in three days, and which are overdue
    since yesterday.
    """
    actions.remind(at=at)
