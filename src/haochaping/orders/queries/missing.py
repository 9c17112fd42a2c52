"""The invariant that every bad rating has its order, and what breaks it."""

from datetime import datetime, timedelta

from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import HISTORY
from haochaping.feed import queries as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows
from haochaping.kernel.ids import first_key
from haochaping.records.rules import Origin
from haochaping.screening import queries as screening

_SETTLED = timedelta(minutes=10)  # in which screening and the jobs behind it are done
_BACK = timedelta(days=7)  # what is older was looked at each hour since
_SERVED_WITHIN = timedelta(days=200)  # of the rating, so that old months are not read
_MISSING = f"""
SELECT rating.id FROM {evaluations.RATINGS} AS rating
 WHERE rating.level <= 2 AND rating.origin <> {Origin.SYNTHETIC:d}
   AND rating.id >= $1 AND rating.received_at BETWEEN $2 AND $3
   AND rating.received_at - rating.rated_at <= $4::interval
   AND NOT EXISTS (SELECT 1 FROM orders_order WHERE evaluation_id = rating.id)
   AND NOT EXISTS (SELECT 1 FROM {screening.HELD} AS held WHERE held.evaluation_id = rating.id)
   AND rating.id NOT IN {feed.uncovered_refs(screening.CURSOR, Kind.RATING)}
 ORDER BY rating.id LIMIT 1000
"""  # noqa: S608 - built from constants


def missing(at: datetime) -> list[int]:
    """Return the bad ratings of the last week that were screened, wait for nobody, and have no
    order; oldest first.
    """
    since = first_key(at - _BACK - _SERVED_WITHIN)
    found = rows(_MISSING, since, at - _BACK, at - _SETTLED, HISTORY)
    return [row["id"] for row in found]
