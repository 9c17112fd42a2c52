"""Folding the feed into the roll-ups."""

from collections.abc import Sequence

from haochaping.analytics import queries
from haochaping.feed import actions as feed
from haochaping.kernel.db import rows

CURSOR = queries.CURSOR
_FACTS = "unnest($1::smallint[], $2::bigint[])"
# Upserts go in key order, so that two writers wait for each other instead of deadlocking.
_SUMS = ", ".join(
    f"{name} = analytics_ratingday.{name} + excluded.{name}" for name in queries.SUMMED
)
_ALL = ", ".join(queries.SUMMED)
_FOLD_RATINGS = f"""
INSERT INTO analytics_ratingday (day, county, channel, city, region, {_ALL})
SELECT day, county, channel, city, region, {_ALL} FROM ({queries.ratings_of(_FACTS)}) AS counted
 ORDER BY day, county, channel
ON CONFLICT (day, county, channel) DO UPDATE SET {_SUMS}
"""  # noqa: S608 - built from constants
_FOLD_SERVICES = f"""
INSERT INTO analytics_serviceday (day, county, city, region, services, rated)
SELECT day, county, city, region, services, rated FROM ({queries.services_of(_FACTS)}) AS counted
 ORDER BY day, county
ON CONFLICT (day, county)
  DO UPDATE SET services = analytics_serviceday.services + excluded.services,
  rated = analytics_serviceday.rated + excluded.rated
"""  # noqa: S608 - built from constants


def fold() -> int:
    """Fold the next facts of the feed into the roll-ups, moving the cursor in the same transaction.

    Return how many were read.
    """
    return feed.follow(name=CURSOR, effect=_fold)


def _fold(facts: Sequence[tuple[int, int]]) -> None:
    kinds, refs = [kind for kind, _ in facts], [ref for _, ref in facts]
    rows(_FOLD_RATINGS, kinds, refs)
    rows(_FOLD_SERVICES, kinds, refs)
