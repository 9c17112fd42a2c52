"""Each night: let the detectors look at every city."""

import logging
from datetime import datetime, timedelta

from haochaping.kernel.moments import business_day
from haochaping.kernel.schedule import DAY, every

log = logging.getLogger(__name__)


@every(seconds=DAY, offset=19 * 3600, once=True)  # 03:00 in China
def look(at: datetime) -> None:
    """Look at the weeks up to yesterday in every city that served anybody in them."""
    # every process knows the task, but only the worker waits for numpy and scipy
    from haochaping.detection.tasks import looking  # noqa: PLC0415

    until = business_day(at) - timedelta(days=1)
    failed: list[Exception] = []
    for city in looking.cities(at):
        try:
            looking.look_at(city, until, at)
        except Exception as bug:
            log.exception("the detectors failed in city %s; the others go on", city)
            failed.append(bug)
    if failed:
        raise failed[0]
