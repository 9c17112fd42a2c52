"""What follows what, on one page: events and their tasks, the readers of the feed in order, and
where the schedules stand.

Schedules are written beside their tasks (`@app.periodic`): `orders.tasks.climb_ladder` each minute,
and below the upkeep of each hour and the jobs that a killed worker left.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from procrastinate import JobContext
from procrastinate.contrib.django import app

from haochaping.analytics import actions as analytics
from haochaping.calendar import events as calendar_events
from haochaping.callbacks import events as calls
from haochaping.callbacks import tasks as callbacks
from haochaping.evaluations import events as rated
from haochaping.evaluations import tasks as evaluations
from haochaping.exchange import tasks as exchange
from haochaping.feed import actions as feed
from haochaping.identity import actions as identity
from haochaping.invitations import actions as invitations
from haochaping.kernel import clock, outbox, partitions
from haochaping.notifications import events as messages
from haochaping.notifications import tasks as notifications
from haochaping.orders import actions as order_actions
from haochaping.orders import events as moved
from haochaping.orders import queries as order_queries
from haochaping.orders import tasks as orders
from haochaping.policies import events as policy_events
from haochaping.routing import events as routing_events
from haochaping.screening import actions as screening
from haochaping.screening import events as screened

MONTHS_AHEAD = timedelta(days=62)
STALLED_AFTER_SECONDS = 15  # three missed heartbeats


def connect() -> None:
    """Say which task follows which event. Called once per process."""
    if not outbox.followers(screened.BadRatingCleared):
        outbox.follow(screened.BadRatingCleared, orders.open_from)
        outbox.follow(screened.BadFollowUp, orders.take_follow_up)
        outbox.follow(rated.RatingReplaced, orders.take_replacement)
        outbox.follow(moved.OrderMoved, callbacks.follow_order, exchange.tell_hotline)
        outbox.follow(moved.LadderClimbed, exchange.tell_climbed)
        outbox.follow(calls.CallWanted, exchange.dial)
        outbox.follow(messages.MessageQueued, notifications.deliver_one)
        outbox.follow(messages.ReplyReceived, evaluations.rate_by_reply)
        outbox.answer(
            policy_events.WouldChange,
            lambda asked: order_queries.would_change(asked.policy_id, asked.at),
        )
        outbox.answer(
            policy_events.PolicyApproved,
            lambda told: order_actions.redate_all(policy_id=told.policy_id, by=told.by, at=told.at),
        )
        outbox.answer(
            routing_events.DepartmentSucceeded,
            lambda told: order_actions.succeed(
                department_id=told.department_id,
                successor_id=told.successor_id,
                by=told.by,
                at=told.at,
            ),
        )
        outbox.answer(
            calendar_events.HowManyProvisional,
            lambda asked: order_queries.old_calendar((asked.low, asked.high)),
        )


# Pulled in turn by the worker (`site/worker.py`) until none finds anything; each returns how many
# facts it took.
PULLS: dict[str, Callable[[datetime], int]] = {
    "sequence": lambda at: feed.sequence(at=at),
    "rollup": lambda _at: analytics.fold(),
    "screening": lambda at: screening.pull(at=at),
}


if settings.SMS_INVITE_HOURS:
    PULLS["ask_by_sms"] = lambda at: invitations.ask_by_sms(
        after=timedelta(hours=float(settings.SMS_INVITE_HOURS)), at=at
    )


@app.periodic(cron="7 * * * *")
@app.task(name="config.upkeep", queueing_lock="config.upkeep")
def upkeep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each hour.

    Make the partitions of the months to come, and forget nonces that are too old to be replayed.
    """
    now = clock.now()
    partitions.create(now.date(), (now + MONTHS_AHEAD).date())
    identity.forget_nonces(at=now)


@app.periodic(cron="* * * * * */10")
@app.task(name="config.retry_stalled", queueing_lock="config.retry_stalled", pass_context=True)
# Procrastinate passes the slot.
async def retry_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Every ten seconds: take up the jobs of a worker that was killed.

    Every task of ours may run twice.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(job)
