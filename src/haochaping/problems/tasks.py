"""Finding problems as ratings come, and learning at night.

Every process knows the tasks, but only the worker runs them: numpy and scipy, which take seconds to
load, are loaded with the work.
"""

import logging
from datetime import datetime, timedelta
from types import ModuleType

from haochaping.kernel.db import alone
from haochaping.kernel.moments import business_day
from haochaping.kernel.schedule import DAY, every
from haochaping.problems import actions, queries

log = logging.getLogger(__name__)


def _finding() -> ModuleType:
    from haochaping.problems.actions import finding  # noqa: PLC0415 - see above

    return finding


def pull(_at: datetime) -> int:
    """Take what is new on the feed; return how many facts."""
    taken: int = _finding().pull()
    return taken


@every(seconds=600, offset=90)
def group(at: datetime) -> None:
    """Every ten minutes: put new texts to their problems, city by city."""
    if not queries.to_group():
        return
    with alone("problems.group") as first:
        cities = queries.to_group() if first else []
        if cities and queries.last("space") is None:
            learn(at)
        for city in cities:
            _finding().group(city=city, today=business_day(at))


@every(seconds=DAY, offset=18 * 3600, once=True)  # 02:00 in China
def learn(at: datetime) -> None:
    """Each night: learn from what people have judged, and from what has come."""
    from haochaping.problems.rules import daily  # noqa: PLC0415 - see above

    _finding().seed(at=at)
    _finding().learn(since=business_day(at) - timedelta(days=daily.WINDOW), at=at)
    for city in queries.flagged():
        _finding().look_again(city=city, today=business_day(at))


@every(seconds=DAY, offset=3600, once=True)  # 09:00 in China
def remind(at: datetime) -> None:
    """Each morning: tell of campaigns that are due tomorrow or were due yesterday."""
    actions.remind(at=at)
