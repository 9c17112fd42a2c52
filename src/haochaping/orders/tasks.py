"""Reactions and schedules of orders."""

import logging
from datetime import datetime

from procrastinate.contrib.django import app

from haochaping.kernel import clock, outbox
from haochaping.kernel.schedule import HOUR, every
from haochaping.orders import actions

log = logging.getLogger(__name__)


@app.task(name="orders.open_from", priority=outbox.FIRST, retry=outbox.FOR_EVER)
def open_from(evaluation_id: int) -> None:
    """Open the order of a bad rating that was cleared."""
    actions.open_for(evaluation_id=evaluation_id, at=clock.now())


@app.task(name="orders.take_follow_up", priority=outbox.FIRST, retry=outbox.FOR_EVER)
def take_follow_up(evaluation_id: int) -> None:
    """Put a bad follow-up right: open the order, or open it again."""
    actions.take_follow_up(evaluation_id=evaluation_id, at=clock.now())


@app.task(name="orders.take_replacement", priority=outbox.FIRST, retry=outbox.FOR_EVER)
def take_replacement(evaluation_id: int, before: int, level: int) -> None:
    """Follow a citizen who replaced a rating."""
    actions.take_replacement(
        evaluation_id=evaluation_id, before=before, level=level, at=clock.now()
    )


@every(seconds=HOUR, offset=37 * 60, once=True)
def heal_missing(at: datetime) -> None:
    """Each hour: open the orders that bad ratings should have and have not."""
    if healed := actions.heal_missing(at=at):
        log.error("%s bad ratings had no order; they have now", healed)


@every(seconds=300, by_deadline=True)
def climb_ladder(at: datetime) -> None:
    """Every five minutes: remind, urge, supervise and circulate what is due."""
    actions.sweep(at=at)


@every(seconds=HOUR, offset=23 * 60, once=True, by_deadline=True)
def ask_second_opinion(at: datetime) -> None:
    """Each hour: ask the citizens whose orders were closed weeks ago."""
    while actions.ask_second_opinion(at=at):
        pass
