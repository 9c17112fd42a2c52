"""The sweep of the escalation ladder over 100 000 open orders, against the same rows written by
plain SQL in the same run.

quiet      nothing is due: what each minute costs
hundredth  one order in a hundred is due
all        every order is due at once, as after a long outage: rows, steps, audit, notices, tracks
raw        the same rows written by four set-based statements: what the database alone needs

The plan of the query that finds what is due is printed: it must use the partial index. The last
line is one JSON object.
usage: bench/sweep.py [--orders 100000]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]
os.environ["HCP_HOME"] = tempfile.mkdtemp(prefix="hcp-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "haochaping.config.settings"

import django  # noqa: E402 - settings first

django.setup()

import msgspec  # noqa: E402 - as above
from stack import HCP  # noqa: E402 - the tests' way to run the platform

from haochaping.config import settings  # noqa: E402 - after django.setup
from haochaping.kernel.db import rows  # noqa: E402 - as above
from haochaping.orders import actions  # noqa: E402 - as above
from haochaping.policies.rules import Terms  # noqa: E402 - as above

_NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # a Wednesday, office hours
_FILL = """
INSERT INTO orders_order (number, evaluation_id, level, region, city, item_id, rated_department_id,
  department_id, state, due_at, provisional,
  calendar_version, terms, opened_at, moved_at, dispatched_at, is_complex, extension, extended,
    objected, set_aside, reopened, declined,
  rung, climb_at)
SELECT 'B' || n, n, 1, 320700000000 + (n % 6) * 1000000, 320700, 1, 1 + n % 50, 1 + n % 50,
  'rectifying', $1::timestamptz + interval '3 days', false,
  1, $2::jsonb, $1::timestamptz - interval '2 days', $1::timestamptz - interval '2 days',
    $1::timestamptz - interval '2 days',
  false, 0, false, false, false, 0, 0, 2, $1::timestamptz + interval '4 days'
  FROM generate_series($3::int, $4::int) AS n
"""
_ORDER = "FROM orders_order"
_RAW = (
    "UPDATE orders_order SET rung = rung + 1, climb_at = climb_at + interval '2 days'",
    f"""INSERT INTO orders_step (order_id, move, state, given, before, by, at)
    SELECT id, 'urge', state, '{{}}', '{{}}', 0, now() {_ORDER}""",
    f"""INSERT INTO audit_entry (at, by, verb, subject, subject_id, region, details)
    SELECT now(), 0, 'urge', 'order', id, region, '{{}}' {_ORDER}""",
    f"""INSERT INTO notifications_notice
      (office, "right", department_id, topic, subject_id, label, at)
    SELECT region, 'handle', department_id, 'urge', id, number, now() {_ORDER}""",
)


def timed(what: str, at: datetime) -> float:
    """Sweep and return the seconds."""
    began = time.perf_counter()
    climbed = actions.sweep(at=at)
    spent = time.perf_counter() - began
    print(f"{what:<10} {climbed:>8,} rungs {spent:8.2f} s", flush=True)
    return spent


def measure(orders: int) -> dict[str, float]:
    """Fill, sweep, and write the same by hand."""
    terms = msgspec.json.encode(Terms()).decode()
    for start in range(1, orders + 1, 20_000):
        rows(_FILL, _NOW, terms, start, min(start + 19_999, orders))
    rows("ANALYZE orders_order")
    plan = rows(
        "EXPLAIN SELECT id FROM orders_order WHERE climb_at <= $1 AND ($2::bigint IS NULL OR id = "
        "$2) ORDER BY climb_at LIMIT 500",
        _NOW,
        None,
    )
    print("\n".join(row["QUERY PLAN"] for row in plan))
    assert any("orders_to_climb" in row["QUERY PLAN"] for row in plan)
    quiet = timed("quiet", _NOW)
    rows("UPDATE orders_order SET climb_at = $1 WHERE id % 100 = 0", _NOW)
    hundredth = timed("hundredth", _NOW)
    rows("UPDATE orders_order SET climb_at = $1, rung = 2", _NOW + timedelta(hours=1))
    everything = timed("all", _NOW + timedelta(hours=1))
    began = time.perf_counter()
    for statement in _RAW:
        rows(statement)
    raw = time.perf_counter() - began
    print(f"raw        {orders:>8,} rows  {raw:8.2f} s")
    return {
        "orders": orders,
        "quiet_s": round(quiet, 3),
        "hundredth_s": round(hundredth, 2),
        "all_s": round(everything, 1),
        "per_s": round(orders / everything),
        "raw_over_all": round(raw / everything, 2),
    }


def main() -> None:
    """Start a database of our own, measure, and stop it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, default=100_000)
    asked = options.parse_args()
    settings.embedded.start()
    try:
        for command in ("migrate", "seed"):
            subprocess.run([*HCP, command], check=True)
        print(json.dumps(measure(asked.orders)))
    finally:
        settings.embedded.stop()


if __name__ == "__main__":
    main()
