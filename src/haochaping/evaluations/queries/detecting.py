"""What detectors of gaming read of ratings: numbers only, keyed where they stand for people."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from haochaping.evaluations import rules
from haochaping.kernel.db import rows, stream
from haochaping.kernel.ids import first_key
from haochaping.kernel.moments import LOCAL
from haochaping.records import queries as records
from haochaping.records.rules import Origin

_ON_SITE = ", ".join(str(int(channel)) for channel in sorted(rules.ON_SITE))


def _number(index: str) -> str:
    """Return SQL for the first 64 bits of a blind index, 0 where there is none."""
    return f"COALESCE(('x' || encode(substr({index}, 1, 8), 'hex'))::bit(64)::bigint, 0)"


_RATINGS = f"""
SELECT rating.id, COALESCE(rating.window_id, -1), COALESCE(rating.staff_id, -1),
       rating.department_id, rating.channel, rating.level,
       extract(epoch FROM rating.rated_at)::float8, extract(epoch FROM service.served_at)::float8,
       extract(epoch FROM service.accepted_at)::float8,
       {_number("COALESCE(rating.rater_index, service.phone_index)")},
       COALESCE(trace.network, 0), (rating.channel IN ({_ON_SITE}))::int
  FROM evaluations_evaluation AS rating
  JOIN {records.WHOM} AS service ON service.id = rating.id
  LEFT JOIN evaluations_trace AS trace ON trace.evaluation_id = rating.id
 WHERE rating.id >= $1 AND rating.city = $2 AND rating.day BETWEEN $3 AND $4
   AND rating.origin <> {Origin.SYNTHETIC:d}
 ORDER BY rating.id
"""  # noqa: S608 - built from constants
_SERVICES = f"""
SELECT COALESCE(service.window_id, -1), extract(epoch FROM service.served_at)::float8,
       {_number("service.phone_index")}, {_number("service.cert_index")},
       (rating.id IS NOT NULL)::int
  FROM {records.WHOM} AS service
  LEFT JOIN evaluations_evaluation AS rating ON rating.id = service.id
 WHERE service.id >= $1 AND service.city = $2 AND service.day BETWEEN $3 AND $4
   AND service.origin = {Origin.REGISTERED:d}
"""  # noqa: S608 - built from constants
_TEXTS = f"""
SELECT id, words FROM evaluations_evaluation
 WHERE id >= $1 AND city = $2 AND day BETWEEN $3 AND $4 AND words <> ''
   AND origin <> {Origin.SYNTHETIC:d}
"""  # noqa: S608 - built from constants
_CHANGES = """
SELECT rating.department_id, rating.id, changed.before, changed.level,
       extract(epoch FROM changed.at - rating.rated_at)::float8 / 3600
  FROM evaluations_replacement AS changed
  JOIN evaluations_evaluation AS rating ON rating.id = changed.evaluation_id
 WHERE rating.id >= $1 AND rating.city = $2 AND rating.day BETWEEN $3 AND $4
"""
_LATE = timedelta(days=90)  # a rating's key is of its service, which may be so much older


def for_detectors(
    what: str, city: int, since: date, until: date
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield rows, many at a time, of a city's business days: `ratings` (in the order of their
    keys), `services`, `texts` or `changes`, with the columns of `detection.rules.world`.
    """
    sql = {"ratings": _RATINGS, "services": _SERVICES, "texts": _TEXTS, "changes": _CHANGES}[what]
    first = first_key(datetime.combine(since, time(), LOCAL) - _LATE)
    return stream(sql, first, city, since, until)


_THERE = "SELECT id FROM evaluations_evaluation WHERE id = ANY($1::bigint[])"


def there(keys: Sequence[int]) -> set[int]:
    """Return those of these ratings that are stored."""
    return {row["id"] for row in rows(_THERE, list(keys))}


def cities_rated(since: datetime) -> list[int]:
    """Return the cities with ratings of services since a moment."""
    return [row["city"] for row in rows(_CITIES, first_key(since))]


_CITIES = "SELECT DISTINCT city FROM evaluations_evaluation WHERE id >= $1 ORDER BY city"
