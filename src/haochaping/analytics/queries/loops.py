"""Totals of orders over the roll-ups, and how long each stretch of the loop took; and how many
people rated.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from haochaping.analytics.queries import counting
from haochaping.analytics.queries.kept import Row, asked
from haochaping.analytics.queries.totals import BY, Cut, Fresh, Statement, narrow
from haochaping.analytics.rules import grains
from haochaping.analytics.rules.loop import Loop
from haochaping.regions.rules import Level


def loops(cut: Cut, by: Sequence[str] = (), *, now: Fresh) -> list[Row]:
    """Return the sums of orders, with the columns of `grains.LOOP`: by the day they were opened,
    and by the day a limit ended, from the day after on: a limit of this evening is not missed in
    the morning. A department answers for what it holds.
    """
    statement = Statement()
    until = max(min(cut.until, now.today), cut.since)
    needs = frozenset({"department_id"} if cut.department_id is not None else ())
    named = [name for name in ("department_id", "county") if name in by or name in needs]
    whose = (*named, "day", "city", "region")
    needs |= frozenset(named) | (frozenset({"county"}) if narrow(cut) else frozenset())
    of = grains.OF_LOOP if needs else grains.OF_LOOP_OF_CITIES
    parts, ids = [], ""
    if now.orders:
        ids = f"SELECT unnest({statement.place(list(now.orders), 'bigint[]')})"
    for known, end in _ends(until, now.today):
        told = (name if name in known else f"0 AS {name}" for name in grains.LOOP)
        columns = ", ".join((*whose, *told))
        parts += [
            f"SELECT {columns} FROM {part.grain.table} WHERE day BETWEEN "  # noqa: S608 - names of ours
            f"{statement.place(part.since, 'date')} AND {statement.place(part.until, 'date')}"
            for part in (grains.plan(of, cut.since, end, needs=needs) if end >= cut.since else ())
        ]
        if ids:
            live = counting.loop_cells(grains.LOOP_DAY, counting.moved(ids))
            days = f"{statement.place(cut.since, 'date')} AND {statement.place(end, 'date')}"
            parts.append(f"SELECT {columns} FROM ({live}) AS live WHERE day BETWEEN {days}")  # noqa: S608
    low, high = (statement.place(end, "bigint") for end in cut.scope)
    where = f"region BETWEEN {low} AND {high}"
    if cut.department_id is not None:
        where += f" AND department_id = {statement.place(cut.department_id, 'int')}"
    head = "".join(f"{BY[name]} AS {name}, " for name in by)
    group = f" GROUP BY {', '.join(map(str, range(1, len(by) + 1)))}" if by else ""
    sums = ", ".join(f"COALESCE(sum({name}), 0)::bigint AS {name}" for name in grains.LOOP)
    source = " UNION ALL ".join(parts)
    return asked(
        None if now.orders else now.version,  # a waiting order moves without the fold
        f"SELECT {head}{sums} FROM ({source}) AS loop WHERE {where}{group}",  # noqa: S608
        *statement.arguments,
    )


def _ends(until: date, today: date) -> list[tuple[Collection[str], date]]:
    """Return until which day sums are asked for: what is due today may still come in time."""
    if until < today:
        return [(grains.LOOP, until)]
    return [(grains.OPENED, until), ((*grains.DUE, *grains.CALL_DUE), today - timedelta(days=1))]


_LENGTHS = """
SELECT stretch, bucket, sum(n)::bigint AS n FROM {table}
 WHERE day BETWEEN $1::date AND $2::date AND region BETWEEN $3::bigint AND $4::bigint
 GROUP BY 1, 2 HAVING sum(n) > 0
"""


def lengths(cut: Cut, *, now: Fresh) -> dict[int, list[tuple[int, int]]]:
    """Return how long the stretches of the loop took: stretch → (bucket, orders), of the orders
    opened in the months of a period, as folded.
    """
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    grain = grains.LOOP_LENGTH if narrow(cut) else grains.LENGTH_CITY
    sql = _LENGTHS.format(table=grain.table)
    for row in asked(now.version, sql, grains.month_of(cut.since), cut.until, *cut.scope):
        found[row["stretch"]].append((row["bucket"], row["n"]))
    return dict(found)


_REGISTERS = """
SELECT count(*) AS touched, COALESCE(sum(power(2, -rho)), 0)::float8 AS sum FROM (
  SELECT bucket, max(rho) AS rho FROM analytics_register
   WHERE day BETWEEN $1::date AND $2::date AND city = $3::int
   GROUP BY bucket
) AS register
"""


def registers(cut: Cut, *, now: Fresh) -> tuple[int, float]:
    """Return how many registers were touched in the months of a period, and the sum of 2^−rho over
    them (`rules.people.estimate` makes a number of people of it), as folded; none for less than a
    city.
    """
    low, high = cut.scope
    place = 0 if high - low >= 10**Level.PROVINCE - 1 else low // 10**6
    row = asked(now.version, _REGISTERS, grains.month_of(cut.since), cut.until, place)[0]
    return row["touched"], row["sum"]


def loop(row: Row) -> Loop:
    """Return a row of sums of orders."""
    return Loop(**{name: row[name] for name in grains.LOOP})
