"""The daily test of every channel, and what is said to city 12345 systems and telephone systems."""

from datetime import datetime

from django.conf import settings
from procrastinate.contrib.django import app

from haochaping.exchange import actions, queries
from haochaping.exchange.partners import cti, hotline, ourselves
from haochaping.kernel import clock, outbox
from haochaping.kernel.schedule import DAY, HOUR, again, every


@every(seconds=DAY, offset=22 * HOUR + 17 * 60, once=True)  # 06:17 in China
def probe(at: datetime) -> None:
    """Each morning: hand in one synthetic rating of every level over every channel."""
    ourselves.probe_all(at)


@app.task(name="exchange.tell_hotline", retry=outbox.FOR_EVER)
def tell_hotline(order_id: int, step_id: int, move: str, state: str) -> None:  # noqa: ARG001 - the event's fields
    """Queue a step of an order for its city's 12345 system, and say it."""
    if actions.tell_hotline(step_id=step_id, at=clock.now()):
        say_all()


@app.task(name="exchange.tell_climbed", retry=outbox.FOR_EVER)
def tell_climbed(step_ids: list[int]) -> None:
    """Queue what the ladder did for the cities' 12345 systems."""
    told = (
        [actions.tell_hotline(step_id=step_id, at=clock.now()) for step_id in step_ids]
        if queries.any_hotline()
        else []
    )
    if any(told):
        say_all()


@app.task(name="exchange.say_answer", retry=outbox.FOR_EVER)
def say_answer(hotline_id: int) -> None:  # noqa: ARG001 - the event's field
    """Say at once what a city's system asked for."""
    say_all()


@every(seconds=300)
def say_again(_at: datetime) -> None:
    """Every five minutes, and every few seconds while something is unheard: say it again."""
    say_all()


def say_all() -> None:
    """Say what waits to be said to cities; come back when something is to be said again."""
    hotline.say_all()
    if (due := queries.next_saying()) is not None:
        again(say_again, max(0.5, (due - clock.now()).total_seconds()))


@app.task(name="exchange.dial", retry=3)
def dial(call_id: int, agent_id: int) -> None:
    """Have an agent put through."""
    if settings.CTI:
        cti.dial(call_id, str(agent_id))
