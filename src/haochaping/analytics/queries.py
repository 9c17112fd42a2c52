"""The figures, exact at every moment.

Roll-up + what its cursor has not covered + pending, in one statement and so in one snapshot.
"""

from collections import defaultdict
from datetime import date, timedelta

from haochaping.analytics import rules
from haochaping.feed import queries as feed
from haochaping.kernel.db import rows

CURSOR = "rollup"

# Synthetic tests of a channel (origin 3) never count; services that a citizen reported by scanning
# (2) are ratings without a denominator.
# How facts of the feed count; the fold and the live read share this text, so they cannot disagree.
# A rating that was set aside (4) or replaced (5) stays in n; x holds what the adjusted figures
# leave out or, below 0, take in.
LEVELS = tuple(f"n{level}" for level in range(5, 0, -1))
ADJUSTED = tuple(f"x{level}" for level in range(5, 0, -1))
SUMMED = (*LEVELS, *ADJUSTED, "follow_ups", "set_aside")
_COUNTED = ", ".join(
    [
        *(f"sum(sign * (fact.level = {level})::int)::int AS n{level}" for level in range(5, 0, -1)),
        *(
            f"sum((fact.gone = {level})::int - (fact.come = {level})::int)::int AS x{level}"
            for level in range(5, 0, -1)
        ),
    ]
)
RATINGS_OF = """
SELECT fact.day, rating.county, fact.channel, rating.city, rating.county * 1000000::bigint
  AS region, COUNTED,
       sum(fact.follow_up)::int AS follow_ups, sum(fact.aside)::int AS set_aside
  FROM (
    SELECT evaluation.id, evaluation.day, evaluation.channel, evaluation.level, 0 AS gone, 0
      AS come, 0 AS follow_up, 0 AS aside
      FROM {facts} AS feed (kind, ref) JOIN evaluations_evaluation AS evaluation ON feed.kind = 2
        AND evaluation.id = feed.ref
    UNION ALL
    SELECT follow.evaluation_id, follow.day, follow.channel, 0, 0, 0, 1, 0
      FROM {facts} AS feed (kind, ref) JOIN evaluations_followup AS follow ON feed.kind = 3
        AND follow.evaluation_id = feed.ref
    UNION ALL
    SELECT evaluation.id, evaluation.day, evaluation.channel, 0, COALESCE(replaced.level,
      evaluation.level), 0, 0, 1
      FROM {facts} AS feed (kind, ref) JOIN evaluations_evaluation AS evaluation ON feed.kind = 4
        AND evaluation.id = feed.ref
      LEFT JOIN evaluations_replacement AS replaced ON replaced.evaluation_id = feed.ref
    UNION ALL
    SELECT evaluation.id, evaluation.day, evaluation.channel, 0, replaced.before, replaced.level, 0,
      0
      FROM {facts} AS feed (kind, ref) JOIN evaluations_evaluation AS evaluation ON feed.kind = 5
        AND evaluation.id = feed.ref
      JOIN evaluations_replacement AS replaced ON replaced.evaluation_id = feed.ref
  ) AS fact JOIN evaluations_evaluation AS rating ON rating.id = fact.id AND rating.origin < 3
 GROUP BY fact.day, rating.county, fact.channel, rating.city
""".replace("COUNTED", _COUNTED)
SERVICES_OF = """
SELECT day, county, city, county * 1000000::bigint AS region, sum(services)::int AS services,
  sum(rated)::int AS rated FROM (
    SELECT record.day, record.county, record.city, 1 AS services, 0 AS rated
      FROM {facts} AS feed (kind, ref) JOIN records_record AS record ON feed.kind = 1
        AND record.id = feed.ref AND record.origin = 1
    UNION ALL
    SELECT evaluation.service_day, evaluation.county, evaluation.city, 0, evaluation.sign
      FROM {facts} AS feed (kind, ref) JOIN evaluations_evaluation AS evaluation ON feed.kind = 2
        AND evaluation.id = feed.ref
       AND evaluation.origin = 1
  ) AS fact GROUP BY day, county, city
"""

_ALL = ", ".join(SUMMED)
_FIGURES = f"""
WITH fresh AS MATERIALIZED ({feed.uncovered(CURSOR)}),
ratings AS (
  SELECT day, county, channel, city, region, {_ALL} FROM analytics_ratingday
  UNION ALL SELECT day, county, channel, city, region, {_ALL}
    FROM ({RATINGS_OF.format(facts="(SELECT kind, ref FROM fresh)")}) AS live
), services AS (
  SELECT day, county, city, region, services, rated FROM analytics_serviceday
  UNION ALL SELECT day, county, city, region, services, rated
    FROM ({SERVICES_OF.format(facts="(SELECT kind, ref FROM fresh)")}) AS live
)
SELECT day, CASE WHEN $5 THEN county ELSE city END AS place, channel,
  {", ".join(f"sum({name})::int AS {name}" for name in SUMMED)},
       0 AS services, 0 AS rated
  FROM ratings WHERE day BETWEEN $1::date AND $2::date AND region BETWEEN $3::bigint AND $4::bigint
    GROUP BY 1, 2, 3
UNION ALL
SELECT day, CASE WHEN $5 THEN county ELSE city END, NULL, {", ".join("0" for _ in SUMMED)},
  sum(services)::int, sum(rated)::int
  FROM services WHERE day BETWEEN $1::date AND $2::date AND region BETWEEN $3::bigint AND $4::bigint
    GROUP BY 1, 2
"""  # noqa: S608 - built from constants


def figures(scope: tuple[int, int], since: date, until: date) -> rules.Figures:
    """Return the figures of a scope from one day to another, by city (by county within a city),
    channel and day.
    """
    by_county = scope[1] - scope[0] < 10**8
    whole = rules.Counts()
    by_city: dict[int, rules.Counts] = defaultdict(rules.Counts)
    by_channel: dict[int, rules.Counts] = defaultdict(rules.Counts)
    by_day: dict[date, rules.Counts] = defaultdict(rules.Counts)
    for row in rows(_FIGURES, since, until, *scope, by_county):
        counts = rules.Counts(
            tuple(row[name] for name in LEVELS),
            services=row["services"],
            rated=row["rated"],
            follow_ups=row["follow_ups"],
            left_out=tuple(row[name] for name in ADJUSTED),
            set_aside=row["set_aside"],
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
    return [
        (day, figures.by_day.get(day, rules.Counts()))
        for day in (since + timedelta(days=n) for n in range(days))
    ]
