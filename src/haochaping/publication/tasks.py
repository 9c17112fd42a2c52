"""Watching over what was published."""

from datetime import datetime

from haochaping.kernel.schedule import every
from haochaping.publication import actions


@every(seconds=600, offset=70)
def watch(at: datetime) -> None:
    """Notice results that were changed after their release, and take back cases that are no longer
    so.
    """
    actions.watch(at=at)
    actions.withdraw_untrue(at=at)
