"""kill -9 while platforms are told what happens, and while a department pulls what is its own: in
the end everybody has exactly what the platform has.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import Stack, wait_for
from test_kill import Load

from haochaping.demo.simulator import Platform

KILLS = 100
_PULL = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, {client!r})
from haochaping_client import Client, Unreachable
folder = Path({folder!r})
client = Client({address!r}, *{key!r}, tries=2)
while True:
    state = folder / "state"
    cursor = json.loads(state.read_text())["cursor"] if state.exists() else ""
    try:
        for items, cursor in client.changes(cursor):
            old = json.loads(state.read_text()) if state.exists() else {{"items": []}}
            whole = {{"cursor": cursor, "items": old["items"] + items}}
            beside = folder / "state.part"
            beside.write_text(json.dumps(whole))
            beside.rename(state)
    except Unreachable:
        pass
    time.sleep(0.05)
"""


@pytest.fixture(scope="module")
def platform() -> Iterator[Stack]:
    """A platform of its own, empty."""
    stack = Stack()
    stack.start()
    yield stack
    stack.stop()


def ended(platform: Stack) -> tuple[int, int]:
    """Return how many messages have ended well, and how many have not."""
    with platform.database() as database:
        found = database.execute(
            "SELECT count(*) FILTER (WHERE status = 2), count(*) FILTER (WHERE status <> 2) "
            "FROM exchange_delivery"
        ).fetchone()
    assert found is not None
    return found


def stored(platform: Stack) -> int:
    """Return how many services and ratings there are, but for our own tests."""
    with platform.database() as database:
        found = database.execute(
            "SELECT (SELECT count(*) FROM records_record WHERE origin <> 3) + "
            "(SELECT count(*) FROM evaluations_evaluation WHERE origin <> 3)"
        ).fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.nightly
def test_a_killed_worker_loses_no_message_and_none_counts_twice(platform: Stack) -> None:
    nation = Platform(trouble={"partial": 0.05, "reset": 0.05, "slow": 0.1})
    said = platform.hcp("connect-partner", "国家平台", nation.url).stdout
    shown = dict(line.split(None, 1) for line in said.splitlines())
    nation.key = shown["kid"], shown["secret"]
    dice = random.Random(7)
    with Load(platform, "EXCH") as load:
        for _ in range(KILLS):
            enough = len(nation.kept) + dice.randint(1, 150)
            platform.wait_for(lambda enough=enough: len(nation.kept) > enough, 90)
            (worker,) = platform.children("main() worker")
            os.kill(worker, signal.SIGKILL)
            platform.wait_for(lambda worker=worker: worker not in platform.children("worker"), 30)
    nation.trouble = {}

    def everything() -> bool:
        good, other = ended(platform)
        orders = sum(family == "rectification" for family, _ in list(nation.kept.values()))
        return other == 0 and good == len(nation.kept) == stored(platform) + orders

    platform.wait_for(everything, 1200)  # minutes of traffic wait for whoever was killed so often
    assert not load.refusals
    assert nation.badly_signed == 0
    for family in ("service", "evaluation"):
        documents = [document for kind, document in nation.kept.values() if kind == family]
        assert len({one["projectNo"] for one in documents}) == len(documents)
    assert platform.hcp("doctor").returncode == 0
    nation.stop()


@pytest.mark.nightly
def test_a_pull_client_that_is_killed_at_random_has_exactly_what_the_platform_has(
    platform: Stack, tmp_path: Path
) -> None:
    said = platform.hcp("issue-key", "puller", "--everybodys").stdout.split()
    key = said[said.index("id") + 1], said[said.index("secret") + 1]
    client = Path(__file__).parents[2] / "clients" / "python"
    script = _PULL.format(client=str(client), folder=str(tmp_path), address=platform.api, key=key)
    over = threading.Event()

    def days_pass() -> None:
        """What happens today is told tomorrow only: have it be yesterday's."""
        with platform.database() as database:
            while not over.is_set():
                database.execute("UPDATE feed_batch SET at = now() - interval '2 days'")
                time.sleep(0.1)

    passing = threading.Thread(target=days_pass)
    passing.start()
    chance = random.Random(5)
    with Load(platform, "PULL"):
        for _ in range(12):
            puller = subprocess.Popen([sys.executable, "-c", script])
            time.sleep(chance.uniform(0.1, 1.2))
            puller.kill()
            puller.wait()
    puller = subprocess.Popen([sys.executable, "-c", script])

    def pulled() -> list[tuple[str, str]]:
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((tmp_path / "state").read_text())["items"]
            return [(one["kind"], one["receipt"]) for one in found]
        return []

    def facts() -> int:
        with platform.database() as database:
            found = database.execute(
                "SELECT count(*) FROM feed_batch, unnest(kinds) AS kind WHERE kind IN (1, 2)"
            ).fetchone()
        return int(found[0]) if found else 0

    try:
        wait_for(lambda: facts() >= stored(platform), 60)
        platform.wait_for(lambda: len(pulled()) >= stored(platform), 90)
    finally:
        over.set()
        passing.join()
        puller.kill()
        puller.wait()
    assert len(pulled()) == len(set(pulled()))
    assert len(pulled()) == stored(platform)
