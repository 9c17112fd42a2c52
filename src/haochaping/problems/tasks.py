"""Finding problems as ratings come, and learning at night."""

import logging
from datetime import datetime

from haochaping.kernel.moments import business_day
from haochaping.kernel.schedule import DAY, every
from haochaping.problems import actions, queries
from haochaping.problems.rules import daily

log = logging.getLogger(__name__)


def pull(_at: datetime) -> int:
    """Take what is new on the feed; return how many facts."""
    return actions.pull()


@every(seconds=600, offset=90, once=True)
def group(at: datetime) -> None:
    """Every ten minutes: put new texts to their problems, city by city."""
    cities = queries.to_group()
    if cities and queries.last("space") is None:
        learn(at)
    for city in cities:
        actions.group(city=city, today=business_day(at))


@every(seconds=DAY, offset=18 * 3600, once=True)  # 02:00 in China
def learn(at: datetime) -> None:
    """Each night: learn from what people have judged, and from what has come."""
    actions.seed(at=at)
    since = business_day(at).fromordinal(business_day(at).toordinal() - daily.WINDOW)
    actions.learn(since=since, at=at)
