"""Intake against the limits of this machine, all measured in the same run.

single  signed ratings one by one at 64 connections, against the same handler without a database
        (bare) and with one transaction per request through a pool (naive)
batch   signed batches of 1000 ratings, against raw COPY of the same rows into the same indexed,
        partitioned table

alone   one connection, through the socket that `hcp serve` opens and hands on

The last line is one JSON object. Rounds are interleaved, because the machine is shared; figures
are medians of the rounds, and batch_over_copy is the median over pairs that ran one right after
the other.
usage: bench/intake.py [--seconds 4] [--rounds 3] [--connections 64]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import uvloop

sys.path[:0] = [
    str(Path(__file__).resolve().parents[1] / "tests"),
    str(Path(__file__).resolve().parent),
]
os.environ["HCP_CLIENT_PER_MINUTE"] = "100000000"  # one client is the whole load here
os.environ["HCP_HOME"] = tempfile.mkdtemp(prefix="hcp-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "haochaping.config.settings"

import django  # noqa: E402 - people.py knows models

django.setup()

import load  # noqa: E402 - the client side of this benchmark
from stack import HCP, free_port  # noqa: E402 - the tests' way to run the platform

from haochaping.config import settings  # noqa: E402 - after django.setup
from haochaping.site import ports  # noqa: E402

APPS = {
    "group": "haochaping.intake.collect:app",
    "naive": "variants:naive",
    "bare": "variants:bare",
}
_COPIED = 50_000  # rows of a turn of COPY
_TURNS = 4  # of batches and COPY in a round


class Server:
    """A collector of one variant, in a process of its own; `served` is the one that users meet."""

    def __init__(self, variant: str) -> None:
        self.port = free_port()
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent)}
        if variant == "served":
            door = ports.listen("127.0.0.1", self.port)
            command = [sys.executable, "-m", "haochaping.intake.server", "--fd", str(door)]
            self.process = subprocess.Popen(command, env=env, pass_fds=(door,))
            return
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            APPS[variant],
            "--port",
            str(self.port),
            "--log-level",
            "error",
            "--no-access-log",
        ]
        self.process = subprocess.Popen(command, env=env)

    def stop(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(20)

    def cpu_seconds(self) -> float:
        """Return the CPU time that the server has used."""
        return cpu_seconds(self.process.pid)


def cpu_seconds(pid: int, *, with_children: bool = False) -> float:
    """Return the CPU time that a process has used, with that of its children, alive and ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    spent = sum(map(int, fields[11 : 15 if with_children else 13])) / os.sysconf("SC_CLK_TCK")
    if with_children:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(
                OSError
            ):  # it ended in between, and is counted with its parent from now on
                spent += cpu_seconds(int(child))
    return spent


async def copy_rate(dsn: str, hashes: Iterator[int], rows: int) -> float:
    """Return rows per second of raw COPY of ratings into a table with the same columns, key and
    index, in transactions of 1000.
    """
    connection = await asyncpg.connect(dsn)
    try:
        columns = await connection.fetch("SELECT * FROM evaluations_evaluation LIMIT 1000")
        names = list(columns[0].keys())
        place = names.index("id")
        low = columns[0]["id"] & ~0xFFFFFFFF
        values = [tuple(row.values()) for row in columns]
        spent = 0.0
        for _ in range(rows // 1000):
            keys = [
                low + next(hashes) for _ in values
            ]  # like those of the ratings in this run: hashes within one second
            chunk = [
                (*row[:place], key, *row[place + 1 :])
                for key, row in zip(keys, values, strict=True)
            ]
            began = time.perf_counter()
            await connection.copy_records_to_table("bench_copy", records=chunk, columns=names)
            spent += time.perf_counter() - began
        return rows / spent
    finally:
        await connection.close()


async def one_by_one(
    port: int, key: tuple[str, str], numbers: Iterator[int], seconds: float
) -> float:
    """Return the median milliseconds of a rating at one connection through the served socket."""
    served = Server("served")
    try:
        await load.until_up(served.port)
        prepared = await load.prepare(port, key, numbers, number=int(seconds * 2000))
        return (await load.singles(served.port, key, prepared, 1, seconds)).p50_ms
    finally:
        served.stop()


async def measure(
    options: argparse.Namespace, owner: str, app: str, key: tuple[str, str]
) -> dict[str, Any]:
    """Run every variant in interleaved rounds and return the figures."""
    numbers = count()
    hashes = iter(Random(1).sample(range(1 << 32), options.rounds * _TURNS * _COPIED))
    servers = {variant: Server(variant) for variant in APPS}
    rates: dict[str, list[float]] = {name: [] for name in (*APPS, "batch", "copy")}
    p99: list[float] = []
    cpu: list[float] = []
    postmaster = settings.embedded.pid() or 0
    try:
        for server in servers.values():
            await load.until_up(server.port)
        setup = await asyncpg.connect(owner)
        await load.batches(servers["group"].port, key, numbers, seconds=0.5)
        await setup.execute(
            "CREATE TABLE bench_copy (LIKE evaluations_evaluation INCLUDING ALL) PARTITION BY "
            "RANGE (id)"
        )
        await setup.execute("CREATE TABLE bench_copy_all PARTITION OF bench_copy DEFAULT")
        await setup.execute("GRANT ALL ON bench_copy, bench_copy_all TO hcp_app")
        await setup.close()
        for round_ in range(options.rounds):
            for variant, server in servers.items():
                prepared = await load.prepare(
                    servers["group"].port, key, numbers, number=int(options.seconds * 14000)
                )
                before = server.cpu_seconds() + cpu_seconds(postmaster, with_children=True)
                run = await load.singles(
                    server.port, key, prepared, options.connections, options.seconds
                )
                rates[variant].append(run.rate)
                if variant == "group":
                    p99.append(run.p99_ms)
                    spent = (
                        server.cpu_seconds() + cpu_seconds(postmaster, with_children=True) - before
                    )
                    cpu.append(spent / max(run.done, 1) * 1e6)
                print(
                    f"round {round_ + 1} {variant:<6} {run.rate:9,.0f}/s  p50 {run.p50_ms:6.1f} ms "
                    f" p99 {run.p99_ms:6.1f} ms  errors {run.errors}",
                    flush=True,
                )
            for _ in range(
                _TURNS
            ):  # close together in time, for the machine's speed changes from second to second
                rates["batch"].append(
                    await load.batches(
                        servers["group"].port, key, numbers, seconds=options.seconds / _TURNS
                    )
                )
                rates["copy"].append(await copy_rate(app, hashes, _COPIED))
                print(
                    f"round {round_ + 1} batch  {rates['batch'][-1]:9,.0f}/s  raw COPY "
                    f"{rates['copy'][-1]:9,.0f}/s",
                    flush=True,
                )
        alone = await one_by_one(servers["group"].port, key, numbers, options.seconds)
    finally:
        for server in servers.values():
            server.stop()
    middle = {name: statistics.median(values) for name, values in rates.items()}
    pairs = [batch / copied for batch, copied in zip(rates["batch"], rates["copy"], strict=True)]
    return {
        "single_per_s": round(middle["group"]),
        "single_over_naive": round(middle["group"] / middle["naive"], 2),
        "single_over_bare": round(middle["group"] / middle["bare"], 2),
        "batch_per_s": round(middle["batch"]),
        "batch_over_copy": round(statistics.median(pairs), 2),
        "p99_ms": round(statistics.median(p99), 1),
        "p50_ms": round(alone, 2),
        "cpu_us": round(statistics.median(cpu)),
        "connections": options.connections,
    }


def main() -> None:
    """Start a database of our own, measure, and stop it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--connections", type=int, default=64)
    asked = options.parse_args()
    settings.embedded.start()
    try:
        for command in ("migrate", "seed"):
            subprocess.run([*HCP, command], check=True)
        said = subprocess.run(
            [*HCP, "issue-key", "bench"], check=True, capture_output=True, text=True
        ).stdout.split()
        key = said[said.index("id") + 1], said[said.index("secret") + 1]
        owner, app = settings.database_url(owner=True), settings.database_url(owner=False)
        print(json.dumps(uvloop.run(measure(asked, owner, app, key))))
    finally:
        settings.embedded.stop()


if __name__ == "__main__":
    main()
