"""Counting again from the facts themselves, to prove that the roll-ups are right."""

from dataclasses import dataclass
from datetime import date

from haochaping.analytics.queries import counting
from haochaping.analytics.queries.totals import still
from haochaping.analytics.rules.grains import GRAINS, Grain, last_of_month, month_of
from haochaping.kernel.db import rows


@dataclass(frozen=True)
class Difference:
    """Cells of a table and day that do not say what the facts say."""

    table: str
    day: date
    cells: int


def _differing(grain: Grain, cells: str, where: str) -> str:
    """Return SQL for the days of a grain whose cells are not those counted anew; a cell of nothing
    but zeros is none.
    """
    columns = ", ".join(grain.columns)
    some = " OR ".join(f"{name} <> 0" for name in grain.sums)
    stored = f"SELECT {columns} FROM {grain.table} WHERE {where} AND ({some})"  # noqa: S608
    counted = f"SELECT {columns} FROM ({cells}) AS cell WHERE {where} AND ({some})"  # noqa: S608
    return f"""
      SELECT day, count(*) AS cells FROM (
        (({stored}) EXCEPT ALL ({counted})) UNION ALL (({counted}) EXCEPT ALL ({stored}))
      ) AS differing GROUP BY day ORDER BY day
    """  # noqa: S608 - names of ours


def recount(since: date, until: date) -> list[Difference]:
    """Compare the roll-ups of whole months with the facts that the fold has covered, as of one
    moment; return where they differ. Orders are compared whole. A register of people may be larger
    than what is left of them says, for who was erased is behind it still; never smaller.
    """
    first, last = month_of(since), last_of_month(until)
    covered = f"({counting.covered('$1::date', '$2::date')})"
    changed = f"({counting.changes(covered)})"
    found = []
    with still():
        for grain in GRAINS:
            sql = _differing(
                grain, counting.cells(grain, changed), "day BETWEEN $1::date AND $2::date"
            )
            found += [Difference(grain.table, **row) for row in rows(sql, first, last)]
        found += [
            Difference("analytics_register", **row) for row in rows(_people(covered), first, last)
        ]
        for grain, cells in counting.order_cells(counting.SEEN_NOW):
            found += [
                Difference(grain.table, **row) for row in rows(_differing(grain, cells, "true"))
            ]
        found += [Difference("analytics_orderseen", **row) for row in rows(_ORDERS)]
    return found


def _people(facts: str) -> str:
    """Return SQL for the months whose registers lack people who are among the facts."""
    return f"""
    SELECT day, count(*) AS cells
      FROM ({counting.registers(facts)}) AS counted LEFT JOIN analytics_register AS kept
           USING (day, city, bucket)
     WHERE day BETWEEN $1::date AND $2::date AND COALESCE(kept.rho < counted.rho, true)
     GROUP BY day ORDER BY day
    """  # noqa: S608 - names of ours


_SEEN = ", ".join(counting.SEEN)
# orders about which nothing waits on the feed, as they stand and as they were counted last
_SETTLED = f"({counting.ORDERS} EXCEPT {counting.UNCOVERED_ORDERS})"
_ORDERS = f"""
SELECT opened_day AS day, count(*) AS cells FROM (
  (SELECT {_SEEN} FROM ({counting.now(_SETTLED)}) AS now
   EXCEPT SELECT {_SEEN} FROM analytics_orderseen)
  UNION ALL
  (SELECT {_SEEN} FROM analytics_orderseen WHERE order_id IN {_SETTLED}
   EXCEPT SELECT {_SEEN} FROM ({counting.now(_SETTLED)}) AS now)
) AS differing GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - names of ours
