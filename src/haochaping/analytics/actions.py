"""Folding the feed into the roll-ups, and making days of them anew from the facts themselves."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from haochaping.analytics.queries import counting
from haochaping.analytics.rules import grains
from haochaping.analytics.rules.grains import GRAINS, Grain
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

CURSOR = counting.CURSOR


def _added(grain: Grain, cells: str) -> str:
    """Return SQL that adds cells to a grain's table. Upserts go in key order, so that two writers
    wait for each other instead of deadlocking.
    """
    key = ", ".join(("day", *grain.keys))
    columns = ", ".join(grain.columns)
    added = ", ".join(f"{name} = {grain.table}.{name} + excluded.{name}" for name in grain.sums)
    return (
        f"INSERT INTO {grain.table} ({columns}) SELECT {columns} FROM ({cells}) AS cell "  # noqa: S608
        f"ORDER BY {key} ON CONFLICT ({key}) DO UPDATE SET {added}"
    )


_FACTS = "unnest($1::smallint[], $2::bigint[])"
_NEEDED = ", ".join(
    f"to_{no} AS ({_added(grain, counting.cells(grain, 'change'))})"
    for no, grain in enumerate(GRAINS)
)
# the facts are looked up once, for all grains together
_FOLD_RATINGS = f"WITH change AS MATERIALIZED ({counting.changes(_FACTS)}), {_NEEDED} SELECT 1"


def _raters(facts: str, where: str = "true") -> str:
    """Return SQL that raises the registers which the raters among facts touch."""
    return f"""
    INSERT INTO analytics_register (day, city, bucket, rho, region)
    SELECT day, city, bucket, rho,
           CASE city WHEN 0 THEN {PROVINCE_OF_THE_PLATFORM} ELSE city * 1000000::bigint END
      FROM ({counting.registers(facts)}) AS touched
     WHERE {where}
     ORDER BY day, city, bucket
    ON CONFLICT (day, city, bucket) DO UPDATE SET rho = excluded.rho
     WHERE analytics_register.rho < excluded.rho
    """  # noqa: S608 - built from constants


_FOLD_RATERS = _raters(_FACTS)
_IDS = "SELECT unnest($1::bigint[])"
_SEEN = ", ".join(counting.SEEN)
_OF_ORDERS = ", ".join(
    f"to_{no} AS ({_added(grain, cells)})"
    for no, (grain, cells) in enumerate(counting.order_cells("moved"))
)
# One statement and so one snapshot: what is added now is what is remembered to be taken away.
_FOLD_ORDERS = f"""
WITH moved AS MATERIALIZED {counting.moved(_IDS)}, {_OF_ORDERS}
INSERT INTO analytics_orderseen ({_SEEN}) SELECT {_SEEN} FROM moved WHERE sign = 1
ON CONFLICT (order_id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in counting.SEEN[1:])}
"""  # noqa: S608 - built from constants


def fold() -> int:
    """Fold the next facts of the feed into the roll-ups, moving the cursor in the same transaction.

    Return how many were read.
    """
    return feed.follow(name=CURSOR, effect=_fold)


def _fold(facts: Sequence[tuple[int, int]]) -> None:
    counted = [fact for fact in facts if fact[0] != Kind.ORDER]
    kinds, refs = [kind for kind, _ in counted], [ref for _, ref in counted]
    if counted:
        rows(_FOLD_RATINGS, kinds, refs)
        rows(_FOLD_RATERS, kinds, refs)
    if orders := sorted({ref for kind, ref in facts if kind == Kind.ORDER}):
        rows(_FOLD_ORDERS, orders)


@transaction.atomic
def rebuild(*, since: date, until: date) -> None:
    """Make the roll-ups of whole months anew from the facts themselves, up to where the fold has
    come; readers see the old ones until it is done, and intake goes on.

    Doing it again changes nothing. Registers of people are only raised: who was erased since is
    behind them still, and nobody knows in which.
    """
    first, last = grains.month_of(since), grains.last_of_month(until)
    feed.hold(name=CURSOR)
    facts = f"({counting.covered('$1::date', '$2::date')})"
    for grain in GRAINS:
        _empty(grain.table, first, last)
    cells = ", ".join(
        f"to_{no} AS ({_added(grain, _within(counting.cells(grain, 'change')))})"
        for no, grain in enumerate(GRAINS)
    )
    rows(f"WITH change AS MATERIALIZED ({counting.changes(facts)}), {cells} SELECT 1", first, last)
    rows(_raters(facts, "day BETWEEN $1::date AND $2::date"), first, last)


def rebuild_all(*, since: date, until: date) -> None:
    """Make every month of a period anew, each in a transaction of its own, and the loop."""
    month = grains.month_of(since)
    while month <= until:
        rebuild(since=month, until=month)
        month = grains.next_month(month)
    rebuild_loop()


def _within(cells: str) -> str:
    return f"SELECT * FROM ({cells}) AS cell WHERE day BETWEEN $1::date AND $2::date"  # noqa: S608


def _empty(table: str, since: date, until: date) -> None:
    rows(f"DELETE FROM {table} WHERE day BETWEEN $1::date AND $2::date", since, until)  # noqa: S608


@transaction.atomic
def rebuild_loop() -> None:
    """Make the roll-ups of orders anew from the orders as they were counted last."""
    feed.hold(name=CURSOR)
    for grain, cells in counting.order_cells(counting.SEEN_NOW):
        rows(f"DELETE FROM {grain.table}")  # noqa: S608
        rows(_added(grain, cells))
