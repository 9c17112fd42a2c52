"""Reading calls, and the services that nobody has rated."""

from datetime import datetime

from haochaping.callbacks import models, rules
from haochaping.evaluations import queries as evaluations
from haochaping.kernel.db import rows
from haochaping.kernel.ids import first_key
from haochaping.records import queries as records
from haochaping.records.rules import Origin

# A spread over the period instead of the newest only: hash order is a random order that is the same
# for everybody
_UNRATED = f"""
SELECT record.id, record.region FROM {records.SERVICES} AS record
 WHERE record.id BETWEEN $1 AND $2 AND record.region BETWEEN $3 AND $4 AND record.has_phone
   AND record.origin = {Origin.REGISTERED:d}
   AND NOT EXISTS (SELECT 1 FROM {evaluations.RATINGS} AS rated WHERE rated.id = record.id)
   AND NOT EXISTS (
     SELECT 1 FROM callbacks_call AS call
      WHERE call.record_id = record.id AND call.kind = '{rules.Why.UNRATED}'
   )
 ORDER BY record.id & 65535, record.id LIMIT $5
"""  # noqa: S608 - built from constants


def unrated(scope: tuple[int, int], at: datetime, limit: int) -> list[tuple[int, int]]:
    """Return (key, region) of services with a phone that nobody has rated and nobody was called
    about, spread over the last month.
    """
    found = rows(
        _UNRATED, first_key(at - rules.OLDEST), first_key(at - rules.YOUNGEST), *scope, limit
    )
    return [(row["id"], row["region"]) for row in found]


def mine(by: int, at: datetime) -> list[models.Call]:
    """Return the calls that an agent has in hand and may make now."""
    found = models.Call.objects.filter(
        taken_by=by, due_at__lte=at, taken_at__gt=at - rules.HELD_FOR
    )
    return sorted(
        found, key=lambda call: (list(rules.Why).index(rules.Why(call.kind)), call.due_at, call.pk)
    )


def one(call_id: int, by: int) -> models.Call | None:
    """Return a call that an agent has in hand."""
    return models.Call.objects.filter(pk=call_id, taken_by=by, due_at__isnull=False).first()


def counts(scope: tuple[int, int]) -> dict[str, int]:
    """Return how many calls ended how, within a range of regions."""
    found = rows(
        "SELECT outcome, count(*) AS n FROM callbacks_call WHERE region BETWEEN $1 AND $2 GROUP BY "
        "outcome",
        *scope,
    )
    return {row["outcome"]: row["n"] for row in found}


# By hash with the seed of the draw: every service has the same chance, and whoever knows the seed
# can draw again
_SAMPLE = f"""
SELECT id, region, department_id, level FROM (
  SELECT record.id, record.region, record.department_id, rated.level,
         row_number() OVER (
           PARTITION BY record.department_id, rated.level IS NULL
           ORDER BY hashint8extended(record.id, $3), record.id
         ) AS place
    FROM {records.SERVICES} AS record
    LEFT JOIN {evaluations.RATINGS} AS rated ON rated.id = record.id
   WHERE record.id >= $1 AND record.id < $2 AND record.origin = {Origin.REGISTERED:d}
     AND record.has_phone
) AS drawn WHERE place <= $4 ORDER BY place, id
"""  # noqa: S608 - built from constants


def sample(since: datetime, until: datetime, seed: int, most: int) -> list[dict[str, int]]:
    """Draw up to `most` rated and `most` unrated services of each department that were given in a
    period; phones are needed to ask.
    """
    return rows(_SAMPLE, first_key(since), first_key(until), seed, most)


def waiting(scope: tuple[int, int], at: datetime) -> dict[str, int]:
    """Return how many calls lie there and are due, by kind."""
    found = rows(
        "SELECT kind, count(*) AS n FROM callbacks_call WHERE due_at <= $3 AND region BETWEEN $1 "
        "AND $2 GROUP BY kind",
        scope[0],
        scope[1],
        at,
    )
    return {row["kind"]: row["n"] for row in found}


def number_of(call_id: int) -> tuple[str, int] | None:
    """Return number and region of a call that is in hand, for the telephone system and for nobody
    else.
    """
    call = models.Call.objects.filter(pk=call_id, due_at__isnull=False).first()
    if call is None:
        return None
    return evaluations.phone_of(call.record_id), call.region


def sample_results(week: int) -> list[models.Call]:
    """Return the calls of a week's sample that were answered.

    What was rated, and what was said on the telephone.
    """
    return list(
        models.Call.objects.filter(kind=rules.Why.AUDIT, round=week, level__isnull=False).order_by(
            "pk"
        )
    )


def said_on_the_telephone(scope: tuple[int, int], since: datetime) -> list[tuple[int, int]]:
    """Return department and level of each answered call of the random sample since a moment."""
    found = models.Call.objects.filter(
        kind=rules.Why.AUDIT, level__isnull=False, done_at__gte=since, region__range=scope
    )
    pairs = found.values_list("department_id", "level")
    return [(department, level) for department, level in pairs if department and level]


def silent_sample(
    scope: tuple[int, int], since: datetime, until: datetime, department_id: int | None = None
) -> tuple[int, int]:
    """Return how many people of the random sample who had not rated were reached in a period, and
    how many of them were satisfied (levels 3 to 5).
    """
    found = models.Call.objects.filter(
        kind=rules.Why.AUDIT,
        rated_level__isnull=True,
        level__isnull=False,
        done_at__gte=since,
        done_at__lt=until,
        region__range=scope,
    )
    if department_id is not None:
        found = found.filter(department_id=department_id)
    return found.count(), found.filter(level__gte=3).count()
