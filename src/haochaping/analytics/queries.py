"""The figures, exact at every moment.

Roll-up + what its cursor has not covered + pending, in one statement and so in one snapshot.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta

from haochaping.analytics import rules
from haochaping.evaluations import queries as ratings
from haochaping.feed import queries as feed
from haochaping.kernel.db import rows
from haochaping.orders import queries as orders
from haochaping.orders.rules import Satisfaction, State
from haochaping.records import queries as services

CURSOR = "rollup"

# How facts of the feed count; the fold and the live read share this text, so they cannot disagree.
# n5…n1 are the raw figures; x5…x1 what the adjusted ones leave out or, below 0, take in.
LEVELS = tuple(f"n{level}" for level in range(5, 0, -1))
ADJUSTED = tuple(f"x{level}" for level in range(5, 0, -1))
SUMMED = (*LEVELS, *ADJUSTED, "follow_ups", "set_aside")
_RAW = [f"sum(sign * (level = {n})::int)::int AS n{n}" for n in range(5, 0, -1)]
_LEFT_OUT = [f"sum((gone = {n})::int - (come = {n})::int)::int AS x{n}" for n in range(5, 0, -1)]


def ratings_of(facts: str) -> str:
    """Return SQL that counts facts of the feed about ratings, by day, county and channel."""
    return f"""
      SELECT day, county, channel, city, county * 1000000::bigint AS region,
             {", ".join([*_RAW, *_LEFT_OUT])},
             sum(follow_up)::int AS follow_ups, sum(aside)::int AS set_aside
        FROM ({ratings.changes(facts)}) AS fact GROUP BY day, county, channel, city
    """  # noqa: S608 - built from constants


def services_of(facts: str) -> str:
    """Return SQL that counts facts of the feed about services, by day and county."""
    return f"""
      SELECT day, county, city, county * 1000000::bigint AS region, sum(services)::int AS services,
             sum(rated)::int AS rated
        FROM (
          SELECT day, county, city, 1 AS services, 0 AS rated
            FROM ({services.registered(facts)}) AS registered
          UNION ALL
          SELECT day, county, city, 0, sign FROM ({ratings.rated_services(facts)}) AS rated
        ) AS fact GROUP BY day, county, city
    """  # noqa: S608 - built from constants


_ALL = ", ".join(SUMMED)
_FRESH = "(SELECT kind, ref FROM fresh)"
_SUMS = ", ".join(f"sum({name})::int AS {name}" for name in SUMMED)
_WITHIN = "day BETWEEN $1::date AND $2::date AND region BETWEEN $3::bigint AND $4::bigint"
_FIGURES = f"""
WITH fresh AS MATERIALIZED ({feed.uncovered(CURSOR)}),
ratings AS (
  SELECT day, county, channel, city, region, {_ALL} FROM analytics_ratingday
  UNION ALL
  SELECT day, county, channel, city, region, {_ALL} FROM ({ratings_of(_FRESH)}) AS live
), services AS (
  SELECT day, county, city, region, services, rated FROM analytics_serviceday
  UNION ALL
  SELECT day, county, city, region, services, rated FROM ({services_of(_FRESH)}) AS live
)
SELECT day, CASE WHEN $5 THEN county ELSE city END AS place, channel, {_SUMS},
       0 AS services, 0 AS rated
  FROM ratings WHERE {_WITHIN} GROUP BY 1, 2, 3
UNION ALL
SELECT day, CASE WHEN $5 THEN county ELSE city END, NULL, {", ".join("0" for _ in SUMMED)},
       sum(services)::int, sum(rated)::int
  FROM services WHERE {_WITHIN} GROUP BY 1, 2
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


_FUNNEL = f"""
SELECT count(*) AS opened,
       count(*) FILTER (WHERE state <> '{State.OPENED}') AS dispatched,
       count(upheld) AS verified,
       count(*) FILTER (WHERE upheld) AS upheld,
       count(replied_at) AS replied,
       count(satisfaction) AS called,
       count(*) FILTER (WHERE satisfaction = '{Satisfaction.SATISFIED}') AS satisfied,
       count(*) FILTER (WHERE state = '{State.CLOSED}') AS closed,
       count(*) FILTER (WHERE due_at < $5) AS overdue
  FROM {orders.ORDERS} AS orders
 WHERE region BETWEEN $1 AND $2 AND opened_at >= $3 AND opened_at < $4
"""  # noqa: S608 - built from constants


def funnel(scope: tuple[int, int], since: datetime, until: datetime, at: datetime) -> rules.Funnel:
    """Count the orders opened in a period by how far they have come."""
    return rules.Funnel(**rows(_FUNNEL, *scope, since, until, at)[0])
