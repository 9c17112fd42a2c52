"""The figures, exact at every moment: roll-up + what its cursor has not covered + pending, in one statement and so in one snapshot."""

from collections import defaultdict
from datetime import date, timedelta

from haochaping.analytics import rules
from haochaping.feed import queries as feed
from haochaping.kernel.db import rows

CURSOR = "rollup"

# Synthetic tests of a channel (origin 3) never count; services that a citizen reported by scanning (2) are ratings without a denominator.
# How facts of the feed count; the fold and the live read share this text, so they cannot disagree.
RATINGS_OF = """
SELECT fact.day, rating.county, fact.channel, rating.city, rating.county * 1000000::bigint AS region,
       sum(sign * (fact.level = 5)::int)::int AS n5, sum(sign * (fact.level = 4)::int)::int AS n4, sum(sign * (fact.level = 3)::int)::int AS n3,
       sum(sign * (fact.level = 2)::int)::int AS n2, sum(sign * (fact.level = 1)::int)::int AS n1, sum(fact.follow_up)::int AS follow_ups
  FROM (
    SELECT evaluation.id, evaluation.day, evaluation.channel, evaluation.level, 0 AS follow_up
      FROM {facts} AS feed (kind, ref) JOIN evaluations_evaluation AS evaluation ON feed.kind = 2 AND evaluation.id = feed.ref
    UNION ALL
    SELECT follow.evaluation_id, follow.day, follow.channel, 0, 1
      FROM {facts} AS feed (kind, ref) JOIN evaluations_followup AS follow ON feed.kind = 3 AND follow.evaluation_id = feed.ref
  ) AS fact JOIN evaluations_evaluation AS rating ON rating.id = fact.id AND rating.origin < 3
 GROUP BY fact.day, rating.county, fact.channel, rating.city
"""
SERVICES_OF = """
SELECT day, county, city, county * 1000000::bigint AS region, sum(services)::int AS services, sum(rated)::int AS rated FROM (
    SELECT record.day, record.county, record.city, 1 AS services, 0 AS rated
      FROM {facts} AS feed (kind, ref) JOIN records_record AS record ON feed.kind = 1 AND record.id = feed.ref AND record.origin = 1
    UNION ALL
    SELECT evaluation.service_day, evaluation.county, evaluation.city, 0, evaluation.sign
      FROM {facts} AS feed (kind, ref) JOIN evaluations_evaluation AS evaluation ON feed.kind = 2 AND evaluation.id = feed.ref
       AND evaluation.origin = 1
  ) AS fact GROUP BY day, county, city
"""

_LEVELS = "n5, n4, n3, n2, n1"
_FIGURES = f"""
WITH fresh AS MATERIALIZED ({feed.uncovered(CURSOR)}),
ratings AS (
  SELECT day, county, channel, city, region, {_LEVELS}, follow_ups FROM analytics_ratingday
  UNION ALL SELECT day, county, channel, city, region, {_LEVELS}, follow_ups FROM ({RATINGS_OF.format(facts="(SELECT kind, ref FROM fresh)")}) AS live
), services AS (
  SELECT day, county, city, region, services, rated FROM analytics_serviceday
  UNION ALL SELECT day, county, city, region, services, rated FROM ({SERVICES_OF.format(facts="(SELECT kind, ref FROM fresh)")}) AS live
)
SELECT day, CASE WHEN $5 THEN county ELSE city END AS place, channel, sum(n5)::int AS n5, sum(n4)::int AS n4, sum(n3)::int AS n3, sum(n2)::int AS n2,
       sum(n1)::int AS n1, sum(follow_ups)::int AS follow_ups, 0 AS services, 0 AS rated
  FROM ratings WHERE day BETWEEN $1::date AND $2::date AND region BETWEEN $3::bigint AND $4::bigint GROUP BY 1, 2, 3
UNION ALL
SELECT day, CASE WHEN $5 THEN county ELSE city END, NULL, 0, 0, 0, 0, 0, 0, sum(services)::int, sum(rated)::int
  FROM services WHERE day BETWEEN $1::date AND $2::date AND region BETWEEN $3::bigint AND $4::bigint GROUP BY 1, 2
"""  # noqa: S608 - built from constants


def figures(scope: tuple[int, int], since: date, until: date) -> rules.Figures:
    """Return the figures of a scope from one day to another, by city (by county within a city), channel and day."""
    by_county = scope[1] - scope[0] < 10**8
    whole = rules.Counts()
    by_city: dict[int, rules.Counts] = defaultdict(rules.Counts)
    by_channel: dict[int, rules.Counts] = defaultdict(rules.Counts)
    by_day: dict[date, rules.Counts] = defaultdict(rules.Counts)
    for row in rows(_FIGURES, since, until, *scope, by_county):
        counts = rules.Counts(
            (row["n5"], row["n4"], row["n3"], row["n2"], row["n1"]), services=row["services"], rated=row["rated"], follow_ups=row["follow_ups"]
        )
        whole += counts
        by_city[row["place"]] += counts
        by_day[row["day"]] += counts
        if row["channel"] is not None:
            by_channel[row["channel"]] += counts
    return rules.Figures(whole, dict(by_city), dict(by_channel), dict(by_day))


def trend(figures: rules.Figures, since: date, until: date) -> list[tuple[date, rules.Counts]]:
    """Return every day of the period in order, empty days included."""
    days = (until - since).days + 1
    return [(day, figures.by_day.get(day, rules.Counts())) for day in (since + timedelta(days=n) for n in range(days))]
