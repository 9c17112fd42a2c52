"""What ratings need done in the background."""

from datetime import datetime

from procrastinate.contrib.django import app

from haochaping.evaluations import actions
from haochaping.kernel import clock, outbox
from haochaping.kernel.schedule import HOUR, every


@every(seconds=600)
def link_waiting(at: datetime) -> None:
    """Every ten minutes, and soon after facts came: count the ratings whose service has been
    registered since.
    """
    actions.link_waiting(at=at)


@every(seconds=HOUR, offset=53 * 60, once=True)
def expire_waiting(at: datetime) -> None:
    """Each hour: give up the ratings whose service never came."""
    actions.expire_waiting(at=at)


@app.task(name="evaluations.rate_by_reply", priority=outbox.FIRST, retry=outbox.FOR_EVER)
def rate_by_reply(reply_id: int) -> None:
    """Act on an SMS that came in."""
    actions.rate_by_reply(reply_id=reply_id, at=clock.now())
