"""The ledger at volume: how fast leaves are numbered, entered, published, checked, counted again.

sequence   append leaves that are ready: the log alone, against a raw COPY of the same rows
enter      ratings from the feed: facts read, committed to with salts of their own, sealed, appended
publish    tiles written, synced, read back and counted, signed
verify     every leaf hashed again by the standalone program, from the files alone
recount    a day of a million rows counted again from its public files
receipt    one proof checked offline by the standalone program, its start included
intake     ratings handed in one by one while the worker keeps the ledger, over one that keeps none

The last line is one JSON object.
usage: bench/ledger.py [--leaves 300000] [--rows 1000000] [--ratings 50000]
"""

import argparse
import hashlib
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]
os.environ["HCP_CLIENT_PER_MINUTE"] = "100000000"  # one client is the whole load here
os.environ["HCP_HOME"] = tempfile.mkdtemp(prefix="hcp-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "haochaping.config.settings"

import django  # noqa: E402 - settings first

django.setup()

import load  # noqa: E402 - the client side of the benchmarks
from django.db import connection  # noqa: E402 - as above
from stack import HCP  # noqa: E402 - the tests' way to run the platform

from haochaping.config import settings  # noqa: E402 - after django.setup
from haochaping.evaluations import rules as evaluations  # noqa: E402 - as above
from haochaping.feed.rules import Kind  # noqa: E402 - as above
from haochaping.kernel.db import rows  # noqa: E402 - as above
from haochaping.ledger import actions, models, queries  # noqa: E402 - as above
from haochaping.ledger.rules import Leaf, leaf, leaf_hash, root  # noqa: E402 - as above
from haochaping.proofs import actions as proofs  # noqa: E402 - as above
from haochaping.proofs import queries as opened  # noqa: E402 - as above
from haochaping.proofs import rules  # noqa: E402 - as above

_AT = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
_GROUP = 5_000
_WITHOUT = """
import django; django.setup()
from haochaping.config import flow
from haochaping.kernel import schedule
from haochaping.site import worker
flow.PULLS.pop("ledger")
ours = [one for one in schedule.SCHEDULES if not one.name.startswith(("ledger.", "proofs."))]
schedule.SCHEDULES[:] = ours
worker.main()
"""
_FILL = """
INSERT INTO evaluations_evaluation (id, sign, region, city, county, street, day, service_day,
  department_id, item_id, channel, level, codes, words, rated_at, received_at, anonymous, digest,
  origin, stamp)
SELECT id, 1, 320700000000, 320700, 320700, 0, '2026-11-25', '2026-11-25', 1, 1,
  4, 5, '{}', '', $1, $1, true, 1, 1, stamp FROM unnest($2::bigint[], $3::bigint[]) AS n (id, stamp)
"""


def timed(work: Any, number: int) -> float:
    """Return how many a second."""
    began = time.perf_counter()
    work()
    return number / (time.perf_counter() - began)


def raw_copy(bodies: list[bytes]) -> float:
    """COPY the same leaves into a table without a key."""
    rows("CREATE TEMPORARY TABLE raw (no bigint, body bytea)")

    def copy() -> None:
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY raw FROM STDIN") as file,  # type: ignore[attr-defined]
        ):
            for no, body in enumerate(bodies):
                file.write_row((no, body))

    return timed(copy, len(bodies))


def sequence(log: models.Log, bodies: list[bytes]) -> float:
    """Append leaves in groups, each in a transaction of its own."""

    def append() -> None:
        for begin in range(0, len(bodies), _GROUP):
            actions.append(log_id=log.pk, entries=bodies[begin : begin + _GROUP])

    return timed(append, len(bodies))


def enter(number: int) -> float:
    """Enter ratings as the worker does."""
    rows("SELECT hcp_make_month('2026-11-25'::date)")
    keys = [930000000000000000 + n for n in range(1, number + 1)]
    stamped = [evaluations.handed_in((key,), 1, 5, [], "", 4, _AT) for key in keys]
    rows(_FILL, _AT, keys, [settings.KEYRING.fingerprint(one) for one in stamped])
    facts = [(int(Kind.RATING), key) for key in keys]

    def follow() -> None:
        for begin in range(0, number, 10_000):
            proofs.enter(facts=facts[begin : begin + 10_000], at=_AT)

    return timed(follow, number)


def recount(number: int) -> float:
    """Write a day book of so many rows as a day is closed, and count it again with the program."""
    cells = [320700000000 + n * 1_000_000 for n in range(12)]
    made = [
        rules.Row(secrets.token_bytes(32), cells[n % 12], 5 if n % 97 else 1, 0)
        for n in range(number)
    ]
    book = rules.book(made)
    data = b"".join(book)
    spec = importlib.util.spec_from_file_location("v", ROOT / "clients/verify/hcp_verify.py")
    assert spec
    assert spec.loader
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    told = {
        "daybook": {
            "rows": number,
            "root": root(map(leaf_hash, book)).hex(),
            "sha256": hashlib.sha256(data).hexdigest(),
        },
        "rules": {"smallest_cell": rules.SMALLEST},
    }
    began = time.perf_counter()
    program._check_book(told, data)  # noqa: SLF001 - the part of `day` that grows with the day
    assert program._table(data) == rules.table(book)  # noqa: SLF001 - as above
    return time.perf_counter() - began


def program(*words: str) -> float:
    """Run the standalone program; return its seconds, its start included."""
    began = time.perf_counter()
    command = [sys.executable, str(ROOT / "clients/verify/hcp_verify.py"), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def intake() -> float:
    """Return intake with the worker over intake with one that keeps no ledger, in turns."""
    subprocess.run([*HCP, "seed"], check=True)
    said = subprocess.run(
        [*HCP, "issue-key", "bench"], check=True, capture_output=True, text=True
    ).stdout.split()
    key, numbers = (said[said.index("id") + 1], said[said.index("secret") + 1]), count(1)
    without = [sys.executable, "-c", _WITHOUT]
    rates: dict[bool, list[float]] = {True: [], False: []}
    for kept in (False, True, True, False):
        rate = load.beside_worker(key, numbers, 4, () if kept else without)
        print(f"intake {rate:,.0f}/s {'with' if kept else 'without'} a ledger", flush=True)
        rates[kept].append(rate)
    return sum(rates[True]) / sum(rates[False])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leaves", type=int, default=300_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--ratings", type=int, default=50_000)
    given = parser.parse_args()
    subprocess.run([*HCP, "migrate"], check=True, stdout=subprocess.DEVNULL, env=os.environ)
    settings.embedded.start()
    bodies = [leaf(Leaf.SUBMITTED, secrets.token_bytes(32)) for _ in range(given.leaves)]
    log = actions.open_log(name="2026", at=_AT)
    figures: dict[str, float] = {"raw_copy_per_s": raw_copy(bodies)}
    figures["sequence_per_s"] = sequence(log, bodies)
    figures["enter_per_s"] = enter(given.ratings)
    whole = given.leaves + given.ratings
    figures["publish_per_s"] = timed(lambda: actions.publish(log_id=log.pk, at=_AT), whole)
    folder, key = str(queries.folder("2026")), queries.vkeys(log)[0]
    figures["verify_per_s"] = whole / program("log", "--from", folder, "--key", key)
    proof = Path(os.environ["HCP_HOME"]) / "one.tlog-proof"
    proof.write_text(opened.proof_of(930000000000000001) or "")
    figures["receipt_s"] = program("receipt", str(proof), "--key", key)
    figures["recount_s_per_million"] = recount(given.rows) * 1_000_000 / given.rows
    figures["intake_ratio"] = intake()
    for name, value in figures.items():
        print(f"{name:24} {value:12,.3f}")
    figures["sequence_over_copy"] = figures["sequence_per_s"] / figures["raw_copy_per_s"]
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
    settings.embedded.stop()


if __name__ == "__main__":
    main()
