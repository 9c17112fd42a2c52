"""Reactions and schedules of orders."""

from django.conf import settings
from procrastinate.contrib.django import app

from haochaping.kernel import clock
from haochaping.orders import actions, detectors, queries


@app.task(name="orders.open_from", retry=8)
def open_from(evaluation_id: int) -> None:
    """Open the order of a bad rating that was cleared."""
    actions.open_for(evaluation_id=evaluation_id, at=clock.now())


@app.task(name="orders.take_follow_up", retry=8)
def take_follow_up(evaluation_id: int) -> None:
    """Put a bad follow-up right: open the order, or open it again."""
    actions.take_follow_up(evaluation_id=evaluation_id, at=clock.now())


@app.task(name="orders.take_replacement", retry=8)
def take_replacement(evaluation_id: int, before: int, level: int) -> None:
    """Follow a citizen who replaced a rating."""
    actions.take_replacement(
        evaluation_id=evaluation_id, before=before, level=level, at=clock.now()
    )


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


@app.periodic(cron="* * * * * */20")
@app.task(name="orders.scan_files", queueing_lock="orders.scan_files", pass_context=False)
def scan_files(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Every twenty seconds: have the virus scanner look at new attachments.

    One that does not answer is asked again.
    """
    for attachment_id in queries.waiting_files() if settings.VIRUS_SCANNER else ():
        clean = detectors.scan(settings.VIRUS_SCANNER, queries.contents(attachment_id))
        if clean is None:
            return
        actions.note_scan(attachment_id=attachment_id, clean=clean, at=clock.now())
