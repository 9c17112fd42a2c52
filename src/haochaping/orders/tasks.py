"""Reactions and schedules of orders."""

import logging

from procrastinate.contrib.django import app

from haochaping.kernel import clock, outbox
from haochaping.orders import actions

log = logging.getLogger(__name__)


@app.task(name="orders.open_from", retry=outbox.FOR_EVER)
def open_from(evaluation_id: int) -> None:
    """Open the order of a bad rating that was cleared."""
    actions.open_for(evaluation_id=evaluation_id, at=clock.now())


@app.task(name="orders.take_follow_up", retry=outbox.FOR_EVER)
def take_follow_up(evaluation_id: int) -> None:
    """Put a bad follow-up right: open the order, or open it again."""
    actions.take_follow_up(evaluation_id=evaluation_id, at=clock.now())


@app.task(name="orders.take_replacement", retry=outbox.FOR_EVER)
def take_replacement(evaluation_id: int, before: int, level: int) -> None:
    """Follow a citizen who replaced a rating."""
    actions.take_replacement(
        evaluation_id=evaluation_id, before=before, level=level, at=clock.now()
    )


@app.periodic(cron="37 * * * *")
@app.task(name="orders.heal_missing", queueing_lock="orders.heal_missing")
def heal_missing(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each hour: open the orders that bad ratings should have and have not."""
    if healed := actions.heal_missing(at=clock.now()):
        log.error("%s bad ratings had no order; they have now", healed)


@app.periodic(cron="* * * * *")
@app.task(name="orders.climb_ladder", queueing_lock="orders.climb_ladder", pass_context=False)
def climb_ladder(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each minute: remind, urge, supervise and circulate what is due."""
    actions.sweep(at=clock.now())


@app.periodic(cron="23 * * * *")
@app.task(
    name="orders.ask_second_opinion", queueing_lock="orders.ask_second_opinion", pass_context=False
)
def ask_second_opinion(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each hour: ask the citizens whose orders were closed weeks ago."""
    while actions.ask_second_opinion(at=clock.now()):
        pass
