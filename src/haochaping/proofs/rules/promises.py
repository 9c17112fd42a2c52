"""Promises 入账承诺 (trust design §1.6): signed before a rating has its leaf. Who holds one and
finds no leaf a day later has evidence against us. It says nothing of how good the rating was.
"""

from datetime import UTC, datetime, timedelta

TITLE = "haochaping promise v1"  # no log is called so: a promise is never taken for a checkpoint
WITHIN = timedelta(hours=24)


def promise(origin: str, receipt: str, received_at: datetime) -> str:
    """Return the text that is signed: title, log, receipt number, when the rating was received and
    by when its leaf stands in the log, both in UTC.
    """
    moments = (received_at, received_at + WITHIN)
    told = [one.astimezone(UTC).isoformat(timespec="seconds") for one in moments]
    return "\n".join([TITLE, origin, receipt, *told, ""])
