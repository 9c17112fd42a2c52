"""What ratings need done in the background."""

from procrastinate.contrib.django import app

from haochaping.evaluations import actions
from haochaping.kernel import clock, outbox


@app.periodic(cron="* * * * * */10")
@app.task(name="evaluations.link_waiting", queueing_lock="evaluations.link_waiting")
def link_waiting(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Every ten seconds: count the ratings whose service has been registered since they came."""
    actions.link_waiting(at=clock.now())


@app.periodic(cron="53 * * * *")
@app.task(name="evaluations.expire_waiting", queueing_lock="evaluations.expire_waiting")
def expire_waiting(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each hour: give up the ratings whose service never came."""
    actions.expire_waiting(at=clock.now())


@app.task(name="evaluations.rate_by_reply", retry=outbox.FOR_EVER)
def rate_by_reply(reply_id: int) -> None:
    """Act on an SMS that came in."""
    actions.rate_by_reply(reply_id=reply_id, at=clock.now())
