"""Having new attachments scanned."""

from datetime import datetime

from django.conf import settings

from haochaping.attachments import actions, detectors, queries
from haochaping.kernel.schedule import every


@every(seconds=20)
def scan(at: datetime) -> None:
    """Every twenty seconds, where there is a scanner: have it look at new attachments.

    One that does not answer is asked again.
    """
    for attachment_id in queries.waiting() if settings.VIRUS_SCANNER else ():
        clean = detectors.scan(settings.VIRUS_SCANNER, queries.contents(attachment_id))
        if clean is None:
            return
        actions.note_scan(attachment_id=attachment_id, clean=clean, at=at)
