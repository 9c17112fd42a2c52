"""A closed-loop load generator on raw asyncio streams.

It costs little, so that the server is what is measured. Loopback only.
"""

import asyncio
import hashlib
import hmac
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import uvloop
from people import BUREAU, item_of
from stack import HCP, free_port

_TURNS = 3
_HOST = "127.0.0.1"
# A benchmark has a clock of its own.
_SERVED = (datetime.now(UTC) - timedelta(hours=1)).isoformat()  # noqa: TID251


@dataclass(frozen=True)
class Run:
    """What one run gave."""

    rate: float
    done: int
    errors: int
    p50_ms: float
    p99_ms: float


def request(path: str, key: tuple[str, str], content: Any, number: int) -> bytes:
    """Return a signed HTTP/1.1 request as bytes."""
    body = json.dumps(content, separators=(",", ":")).encode()
    kid, secret = key
    moment, nonce = str(int(time.time())), f"n{time.time_ns():x}{number:x}"
    text = "\n".join(
        ["HCP1", "POST", path, "", hashlib.sha256(body).hexdigest(), moment, nonce, kid]
    )
    signature = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-HCP-Key: "
        f"{kid}\r\nX-HCP-Time: {moment}\r\n"
        f"X-HCP-Nonce: {nonce}\r\nX-HCP-Signature: {signature}\r\nContent-Length: {len(body)}\r\n"
        "\r\n"
    )
    return head.encode() + body


async def send(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes
) -> tuple[int, bytes]:
    """Send a request on an open connection and return status and body."""
    writer.write(data)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    return int(head[9:12]), await reader.readexactly(length)


async def until_up(port: int) -> None:
    """Wait until a server answers."""
    for _ in range(300):
        try:
            reader, writer = await asyncio.open_connection(_HOST, port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            # a socket that was handed on takes connections long before anybody answers them
            writer.write(b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            await reader.readline()
            writer.close()
            return
    raise TimeoutError


def record(number: int) -> dict[str, Any]:
    """Return a service record."""
    return {
        "project_no": f"32BENCH{number:012d}",
        "service_number": 1,
        "region": "320700000000",
        "department_code": BUREAU,
        "item_code": item_of(BUREAU),
        "served_at": _SERVED,
    }


def rating(number: int) -> dict[str, Any]:
    """Return a rating of that record."""
    return {
        "project_no": f"32BENCH{number:012d}",
        "service_number": 1,
        "level": 5,
        "channel": 9,
        "codes": [510, 517],
    }


async def prepare(
    port: int, key: tuple[str, str], numbers: "count[int]", number: int
) -> Iterator[int]:
    """Register services to rate and return their numbers."""
    chosen = [next(numbers) for _ in range(number)]
    reader, writer = await asyncio.open_connection(_HOST, port)
    for start in range(0, number, 1000):
        status, body = await send(
            reader,
            writer,
            request(
                "/api/v1/records/batch",
                key,
                [record(n) for n in chosen[start : start + 1000]],
                start,
            ),
        )
        if status != 200 or b'"code"' in body:
            raise RuntimeError(body[:300])
    writer.close()
    return iter(chosen)


async def singles(
    port: int, key: tuple[str, str], chosen: Iterator[int], connections: int, seconds: float
) -> Run:
    """Rate one service per request over many connections for some seconds.

    Requests are signed beforehand, so that signing is not measured.
    """
    ready = iter([request("/api/v1/evaluations", key, rating(number), number) for number in chosen])
    times: list[float] = []
    errors = 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(_HOST, port)
        for data in ready:
            began = time.perf_counter()
            if began > until:
                break
            status, _ = await send(reader, writer, data)
            times.append(time.perf_counter() - began)
            errors += status != 201
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    spent = time.perf_counter() - began
    ordered = statistics.quantiles(times, n=100)
    return Run(len(times) / spent, len(times), errors, ordered[49] * 1000, ordered[98] * 1000)


def beside_worker(
    key: tuple[str, str], numbers: "count[int]", seconds: float, worker: Sequence[str] = ()
) -> float:
    """Return ratings a second through a collector, with a worker beside it (the platform's own, or
    another command): the middle of some turns.
    """
    port = free_port()
    collector = subprocess.Popen(
        [sys.executable, "-m", "haochaping.intake.server", "--port", str(port)]
    )
    other = subprocess.Popen(list(worker) or [*HCP, "worker"])
    try:

        async def run() -> float:
            await until_up(port)
            rates = []
            for _ in range(_TURNS):
                prepared = await prepare(port, key, numbers, number=int(seconds * 3000))
                rates.append((await singles(port, key, prepared, 16, seconds)).rate)
            return statistics.median(rates)

        return uvloop.run(run())
    finally:
        for process in (collector, other):
            process.terminate()
            process.wait(120)  # it ends what it has begun


async def batches(
    port: int, key: tuple[str, str], numbers: "count[int]", seconds: float, writers: int = 4
) -> float:
    """Rate in batches of 1000 over four connections for some seconds; return ratings per second."""
    total = int(max(seconds, 1) * 14)
    chosen = await prepare(port, key, numbers, total * 1000)
    ready = [
        request("/api/v1/evaluations/batch", key, [rating(next(chosen)) for _ in range(1000)], part)
        for part in range(total)
    ]
    done = 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection(_HOST, port)
        while ready and time.perf_counter() < until:
            status, body = await send(reader, writer, ready.pop())
            if status != 200:
                raise RuntimeError(body[:300])
            done += body.count(b'"accepted"')
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(writers)))
    return done / (time.perf_counter() - began)
