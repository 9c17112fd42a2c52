"""The usual figures: a scope and a period by place, channel and day."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from haochaping.analytics import rules
from haochaping.analytics.queries.totals import Cut, counts, fresh, still, totals
from haochaping.kernel.db import rows
from haochaping.orders import queries as orders
from haochaping.orders.rules import Satisfaction, State


def figures(
    scope: tuple[int, int], since: date, until: date, department_id: int | None = None
) -> rules.Figures:
    """Return the figures of a scope from one day to another, by city (by county within a city),
    channel and day; of a department alone by day. Exact as of one moment.
    """
    place = "county" if scope[1] - scope[0] < 10**8 else "city"
    whole = rules.Counts()
    by_city: dict[int, rules.Counts] = defaultdict(rules.Counts)
    by_channel: dict[int, rules.Counts] = defaultdict(rules.Counts)
    by_day: dict[date, rules.Counts] = defaultdict(rules.Counts)
    with still():
        cut = Cut(scope, since, until, department_id=department_id)
        by = ("day", place, "channel") if department_id is None else ("day",)
        found = totals(cut, by, now=fresh())
    for row in found:
        cell = counts(row)
        whole += cell
        by_day[row["day"]] += cell
        if place in row:
            by_city[row[place]] += cell
        if row.get("channel"):
            by_channel[row["channel"]] += cell
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
