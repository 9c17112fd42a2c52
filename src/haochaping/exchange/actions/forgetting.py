"""Forgetting what was exchanged long ago."""

from datetime import datetime

from django.db.models.functions import Now

from haochaping.exchange import models
from haochaping.exchange.actions.receiving import DROPPED
from haochaping.kernel.db import rows
from haochaping.kernel.moments import business_day

_AT_ONCE = 10_000
_LATE = "超过留存期限 nobody took it in within its term"
_DELIVERIES = """
WITH gone AS (
  DELETE FROM exchange_delivery WHERE id IN (
    SELECT id FROM exchange_delivery
     WHERE due_at IS NULL AND day < $1::date LIMIT $2)
  RETURNING 1
) SELECT count(*) AS n FROM gone
"""


def forget_texts(*, before: datetime) -> int:
    """Blank what was said to 12345 systems and by them before a moment, once it was heard, and set
    aside what partners sent before it and nobody could take in; return how many messages. Number
    and digest stay, so that a repetition is known.
    """
    late = models.Received.objects.filter(done_at=None, at__lt=before).update(
        outcome=DROPPED, reason=_LATE, body=None, done_at=Now()
    )
    said = models.Outgoing.objects.filter(heard_at__lt=before).exclude(body=b"")
    heard = models.Incoming.objects.filter(done_at__lt=before).exclude(body=b"")
    return late + said.update(body=b"") + heard.update(body=b"")


def forget_deliveries(*, before: datetime) -> int:
    """Forget what was delivered to partners of the days before a moment, and how these days
    compared: half a day would differ from a whole one. Return how many messages.
    """
    total, first = 0, business_day(before)
    for table in (models.Difference, models.Reconciled):
        table.objects.filter(day__lt=first).delete()
    while gone := rows(_DELIVERIES, first, _AT_ONCE)[0]["n"]:
        total += gone
    return total
