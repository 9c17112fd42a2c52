"""Reactions and schedules of the call-back desk."""

import secrets

from procrastinate.contrib.django import app

from haochaping.callbacks import actions
from haochaping.kernel import clock, outbox
from haochaping.orders.rules import ROWS


@app.task(name="callbacks.follow_order", retry=outbox.FOR_EVER)
def follow_order(order_id: int, step_id: int, move: str, state: str) -> None:  # noqa: ARG001 - the event's fields
    """Plan the call to the citizen of an answered order, or drop it."""
    if ROWS[move].calls:
        actions.follow_order(order_id=order_id, at=clock.now())


@app.periodic(cron="20 22 * * 0")  # Monday 06:20 in China
@app.task(name="callbacks.draw_sample", queueing_lock="callbacks.draw_sample", pass_context=False)
def draw_sample(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each Monday: draw the audit sample of the week that ended."""
    actions.draw_sample(seed=secrets.randbits(63), at=clock.now())
