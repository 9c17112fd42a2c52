"""Millions of ratings through the signed batch interface, with repetitions: memory must stay flat,
nothing lost, nothing stored twice.

Two collectors' worth of clients register and rate in batches of 1000 while a worker numbers,
screens and counts; every hundredth batch is sent twice.
The last line is one JSON object: `ratings_per_s`, `rss_growth` (last over first quarter, of the
collector), `lost`, `double`, `figures_equal`; of the figures behind intake, how many facts were
not counted yet (`fold_lag`: median and most, asked each second) and how many seconds after the last
answer all were (`fold_after_s`).
usage: bench/soak.py [--ratings 1000000]
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import intake  # its first lines set the environment up
import load
import uvloop

from haochaping.config import settings

_WRITERS = 4


def resident_mb(pid: int) -> float:
    """Return the memory of a process in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def pour(port: int, key: tuple[str, str], ratings: int, watched: int) -> dict[str, Any]:
    """Send everything; return what was acknowledged and the memory on the way."""
    numbers, batches = count(), iter(range(ratings // 1000))
    told = {"accepted": 0, "repeated": 0}
    memory: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for part in batches:
            chosen = [next(numbers) for _ in range(1000)]
            for path, make in (("records", load.record), ("evaluations", load.rating)):
                content = [make(number) for number in chosen]
                for again in range(2 if part % 100 == 0 else 1):
                    request = load.request(f"/api/v1/{path}/batch", key, content, part * 4 + again)
                    status, body = await load.send(reader, writer, request)
                    if status != 200:
                        raise RuntimeError(body[:300])
                    if path == "evaluations":
                        told["accepted"] += body.count(b'"accepted"')
                        told["repeated"] += body.count(b'"duplicate"')
            if part % 20 == 0:
                memory.append(resident_mb(watched))
            if part % 500 == 0:
                print(f"{part * 1000:>10,} ratings, collector {memory[-1]:.0f} MB", flush=True)
        writer.close()

    await asyncio.gather(*(client() for _ in range(_WRITERS)))
    return {**told, "memory": memory}


_LAG = """
SELECT (SELECT no FROM feed_head) - (SELECT no FROM feed_cursor WHERE name = 'rollup')
       + (SELECT count(*) FROM feed_pending)
"""


async def lag_of(dsn: str, seen: list[int]) -> None:
    """Note each second how many facts the figures do not have yet, until cancelled."""
    connection = await asyncpg.connect(dsn)
    try:
        while True:
            seen.append(int(await connection.fetchval(_LAG) or 0))
            await asyncio.sleep(1)
    finally:
        await connection.close()


async def watched(dsn: str, port: int, key: tuple[str, str], ratings: int, pid: int) -> Any:
    """Pour while the lag of the figures is noted; return what `pour` does and the lags."""
    seen: list[int] = []
    lag = asyncio.create_task(lag_of(dsn, seen))
    told = await pour(port, key, ratings, pid)
    lag.cancel()
    return told, seen


async def followed(dsn: str) -> dict[str, int]:
    """Wait until the worker has counted everything; return stored rows and counted ratings."""
    connection = await asyncpg.connect(dsn)
    try:
        while True:
            waiting = await connection.fetchval("SELECT count(*) FROM feed_pending")
            behind = await connection.fetchval(
                "SELECT count(*) FROM feed_cursor WHERE no < (SELECT no FROM feed_head)"
            )
            if not waiting and not behind:
                break
            await asyncio.sleep(1)
        # but for those with which the worker tests the channels
        stored = await connection.fetchval(
            "SELECT count(*) FROM evaluations_evaluation WHERE origin <> 3"
        )
        counted = await connection.fetchval(
            "SELECT sum(n5 + n4 + n3 + n2 + n1) FROM analytics_placeday"
        )
        return {"stored": stored, "counted": counted}
    finally:
        await connection.close()


def main() -> None:
    """Start a database, a collector and a worker of our own; pour; compare; stop."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ratings", type=int, default=1_000_000)
    asked = options.parse_args()
    settings.embedded.start()
    worker: subprocess.Popen[bytes] | None = None
    server: intake.Server | None = None
    try:
        for command in ("migrate", "seed"):
            subprocess.run([*intake.HCP, command], check=True)
        said = subprocess.run(
            [*intake.HCP, "issue-key", "bench"], check=True, capture_output=True, text=True
        ).stdout.split()
        key = said[said.index("id") + 1], said[said.index("secret") + 1]
        server, worker = intake.Server("group"), subprocess.Popen([*intake.HCP, "worker"])
        uvloop.run(load.until_up(server.port))
        began = time.perf_counter()
        dsn = settings.database_url(owner=True)
        told, lags = uvloop.run(watched(dsn, server.port, key, asked.ratings, server.process.pid))
        spent = time.perf_counter() - began
        found = uvloop.run(followed(dsn))
        after = time.perf_counter() - began - spent
        quarter = max(1, len(told["memory"]) // 4)
        growth = statistics.median(told["memory"][-quarter:]) / statistics.median(
            told["memory"][quarter : 2 * quarter] or told["memory"]
        )
        figures = {
            "ratings": told["accepted"],
            "repeated": told["repeated"],
            "ratings_per_s": round(told["accepted"] / spent),
            "rss_mb": round(told["memory"][-1]),
            "rss_growth": round(growth, 3),
            "lost": told["accepted"] - found["stored"],
            "double": found["stored"] - asked.ratings // 1000 * 1000,
            "figures_equal": found["counted"] == found["stored"],
            "fold_lag": [round(statistics.median(lags)), max(lags)],
            "fold_after_s": round(after, 1),
        }
        print(json.dumps(figures))
    finally:
        if server is not None:
            server.stop()
        if worker is not None:
            worker.terminate()
            worker.wait(30)
        settings.embedded.stop()


if __name__ == "__main__":
    sys.exit(main())
