"""Exchange against the limits of this machine, measured in the same run.

outbound  services and ratings that wait for a fast partner, sent in batches of 1000 over HTTP and
          acknowledged one by one, against writing and sending the same documents without a
          database (bare)
intake    signed ratings one by one at 16 connections, with and without a partner that is sent
          all of them meanwhile

The last line is one JSON object with `records_per_s`, `over_bare` and `intake_ratio`.
usage: bench/exchange.py [--ratings 30000] [--seconds 4]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import uvloop

sys.path[:0] = [
    str(Path(__file__).resolve().parents[1] / "tests"),
    str(Path(__file__).resolve().parent),
]
os.environ["HCP_CLIENT_PER_MINUTE"] = "100000000"  # one client is the whole load here
os.environ["HCP_OUTBOUND_ALLOW"] = "127.0.0.0/8"
os.environ["HCP_HOME"] = tempfile.mkdtemp(prefix="hcp-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "haochaping.config.settings"

import django  # noqa: E402 - the platform's own code runs here

django.setup()

import load  # noqa: E402 - the client side of the benchmarks
from stack import HCP, free_port  # noqa: E402 - the tests' way to run the platform

from haochaping.config import settings  # noqa: E402 - after django.setup
from haochaping.exchange import actions, models, queries, rules  # noqa: E402
from haochaping.exchange.partners import national, uploading  # noqa: E402
from haochaping.exchange.partners.sending import Letter, carry  # noqa: E402
from haochaping.feed import actions as feed  # noqa: E402
from haochaping.kernel import clock  # noqa: E402

_BATCH = 1000


def partner() -> tuple[subprocess.Popen[str], int]:
    """Start a platform in a process of its own and connect it; return it and the partner's id."""
    port = free_port()
    process = subprocess.Popen(
        [*HCP, "sim", "national", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    agreed = actions.Connection("bench partner", rules.Outward.NATIONAL, 320000000000, url)
    return process, actions.connect(agreed=agreed, by=0, at=clock.now())[0]


def outbound(partner_id: int) -> tuple[float, float]:
    """Queue what is on the feed, send all of it, and send the same without a database; return
    messages a second of both.
    """
    while feed.sequence(at=clock.now()):
        pass
    while actions.follow(at=clock.now()):
        pass
    waiting = models.Delivery.objects.filter(partner_id=partner_id, due_at__isnull=False)
    total, began = waiting.count(), time.perf_counter()
    while uploading.send_round(partner_id):
        pass
    spent = time.perf_counter() - began
    left = waiting.count()
    if left:
        raise RuntimeError(f"{left} messages of {total} were not acknowledged")
    return total / spent, bare(partner_id)


def bare(partner_id: int) -> float:
    """Return messages a second of the same documents, only written, signed and sent."""
    known = models.Partner.objects.get(pk=partner_id)
    some = list(models.Delivery.objects.filter(partner_id=partner_id).order_by("pk")[:_BATCH])
    letters = [
        Letter(rules.message_id(one.kind, one.ref), rules.OF_KIND[one.kind], told.document)
        for one in some
        if isinstance(told := queries.documents(known, [one])[one.pk], queries.Written)
    ]
    link, turns = uploading.link_to(known), 20
    began = time.perf_counter()
    for _ in range(turns):
        for one in letters:
            rules.digest(one.document)
        carry(national.upload(letters, link))
    return turns * len(letters) / (time.perf_counter() - began)


def fill(key: tuple[str, str], numbers: "count[int]", ratings: int) -> None:
    """Hand in ratings over the interface."""
    port = free_port()
    collector = subprocess.Popen(
        [sys.executable, "-m", "haochaping.intake.server", "--port", str(port)]
    )

    async def run() -> None:
        await load.until_up(port)
        await load.batches(port, key, numbers, seconds=ratings / 14_000)

    try:
        uvloop.run(run())
    finally:
        collector.terminate()
        collector.wait(30)


def measure(asked: argparse.Namespace, key: tuple[str, str]) -> dict[str, float]:
    """Measure everything."""
    numbers = count(1)
    fill(key, numbers, asked.ratings)
    alone = load.beside_worker(key, numbers, asked.seconds)
    process, partner_id = partner()
    try:
        beside = load.beside_worker(key, numbers, asked.seconds)
        print(f"intake {alone:,.0f}/s alone, {beside:,.0f}/s beside a partner", flush=True)
        fill(key, numbers, asked.ratings)
        rate, limit = outbound(partner_id)
    finally:
        process.terminate()
        process.wait(30)
    return {
        "records_per_s": round(rate),
        "over_bare": round(rate / limit, 2),
        "intake_ratio": round(beside / alone, 2),
    }


def main() -> None:
    """Start a database of our own, measure, and stop it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ratings", type=int, default=30_000)
    options.add_argument("--seconds", type=float, default=4)
    asked = options.parse_args()
    settings.embedded.start()
    try:
        for command in ("migrate", "seed"):
            subprocess.run([*HCP, command], check=True)
        said = subprocess.run(
            [*HCP, "issue-key", "bench"], check=True, capture_output=True, text=True
        ).stdout.split()
        key = said[said.index("id") + 1], said[said.index("secret") + 1]
        print(json.dumps(measure(asked, key)))
    finally:
        settings.embedded.stop()


if __name__ == "__main__":
    main()
