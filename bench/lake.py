"""Ratings of a province at any size, and the cells that they make, for benchmarks.

DuckDB throws the dice (hashes, so that a size is the same every time) into Parquet month by month,
and counts the cells of every grain with the SQL of the fold itself (`analytics.queries.counting`).
The cells are copied into the real tables; single ratings stay in the Parquet, and of them only the
bad ones are known to PostgreSQL, as orders. A service that nobody rated is a row without a level.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from province import SLOTS, World, shared

from haochaping.analytics.queries import Cut, counting
from haochaping.analytics.rules.grains import GRAINS, month_of
from haochaping.orders.queries.counting import STRETCHES

MONTHS = 24
SERVICES = 1.4  # for each rating
_WEEKDAYS = (1.25, 1.15, 1.1, 1.05, 1.15, 0.35, 0.25)  # Monday first
_COLUMNS = (
    "first",
    "last",
    "item_id",
    "department_id",
    "county",
    "city",
    "windows_from",
    "windows",
)


def _picked(codes: Sequence[int], dice: int) -> str:
    """Return SQL that chooses one of the codes of a level, the first ones more often."""
    place = f"1 + floor({len(codes)} * pow(dice(no, {dice}), 2))::int"
    return f"[{', '.join(map(str, codes))}][{place}]"


class Lake:
    """The ratings as Parquet, a file a month, and DuckDB over them."""

    def __init__(self, folder: Path, ratings: int, today: date) -> None:
        self.folder, self.ratings, self.today = folder, ratings, today
        folder.mkdir(parents=True, exist_ok=True)
        self.con = duckdb.connect(
            config={"threads": 2, "memory_limit": "6GB", "temp_directory": str(folder / "spill")}
        )
        self.con.execute("SET enable_progress_bar = false")
        # odd constants, so that no two dice of a number fall alike
        self.con.execute(
            "CREATE MACRO dice(no, k) AS (hash(no * 64 + k) % 16777216)::double / 16777216"
        )

    @property
    def months(self) -> list[date]:
        """The months, the last one as far as today."""
        found = [month_of(self.today)]
        while len(found) < MONTHS:
            found.append(month_of(found[-1] - timedelta(days=1)))
        return found[::-1]

    def file(self, month: date) -> Path:
        """Return the file of a month."""
        return self.folder / f"{month:%Y-%m}.parquet"

    def scanned(self, cut: Cut, by: str) -> dict[Any, tuple[int, ...]]:
        """Return the ratings of a cut by a column and level, from the raw rows."""
        key = "date_trunc('month', day)::date" if by == "month" else by
        where = f"AND department_id = {cut.department_id}" if cut.department_id else ""
        low, high = (end // 10**6 for end in cut.scope)
        levels = ", ".join(f"count(*) FILTER (level = {n})" for n in range(5, 0, -1))
        found = self.con.execute(
            f"SELECT {key}, {levels} FROM read_parquet('{self.folder}/*.parquet') "
            f"WHERE day BETWEEN '{cut.since}' AND '{cut.until}' "
            f"AND county BETWEEN {low} AND {high} AND level IS NOT NULL {where} GROUP BY 1"
        )
        return {row[0]: row[1:] for row in found.fetchall()}

    def prepare(self, world: World, codes: Iterable[int]) -> None:
        """Load the wheel, and share the services out over the days."""
        con, self.codes = self.con, defaultdict[int, list[int]](list)
        for code in codes:
            self.codes[code // 100].append(code)
        ints = ", ".join(f"{name} INTEGER" for name in _COLUMNS)
        con.execute(f"CREATE OR REPLACE TEMP TABLE wheel ({ints})")
        places = ", ".join("?" for _ in _COLUMNS)
        con.executemany(f"INSERT INTO wheel VALUES ({places})", world.wheel())
        con.execute(
            "CREATE OR REPLACE TEMP TABLE slots AS SELECT unnest(range(first, last)) AS slot, "
            "wheel.* EXCLUDE (first, last) FROM wheel"
        )
        days = [self.months[0]]
        while days[-1] < self.today:
            days.append(days[-1] + timedelta(days=1))
        weights = [_WEEKDAYS[day.weekday()] * (1 + n / len(days)) for n, day in enumerate(days)]
        self.shares: dict[date, tuple[int, int]] = {}
        first = 0
        for day, n in zip(days, shared(round(self.ratings * SERVICES), weights), strict=True):
            self.shares[day] = (first, n)
            first += n

    def _numbers(self, month: date) -> str:
        return " UNION ALL ".join(
            f"SELECT DATE '{day}' AS day, unnest(range({first}, {first + n})) AS no"
            for day, (first, n) in self.shares.items()
            if month_of(day) == month
        )

    def throw(self, month: date) -> None:
        """Make the services and ratings of a month, unless they are there."""
        if self.file(month).exists():
            return
        scratch = self.file(month).with_suffix(".new")
        picks = " ".join(
            f"WHEN level = {level} AND ({level} <= 2 OR dice(no, 12) < 0.15) THEN "
            f"CASE WHEN {level} <= 2 AND dice(no, 13) < 0.3 "
            f"THEN list_distinct([{_picked(codes, 14)}, {_picked(codes, 15)}]) "
            f"ELSE [{_picked(codes, 14)}] END"
            for level, codes in self.codes.items()
        )
        self.con.execute(f"COPY ({_THROW.format(numbers=self._numbers(month), picks=picks)}) "
                         f"TO '{scratch}' (FORMAT parquet, COMPRESSION zstd)")  # fmt: skip
        scratch.rename(self.file(month))

    def count(self, month: date) -> Iterator[tuple[str, str, str]]:
        """Yield the cells of a month: table, columns, SQL."""
        self.con.execute(_CHANGE.format(file=self.file(month)))
        self.con.execute(_BAD.format(file=self.file(month)))
        for grain in GRAINS:
            yield grain.table, ", ".join(grain.columns), counting.cells(grain, "change")
        yield "analytics_register", "day, city, bucket, rho, region", _REGISTERS

    def loop(self) -> Iterator[tuple[str, str, str]]:
        """Yield the orders and their cells; a bad rating made one each."""
        lengths = ", ".join(
            f"CASE WHEN walked > {n} THEN (60 + floor(90 * dice(no, {30 + n})))::smallint END "
            f"AS {name}"
            for n, name in enumerate(STRETCHES)
        )
        self.con.execute(_LOOPED.format(lengths=lengths, today=self.today))
        for grain, cells in counting.order_cells("looped"):
            yield grain.table, ", ".join(grain.columns), cells
        selected = ", ".join(f"{value} AS {name}" for name, value in _ORDER.items())
        yield "orders_order", ", ".join(_ORDER), f"SELECT {selected} FROM looped ORDER BY no"


_AT = "[4,4,4,4,4,4,4,4,4,4,4,4,4,3,3,3,3,5,7,8]"
_ONLINE = "[2,2,2,2,2,2,2,2,2,1,1,1,1,1,8,8,9,9,7,6]"
_OPEN = "[9,9,9,10,10,10,10,11,11,12,13,14,14,14,15,15,15,16,16,17]"
_AWAKE = "[7,8,8,9,9,10,10,11,12,13,14,14,15,16,17,18,19,20,20,21]"
_THROW = f"""
SELECT * EXCLUDE (here, bad), CASE WHEN level <= 2 AND dice(no, 16) < 0.004 THEN level ELSE 0
       END::utinyint AS gone, CASE WHEN level IS NOT NULL AND dice(no, 17) < 0.004
       THEN 1 + floor(3 * dice(no, 18)) ELSE 0 END::utinyint AS follow,
       (CASE {{picks}} ELSE [] END)::smallint[] AS codes
  FROM (
    SELECT *, CASE WHEN dice(no, 10) >= {1 / SERVICES} THEN NULL WHEN dice(no, 11) < bad * 0.35
           THEN 1 WHEN dice(no, 11) < bad THEN 2 WHEN dice(no, 11) < bad + 0.03 THEN 3
           WHEN dice(no, 11) < bad + 0.15 THEN 4 ELSE 5 END::utinyint AS level
      FROM (
        SELECT no, day, county, city, department_id, item_id,
               windows > 0 AND dice(no, 2) < 0.62 AS here,
               CASE WHEN here THEN windows_from + floor(windows * pow(dice(no, 3), 1.6))
               END::integer AS window_id,
               (window_id * 2 - (dice(no, 4) < 0.35)::int)::integer AS staff_id,
               CASE WHEN here THEN {_AT}[1 + floor(20 * dice(no, 5))::int]
               ELSE {_ONLINE}[1 + floor(20 * dice(no, 5))::int] END::utinyint AS channel,
               CASE WHEN here THEN {_OPEN}[1 + floor(20 * dice(no, 6))::int]
               ELSE {_AWAKE}[1 + floor(20 * dice(no, 6))::int] END::utinyint AS hour,
               (1 + (dice(no, 7) < 0.05 + 0.4 * dice(item_id, 8))::int)::utinyint AS party,
               0.017 * (0.3 + 1.4 * dice(department_id, 9)) AS bad
          FROM ({{numbers}}) AS numbers JOIN slots ON slot = hash(no) % {SLOTS}
      ) AS placed
  ) AS rated
"""
_CHANGE = """
CREATE OR REPLACE TEMP TABLE change AS
WITH month AS (SELECT * FROM read_parquet('{file}'))
SELECT day, county, city, department_id, item_id, window_id, staff_id, party, channel, hour,
       1::tinyint AS sign, level, gone, 0::tinyint AS come, (follow > 0)::int AS follow_up,
       (follow = 1)::int AS improved, (follow = 2)::int AS worsened, (gone > 0)::int AS aside,
       codes, CASE WHEN gone > 0 THEN codes ELSE [] END AS codes_gone, []::smallint[] AS codes_come,
       0 AS service, 0 AS rated FROM month WHERE level IS NOT NULL
UNION ALL
SELECT day, county, city, department_id, item_id, window_id, staff_id, party, 0, NULL,
       0, 0, 0, 0, 0, 0, 0, 0, [], [], [], 1, (level IS NOT NULL)::int FROM month
"""
_BAD = """
CREATE TABLE IF NOT EXISTS bad AS SELECT * FROM read_parquet('{file}') LIMIT 0;
INSERT INTO bad SELECT * FROM read_parquet('{file}') WHERE level <= 2
"""
# the greatest of so many draws of a rank, at once
_REGISTERS = """
WITH touched AS (
  SELECT date_trunc('month', day)::date AS day, city, bucket::smallint AS bucket,
         least(33, floor(log2(people / 4096 / -ln(dice(bucket * 100000 + city % 100000, 20))) + 1))
           ::smallint AS rho
    FROM (SELECT day, city, count(*) * 0.6 AS people FROM
            (SELECT date_trunc('month', day) AS day, city FROM change WHERE sign = 1) AS given
           GROUP BY ALL) AS cities CROSS JOIN range(4096) AS buckets (bucket)
   WHERE people / 4096 / -ln(dice(bucket * 100000 + city % 100000, 20)) >= 1
)
SELECT day, city, bucket, rho, city * 1000000::bigint AS region FROM touched
UNION ALL SELECT day, 0, bucket, max(rho), 320000000000 FROM touched GROUP BY day, bucket
"""
_LOOPED = """
CREATE OR REPLACE TEMP TABLE looped AS
SELECT *, (walked > 0)::int AS dispatched, (walked > 2)::int AS verified,
       (walked > 2 AND dice(no, 25) < 0.6)::int AS upheld, upheld * (walked > 3)::int AS rectified,
       (walked > 4)::int AS replied, (walked > 5)::int AS called,
       called * (dice(no, 26) < 0.8)::int AS reached,
       reached * (dice(no, 27) < 0.7)::int AS satisfied,
       (walked > 6)::int AS closed, (dice(no, 28) < 0.03)::int AS reopened,
       (dice(no, 29) < 0.02)::int AS returned, (dice(no, 40) < 0.04)::int AS extended,
       (dice(no, 41) < 0.03)::int AS objected, objected * (dice(no, 42) < 0.3)::int AS
       objections_upheld, replied * (dice(no, 43) < 0.95)::int AS replied_in_time,
       rectified * (dice(no, 44) < 0.9)::int AS rectified_in_time, 1 AS sign, {lengths}
  FROM (
    SELECT no, day AS opened_day, county, city, department_id, item_id, window_id, level,
           CASE WHEN age > 30 THEN 7 - (dice(no, 22) < 0.02)::int
           ELSE least(7, floor(age * (0.3 + dice(no, 23))))::int END AS walked,
           opened_day + 15 AS answer_due_day,
           CASE WHEN walked > 4 THEN opened_day + 20 END AS call_due_day
      FROM (SELECT *, DATE '{today}' - day AS age FROM bad) AS aged
  ) AS going
"""
_OPENED_AT = "opened_day + to_hours(2) + to_seconds((no % 28000)::int)"
_ORDER = {
    "number": "'CP' || strftime(opened_day, '%Y%m%d') || '-' || no % 100000000",
    "evaluation_id": "no + 1",
    "level": "level",
    "region": "county * 1000000::bigint",
    "city": "city",
    "item_id": "item_id",
    "window_id": "window_id",
    "rated_department_id": "department_id",
    "department_id": "department_id",
    "state": "['opened', 'dispatched', 'verifying', 'rectifying', 'answering', 'replied', "
    "'called', 'closed'][1 + walked]",
    "due_at": "CASE WHEN walked < 7 THEN opened_day + 15 END",
    "answer_due_at": "answer_due_day",
    "call_due_at": "call_due_day",
    "closed_at": "CASE WHEN walked = 7 THEN opened_day + 18 END",
    "opened_at": _OPENED_AT,
    "moved_at": _OPENED_AT,
    "dispatched_at": f"CASE WHEN walked > 0 THEN {_OPENED_AT} + to_hours(3) END",
    "replied_at": "CASE WHEN walked > 4 THEN opened_day + 12 END",
    "upheld": "CASE WHEN walked > 2 THEN upheld = 1 END",
    **dict.fromkeys(("is_complex", "extended", "objected", "set_aside", "provisional"), "false"),
    **dict.fromkeys(("extension", "reopened", "declined", "rung"), "0"),
    "calendar_version": "1",
    "terms": "'{}'",
}


def copied(lake: Lake, to: psycopg.Connection, cells: Iterable[tuple[str, str, str]]) -> int:
    """Copy what DuckDB selects into tables of PostgreSQL; return the rows."""
    file, whole = lake.folder / "cells.csv", 0
    for table, columns, sql in cells:
        told = lake.con.execute(f"COPY ({sql}) TO '{file}' (HEADER false)").fetchall()
        whole += told[0][0]
        with (
            file.open("rb") as rows,
            to.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as pipe,
        ):
            while part := rows.read(1 << 20):
                pipe.write(part)
        to.commit()
    file.unlink(missing_ok=True)
    return whole
