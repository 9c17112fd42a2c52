"""kill -9 while ratings pour in.

Nothing that was acknowledged is lost, nothing is stored twice, and the figures equal a recount.
"""

import contextlib
import functools
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Self

import httpx
import pytest
from people import BUREAU, item_of
from stack import Stack, wait_for

from haochaping.kernel import clock


@pytest.fixture(scope="module")
def platform() -> Iterator[Stack]:
    """A platform of its own, empty, with two collectors."""
    stack = Stack(collectors=2)
    stack.start()
    yield stack
    stack.stop()


class Load:
    """Clients that register and rate, and sign again and retry when they get no answer, as
    docs/integrate/ tells them to.
    """

    def __init__(self, platform: Stack, label: str) -> None:
        self.platform = platform
        self.label = label
        self.acknowledged: dict[str, str] = {}
        self.refusals: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(6)]

    def run(self, number: int) -> None:
        """Register and rate until stopped."""
        served = (clock.now() - timedelta(minutes=5)).isoformat()
        with httpx.Client() as client:
            count = 0
            while not self.stop.is_set():
                project = f"32{self.label}{number}X{count}"
                count += 1
                record = {
                    "project_no": project,
                    "service_number": 1,
                    "region": "320700",
                    "department_code": BUREAU,
                    "item_code": item_of(BUREAU),
                    "served_at": served,
                }
                self.insist(client, "/api/v1/records", record)
                answer = self.insist(
                    client,
                    "/api/v1/evaluations",
                    {
                        "project_no": project,
                        "service_number": 1,
                        "level": 2 if count % 9 == 0 else 5,
                        "channel": 9,
                        "codes": [207] if count % 9 == 0 else [],
                    },
                )
                if answer is not None:
                    self.acknowledged[project] = answer["receipt"]

    def insist(
        self, client: httpx.Client, path: str, content: dict[str, object]
    ) -> dict[str, str] | None:
        """Send until it is acknowledged."""
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = self.platform.post(path, content, client)
                if answer.status_code < 300:
                    return answer.json()  # type: ignore[no-any-return]
                if answer.status_code != 503:
                    self.refusals.append(answer.text)
                    return None
            if self.stop.is_set():
                return None
            time.sleep(0.05)

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()


class Citizens:
    """Somebody rates one service after the other in a browser that tries nothing twice."""

    def __init__(self, platform: Stack) -> None:
        self.platform = platform
        self.rated: list[str] = []
        self.refused: list[str] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        """Rate until stopped."""
        while not self.stop.is_set():
            number, link = self.platform.service(window_code="", staff_number="")
            try:
                sent = {"level": "5"}
                answer = httpx.post(link, data=sent, follow_redirects=False, timeout=60)
                done = answer.headers.get("location", "").endswith("/done")
            except httpx.TransportError as error:
                answer, done = error, False
            (self.rated if done else self.refused).append(number if done else repr(answer))

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()


VICTIMS = {
    "collector": "haochaping.intake.server",
    "worker": "main() worker",
    "web": "haochaping.config.wsgi:application",
    "postgres": "postgres -D",
}


FEW, MANY = 1, 25  # kills in a row; many of them take minutes
KILLS = [
    ("collector", FEW),
    *(pytest.param(name, MANY, marks=pytest.mark.nightly) for name in VICTIMS),
]


def victim(platform: Stack, name: str) -> int:
    """Return the pid to kill: the postmaster for PostgreSQL, the process itself for the others."""
    if name == "postgres":
        return int((platform.home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    return wait_for(lambda: platform.children(VICTIMS[name]))[0]


def answers(platform: Stack) -> bool:
    """Say whether pages and interface are served again."""
    with contextlib.suppress(httpx.TransportError):
        return (
            httpx.get(f"{platform.page}/health").status_code == 200
            and httpx.get(f"{platform.api}/api/v1/health").status_code == 200
        )
    return False


@pytest.mark.parametrize(("name", "times"), KILLS)
def test_nothing_acknowledged_is_lost_when_a_process_is_killed(
    platform: Stack, name: str, times: int
) -> None:
    with Load(platform, f"{name[:3].upper()}{times}N") as load:
        for _ in range(times):
            seen = len(load.acknowledged)
            wait_for(lambda seen=seen: len(load.acknowledged) > seen + 60, 60)
            os.kill(victim(platform, name), signal.SIGKILL)
            platform.wait_for(lambda: answers(platform), 120)
            seen = len(load.acknowledged)
            wait_for(lambda seen=seen: len(load.acknowledged) > seen + 20, 60)
    assert load.refusals == [], platform.log[-3000:]
    with platform.database() as database:
        stored = {
            row[0]: row[1]
            for row in database.execute(
                "SELECT project_no, count(*) FROM records_key JOIN evaluations_evaluation ON id = "
                "record_id WHERE project_no LIKE %s GROUP BY 1",
                [f"32{name[:3].upper()}{times}N%"],
            )
        }
        assert [project for project in load.acknowledged if stored.get(project) != 1] == []

        wait_for(platform.followed, 60)
        counted = database.execute(
            "SELECT sum(n5 + n4 + n3 + n2 + n1), sum(n2 + n1) FROM analytics_placeday"
        ).fetchone()
        recount = database.execute(
            "SELECT count(*), count(*) FILTER (WHERE level <= 2) FROM evaluations_evaluation "
            "WHERE origin <> 3"  # our own tests of the channels count nowhere
        ).fetchone()
        assert counted == recount
        opened = "SELECT count(*), count(DISTINCT evaluation_id) FROM orders_order"
        wait_for(lambda: database.execute(opened).fetchone() == (recount[1], recount[1]), 60)
        wait_for(platform.followed, 60)
    said = platform.hcp("doctor", "--recount")
    assert said.returncode == 0, said.stdout + said.stderr
    said = platform.hcp("ledger", "verify")  # one leaf of each, all as published, nothing forked
    assert said.returncode == 0, said.stdout + said.stderr + platform.log[-3000:]


@pytest.mark.parametrize("seconds", [0, pytest.param(70, marks=pytest.mark.nightly)])
def test_a_lock_on_orders_keeps_no_bad_rating_from_its_order(platform: Stack, seconds: int) -> None:
    """The lock is held until jobs that open orders have failed for it, and as long as is said."""
    label = f"LOCK{seconds}N"
    tried = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'orders.open_from' AND attempts > 1"
    with platform.database() as database, platform.database() as holder:
        before = database.execute(tried).fetchone()
        assert before
        with holder.transaction():
            holder.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
            until = time.monotonic() + seconds
            with Load(platform, label) as load:
                wait_for(lambda: len(load.acknowledged) > 60, 60)
            wait_for(lambda: time.monotonic() > until, seconds + 1)
            wait_for(lambda: database.execute(tried).fetchone() > before, 60)
        assert load.refusals == []
        bad = """
        SELECT count(*), count(orders_order.id)
          FROM evaluations_evaluation AS rated JOIN records_key ON rated.id = record_id
          LEFT JOIN orders_order ON evaluation_id = rated.id
         WHERE rated.level <= 2 AND project_no LIKE %s
        """

        def each_has_its_order() -> bool:
            rated, opened = database.execute(bad, [f"32{label}%"]).fetchone() or (0, 0)
            return rated == opened > 0

        platform.wait_for(each_has_its_order, 120)


def test_ctrl_c_stops_everything_and_the_next_start_finds_the_data(platform: Stack) -> None:
    with platform.database() as database:
        before = database.execute("SELECT count(*) FROM evaluations_evaluation").fetchone()
    assert platform.process is not None
    platform.process.send_signal(signal.SIGINT)
    assert platform.process.wait(60) == 0
    assert [words for words in VICTIMS.values() if platform.children(words)] == []
    platform.start()
    with platform.database() as database:
        assert database.execute("SELECT count(*) FROM evaluations_evaluation").fetchone() == before


@pytest.mark.nightly
def test_going_over_to_a_new_version_refuses_nobody(platform: Stack) -> None:
    assert platform.process is not None
    before = {name: platform.children(words) for name, words in VICTIMS.items()}
    with Load(platform, "HUPN") as load, Citizens(platform) as citizens:
        wait_for(lambda: len(load.acknowledged) > 60 and len(citizens.rated) > 5, 60)
        platform.process.send_signal(signal.SIGHUP)
        platform.wait_for(lambda: "all of it is new" in platform.log, 120)
        came = len(citizens.rated)
        wait_for(lambda: len(citizens.rated) > came + 5, 60)
        seen = len(load.acknowledged)
        wait_for(lambda: len(load.acknowledged) > seen + 20, 60)
        for _ in range(20):
            assert httpx.get(f"{platform.page}/", timeout=30).status_code == 200
    assert (load.refusals, citizens.refused) == ([], []), platform.log[-3000:]
    for name in ("collector", "worker", "web"):
        assert not set(before[name]) & set(platform.children(VICTIMS[name]))


@pytest.mark.nightly  # takes over a minute
def test_sockets_that_a_service_manager_holds_outlive_the_whole_platform() -> None:
    stack = Stack()
    with contextlib.ExitStack() as held:
        for wanted, number in ((3, stack.port), (4, stack.collector_port)):
            door = held.enter_context(socket.create_server(("127.0.0.1", number), backlog=128))
            door.set_inheritable(True)
            stack.handed[wanted] = door.fileno()
        try:
            stack.start()
            stack.halt()
            with ThreadPoolExecutor(2) as callers:  # they wait in the queue
                ask = functools.partial(httpx.get, timeout=120)
                waiting = [
                    callers.submit(ask, address)
                    for address in (f"{stack.page}/health", f"{stack.api}/api/v1/health")
                ]
                stack.start()
                assert [answer.result().status_code for answer in waiting] == [200, 200]
        finally:
            stack.stop()
