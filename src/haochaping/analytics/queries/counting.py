"""What facts add to the roll-ups, as SQL.

The fold, the live read and the recount share this text, so they cannot disagree.
"""

from haochaping.analytics.rules.grains import CALL_DUE, CODES, DUE, LENGTHS, LOOPS, OPENED, Grain
from haochaping.evaluations import queries as ratings
from haochaping.feed import queries as feed
from haochaping.feed.rules import Kind
from haochaping.orders import queries as orders
from haochaping.records import queries as services

CURSOR = "rollup"
_WHO = "county, city, department_id, item_id, window_id, staff_id, party"
_NONE = "0 AS sign, 0 AS level, 0 AS gone, 0 AS come, 0 AS follow_up, 0 AS improved, 0 AS worsened"
_NO_CODES = "'{}'::smallint[] AS codes, '{}'::smallint[] AS codes_gone, '{}'::smallint[]"
_SERVICE = f"0::smallint AS channel, NULL::smallint AS hour, {_NONE}, 0 AS aside, {_NO_CODES}"


def changes(facts: str) -> str:
    """Return SQL for what facts `(kind, ref)` change: ratings as `evaluations.queries.changes` has
    them, and services with their own day under channel 0.
    """
    return f"""
      SELECT day, {_WHO}, channel, hour, sign, level, gone, come, follow_up, improved, worsened,
             aside, codes, codes_gone, codes_come, 0 AS service, 0 AS rated
        FROM ({ratings.changes(facts)}) AS rating
      UNION ALL
      SELECT day, {_WHO}, {_SERVICE}, 1, 0 FROM ({services.registered(facts)}) AS registered
      UNION ALL
      SELECT day, {_WHO}, {_SERVICE}, 0, sign FROM ({ratings.rated_services(facts)}) AS rated
    """  # noqa: S608 - names of ours


_EACH = {
    **{f"n{n}": f"sum(sign * (level = {n})::int)" for n in range(5, 0, -1)},
    **{f"x{n}": f"sum((gone = {n})::int - (come = {n})::int)" for n in range(5, 0, -1)},
    "follow_ups": "sum(follow_up)",
    "improved": "sum(improved)",
    "worsened": "sum(worsened)",
    "set_aside": "sum(aside)",
    "services": "sum(service)",
    "rated": "sum(rated)",
    "n": "sum(sign)",
    "x": "sum(gone)",
}


def cells(grain: Grain, changed: str) -> str:
    """Return SQL for the cells of a grain that a table of changes gives."""
    sums = ", ".join(f"{_EACH[name]}::int AS {name}" for name in grain.sums)
    source = _of_codes(changed) if grain.sums == CODES else changed
    where = f"WHERE COALESCE({grain.needs}, 0) <> 0" if grain.needs else ""
    head, group = _keyed(grain)
    return f"SELECT {head}, {sums} FROM {source} AS change {where} GROUP BY {group}"  # noqa: S608


_WEEKDAY = "extract(isodow FROM day)::smallint"


def _keyed(grain: Grain, day: str = "day") -> tuple[str, str]:
    """Return the columns by which a grain's cells are told apart, as they are selected and as they
    are grouped by. A cell of a city stands under the city's own region.
    """
    when = f"date_trunc('month', {day})::date" if grain.monthly else day
    keys = [_WEEKDAY if key == "weekday" else key for key in grain.keys]
    named = [f"{what} AS {key}" for what, key in zip(keys, grain.keys, strict=True)]
    place = "county" if "county" in grain.keys else "city"
    city = [] if place == "city" else ["city"]
    head = [f"{when} AS day", *named, *city, f"{place} * 1000000::bigint AS region"]
    return ", ".join(head), ", ".join([when, *keys, *city])


def _of_codes(changed: str) -> str:
    """Return SQL for the changes of single codes: +1 or −1 as given (`sign`), and what the adjusted
    figures leave out (`gone`).
    """
    place = "day, county, city, department_id, item_id, window_id"
    return f"""(
      SELECT {place}, code, sign, 0 AS gone FROM {changed} AS given, unnest(codes) AS code
      UNION ALL
      SELECT {place}, code, 0, 1 FROM {changed} AS given, unnest(codes_gone) AS code
      UNION ALL
      SELECT {place}, code, 0, -1 FROM {changed} AS given, unnest(codes_come) AS code
    )"""  # noqa: S608 - names of ours


# people: HyperLogLog without an extension (data design §2): 4096 registers a month and city, and
# of all of them as city 0, each the longest run of zeros seen; a maximum, so that what
# is counted twice changes nothing
def registers(facts: str) -> str:
    """Return SQL for the registers that the raters among facts touch: day (of the month), city,
    bucket, and rho, the place of the first 1 in 32 bits of the blind key.
    """
    bits = "('x' || encode(substr(person, 3, 4), 'hex'))::bit(32)::text"
    return f"""
      SELECT date_trunc('month', day)::date AS day,
             COALESCE(city, 0) AS city,
             (get_byte(person, 0) * 16 + get_byte(person, 1) / 16)::smallint AS bucket,
             max(33 - length(ltrim({bits}, '0')))::smallint AS rho
        FROM ({ratings.raters(facts)}) AS rater
       GROUP BY GROUPING SETS ((1, city, 3), (1, 3))
    """  # noqa: S608 - names of ours


_FLAGS = (
    "dispatched", "verified", "upheld", "rectified", "replied", "called", "reached", "satisfied",
    "closed", "reopened", "returned", "extended", "objected", "objections_upheld",
)  # fmt: skip
SEEN = (
    "order_id", "opened_day", "county", "city", "department_id", *_FLAGS, "answer_due_day",
    "replied_in_time", "rectified_in_time", "call_due_day", *orders.STRETCHES,
)  # fmt: skip
_AT_OPENING = {"opened": "1", **{name: name for name in _FLAGS}}
_AT_DUE = {
    "due": "1",
    "due_verified": "verified",
    "due_replied": "replied",
    "due_replied_in_time": "replied_in_time",
    "due_upheld": "upheld",
    "due_rectified": "upheld * rectified",
    "due_rectified_in_time": "upheld * rectified_in_time",
}
_AT_CALL_DUE = {
    "call_due": "1",
    "call_due_called": "called",
    "call_due_reached": "reached",
    "call_due_satisfied": "satisfied",
}


def _counted_at(day: str, given: dict[str, str], source: str) -> str:
    sums = ", ".join(
        f"{given[name]} * sign AS {name}" if name in given else f"0 AS {name}"
        for name in (*OPENED, *DUE, *CALL_DUE)
    )
    # names of ours
    return (
        f"SELECT {day} AS day, department_id, county, city, {sums} "  # noqa: S608
        f"FROM {source} AS counted WHERE {day} IS NOT NULL"
    )


def loop_cells(grain: Grain, source: str) -> str:
    """Return SQL for the cells of a grain of LOOPS that counted orders give, each with its `sign`:
    +1 as it stands now, −1 as it was counted before.
    """
    days = (
        ("opened_day", _AT_OPENING),
        ("answer_due_day", _AT_DUE),
        ("call_due_day", _AT_CALL_DUE),
    )
    parts = " UNION ALL ".join(_counted_at(day, given, source) for day, given in days)
    sums = ", ".join(f"sum({name})::int AS {name}" for name in grain.sums)
    head, group = _keyed(grain)
    return f"SELECT {head}, {sums} FROM ({parts}) AS part GROUP BY {group}"  # noqa: S608


def length_cells(grain: Grain, source: str) -> str:
    """Return SQL for the cells of a grain of LENGTHS that counted orders give."""
    stretches = ", ".join(
        f"({no}::smallint, {name})" for no, name in enumerate(orders.STRETCHES, 1)
    )
    head, group = _keyed(grain, "opened_day")
    return f"""
      SELECT {head}, sum(sign)::int AS n FROM {source} AS counted
        CROSS JOIN LATERAL (VALUES {stretches}) AS walked (stretch, bucket)
       WHERE bucket IS NOT NULL GROUP BY {group}
    """  # noqa: S608 - names of ours


def order_cells(source: str) -> list[tuple[Grain, str]]:
    """Return every grain of orders with SQL for the cells that counted orders give it."""
    loops = [(grain, loop_cells(grain, source)) for grain in LOOPS]
    return loops + [(grain, length_cells(grain, source)) for grain in LENGTHS]


_SEEN = ", ".join(SEEN)


def moved(ids: str) -> str:
    """Return SQL for orders as they stand now (sign 1) and as they were counted last (sign −1)."""
    return f"""(
      SELECT {_SEEN}, 1 AS sign FROM ({orders.counted(ids)}) AS now
      UNION ALL
      SELECT {_SEEN}, -1 AS sign FROM analytics_orderseen WHERE order_id IN ({ids})
    )"""  # noqa: S608 - names of ours


def facts_of(since: str, until: str) -> str:
    """Return SQL for all facts of ratings and services that count on the days between two
    expressions.
    """
    return f"{services.facts_of(since, until)} UNION ALL {ratings.facts_of(since, until)}"


SEEN_NOW = f"(SELECT {_SEEN}, 1 AS sign FROM analytics_orderseen)"  # noqa: S608 - as above


def covered(since: str, until: str) -> str:
    """Return SQL for the facts of these days that the fold has counted."""
    return (
        f"SELECT kind, ref FROM ({facts_of(since, until)}) AS every "  # noqa: S608 - names of ours
        f"EXCEPT SELECT kind, ref FROM ({feed.uncovered(CURSOR)}) AS fresh"
    )


ORDERS = orders.ALL
UNCOVERED_ORDERS = f"SELECT ref FROM {feed.uncovered_refs(CURSOR, Kind.ORDER)} AS fresh (ref)"  # noqa: S608
now = orders.counted


# what facts change, row by row and in a fixed order, for the lake: placeholders are kinds and refs
CHANGES = f"""
SELECT * FROM ({changes("unnest($1::smallint[], $2::bigint[])")}) AS change
 ORDER BY day, county, department_id, item_id, channel, hour, level, sign, service, rated,
          window_id, staff_id, party, gone, come, follow_up, codes
"""  # noqa: S608 - names of ours
