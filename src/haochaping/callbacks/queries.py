"""Reading calls, and the services that nobody has rated."""

from datetime import datetime

from haochaping.callbacks import models, rules
from haochaping.kernel.db import rows
from haochaping.kernel.ids import first_key

# A spread over the period instead of the newest only: hash order is a random order that is the same for everybody
_UNRATED = """
SELECT record.id, record.region FROM records_record AS record
 WHERE record.id BETWEEN $1 AND $2 AND record.region BETWEEN $3 AND $4 AND record.phone IS NOT NULL AND record.origin = 1
   AND NOT EXISTS (SELECT 1 FROM evaluations_evaluation AS rated WHERE rated.id = record.id)
   AND NOT EXISTS (SELECT 1 FROM callbacks_call AS call WHERE call.record_id = record.id)
 ORDER BY record.id & 65535, record.id LIMIT $5
"""


def unrated(scope: tuple[int, int], at: datetime, limit: int) -> list[tuple[int, int]]:
    """Return (key, region) of services with a phone that nobody has rated and nobody was called about, spread over the last month."""
    found = rows(_UNRATED, first_key(at - rules.OLDEST), first_key(at - rules.YOUNGEST), *scope, limit)
    return [(row["id"], row["region"]) for row in found]


def mine(by: int, at: datetime) -> list[models.Call]:
    """Return the calls that an agent has in hand and may make now."""
    return list(models.Call.objects.filter(taken_by=by, due_at__lte=at, taken_at__gt=at - rules.HELD_FOR).order_by("due_at", "pk"))


def one(call_id: int, by: int) -> models.Call | None:
    """Return a call that an agent has in hand."""
    return models.Call.objects.filter(pk=call_id, taken_by=by, due_at__isnull=False).first()


def counts(scope: tuple[int, int]) -> dict[str, int]:
    """Return how many calls ended how, within a range of regions."""
    found = rows("SELECT outcome, count(*) AS n FROM callbacks_call WHERE region BETWEEN $1 AND $2 GROUP BY outcome", *scope)
    return {row["outcome"]: row["n"] for row in found}
