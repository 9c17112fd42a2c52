"""Reactions and schedules of orders."""

from procrastinate.contrib.django import app

from haochaping.kernel import clock
from haochaping.orders import actions


@app.task(name="orders.open_from", retry=8)
def open_from(evaluation_id: int) -> None:
    """Open the order of a bad rating that was cleared."""
    actions.open_for(evaluation_id=evaluation_id, at=clock.now())


@app.task(name="orders.take_follow_up", retry=8)
def take_follow_up(evaluation_id: int) -> None:
    """Put a bad follow-up right: open the order, or open it again."""
    actions.take_follow_up(evaluation_id=evaluation_id, at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="orders.sweep_overdue", queueing_lock="orders.sweep_overdue", pass_context=False)
def sweep_overdue(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each minute: urge the holders of overdue orders."""
    while actions.sweep(at=clock.now()):
        pass
