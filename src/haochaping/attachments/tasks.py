"""Having new attachments scanned."""

from django.conf import settings
from procrastinate.contrib.django import app

from haochaping.attachments import actions, detectors, queries
from haochaping.kernel import clock


@app.periodic(cron="* * * * * */20")
@app.task(name="attachments.scan", queueing_lock="attachments.scan", pass_context=False)
def scan(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes the slot
    """Every twenty seconds: have the virus scanner look at new attachments.

    One that does not answer is asked again.
    """
    for attachment_id in queries.waiting() if settings.VIRUS_SCANNER else ():
        clean = detectors.scan(settings.VIRUS_SCANNER, queries.contents(attachment_id))
        if clean is None:
            return
        actions.note_scan(attachment_id=attachment_id, clean=clean, at=clock.now())
