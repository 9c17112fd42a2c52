"""The daily test of every channel."""

from procrastinate.contrib.django import app

from haochaping.exchange.partners import ourselves
from haochaping.kernel import clock


@app.periodic(cron="17 22 * * *")  # 06:17 in China
@app.task(name="exchange.probe", queueing_lock="exchange.probe")
def probe(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Each morning: hand in one synthetic rating of every level over every channel."""
    ourselves.probe_all(clock.now())
