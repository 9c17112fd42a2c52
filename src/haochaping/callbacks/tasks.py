"""Reactions and schedules of the call-back desk."""

import secrets
from datetime import datetime

from procrastinate.contrib.django import app

from haochaping.callbacks import actions
from haochaping.kernel import clock, outbox
from haochaping.kernel.schedule import DAY, HOUR, every
from haochaping.orders.rules import ROWS


@app.task(name="callbacks.follow_order", retry=outbox.FOR_EVER)
def follow_order(order_id: int, step_id: int, move: str, state: str) -> None:  # noqa: ARG001 - the event's fields
    """Plan the call to the citizen of an answered order, or drop it."""
    if ROWS[move].calls:
        actions.follow_order(order_id=order_id, at=clock.now())


_MONDAY_0620 = 3 * DAY + 22 * HOUR + 20 * 60  # in China is Sunday 22:20 UTC


@every(seconds=7 * DAY, offset=_MONDAY_0620, once=True)
def draw_sample(at: datetime) -> None:
    """Each Monday: draw the audit sample of the week that ended."""
    actions.draw_sample(seed=secrets.randbits(63), at=at)
