"""The daily test of every channel, and what is said to city 12345 systems and telephone systems."""

from django.conf import settings
from procrastinate.contrib.django import app

from haochaping.exchange import actions, queries
from haochaping.exchange.partners import cti, hotline, ourselves
from haochaping.kernel import clock, outbox


@app.periodic(cron="17 22 * * *")  # 06:17 in China
@app.task(name="exchange.probe", queueing_lock="exchange.probe")
def probe(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each morning: hand in one synthetic rating of every level over every channel."""
    ourselves.probe_all(clock.now())


@app.task(name="exchange.tell_hotline", retry=outbox.FOR_EVER)
def tell_hotline(order_id: int, step_id: int, move: str, state: str) -> None:  # noqa: ARG001 - the event's fields
    """Queue a step of an order for its city's 12345 system, and say it."""
    if actions.tell_hotline(step_id=step_id, at=clock.now()):
        hotline.say_all()


@app.task(name="exchange.tell_climbed", retry=outbox.FOR_EVER)
def tell_climbed(step_ids: list[int]) -> None:
    """Queue what the ladder did for the cities' 12345 systems."""
    told = (
        [actions.tell_hotline(step_id=step_id, at=clock.now()) for step_id in step_ids]
        if queries.any_hotline()
        else []
    )
    if any(told):
        hotline.say_all()


@app.periodic(cron="* * * * * */5")
@app.task(name="exchange.say_again", queueing_lock="exchange.say_again", pass_context=False)
def say_again(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Every five seconds: say again what was not heard."""
    hotline.say_all()


@app.task(name="exchange.dial", retry=3)
def dial(call_id: int, agent_id: int) -> None:
    """Have an agent put through."""
    if settings.CTI:
        cti.dial(call_id, str(agent_id))
