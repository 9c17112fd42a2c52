"""Slow, endless and anonymous connections: the collector goes on for everybody else."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
import websockets
from stack import Stack, wait_for


@pytest.fixture(scope="module")
def platform() -> Iterator[Stack]:
    """A platform."""
    stack = Stack()
    stack.start()
    yield stack
    stack.stop()


def memory(platform: Stack) -> int:
    """Return the resident memory of the collector in bytes."""
    (pid,) = platform.children("haochaping.intake.server")
    with Path(f"/proc/{pid}/statm").open() as file:
        return int(file.read().split()[1]) * 4096


def test_a_head_without_end_is_cut_off(platform: Stack) -> None:
    before = memory(platform)
    with socket.create_connection(("localhost", platform.collector_port)) as endless:
        endless.sendall(b"POST /api/v1/records HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        sent = 0
        with contextlib.suppress(OSError):
            while sent < 50_000_000:
                endless.sendall(b"a" * 65536)
                sent += 65536
        assert sent < 50_000_000
    assert memory(platform) - before < 20_000_000
    assert httpx.get(f"{platform.api}/api/v1/health").status_code == 200


def test_a_head_that_never_ends_is_let_go_after_ten_seconds(platform: Stack) -> None:
    with socket.create_connection(("localhost", platform.collector_port), timeout=30) as slow:
        begun = time.monotonic()
        slow.sendall(b"POST /api/v1/records HTTP/1.1\r\nHost: local")
        with contextlib.suppress(ConnectionResetError):
            assert slow.recv(100) == b""
        assert 5 < time.monotonic() - begun < 20


@pytest.mark.nightly
def test_a_box_that_talks_and_never_logs_in_is_let_go(platform: Stack) -> None:
    async def talk() -> float:
        address = platform.api.replace("http", "ws") + "/api/v1/devices/ws"
        async with websockets.connect(address) as box:
            begun = time.monotonic()
            with contextlib.suppress(websockets.ConnectionClosed):
                while time.monotonic() - begun < 60:
                    await box.send('{"code": 40000, "data": {}}')
                    await asyncio.sleep(2)
            return time.monotonic() - begun

    with ThreadPoolExecutor(1) as aside:  # a browser of another test may have a loop in this one
        assert aside.submit(asyncio.run, talk()).result() < 30


def test_a_connection_that_rested_for_ten_seconds_takes_the_next_request(platform: Stack) -> None:
    # nginx keeps connections to us for so long, and does not repeat a POST that meets a closed one
    callers = {
        HTTPConnection("localhost", platform.port, timeout=30): "/health",
        HTTPConnection("localhost", platform.collector_port, timeout=30): "/api/v1/health",
    }
    for rest in (11, 0):
        for caller, path in callers.items():
            caller.request("GET", path)
            answer = caller.getresponse()
            answer.read()
            assert answer.status == 200
            assert not answer.will_close
            caller.auto_open = 0  # not another one in its place
        time.sleep(rest)
    for caller in callers:
        caller.close()


def test_bodies_of_strangers_are_not_read(platform: Stack) -> None:
    before = memory(platform)
    body, answers = b"x" * 8_000_000, list[int]()

    def send() -> None:
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.post(
                f"{platform.api}/api/v1/records/batch",
                content=body,
                headers={"X-HCP-Key": "nobody"},
                timeout=30,
            )
            answers.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {401}
    assert memory(platform) - before < 60_000_000
    assert (
        platform.post("/api/v1/status", {"project_no": "x", "service_number": 1}).status_code == 404
    )


def test_slow_bodies_of_one_system_keep_no_other_out_and_are_let_go(platform: Stack) -> None:
    head = (
        "POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nX-HCP-Key: {kid}\r\n"
        "Content-Length: {size}\r\n\r\n{{"
    )
    large = head.format(path="records/batch", kid=platform.key[0], size=8 * 1024 * 1024)
    small = head.format(path="records", kid=platform.key[0], size=1000)
    other = platform.another_key()
    with contextlib.ExitStack() as open_:
        for number in range(6):  # two of them fill this system's share of a collector
            one = open_.enter_context(
                socket.create_connection(("localhost", platform.collector_port), timeout=30)
            )
            one.sendall(large.encode())
            if number > 1:
                assert one.recv(400).startswith(b"HTTP/1.1 503 ")
        asked = {"project_no": "x", "service_number": 1}
        assert platform.post("/api/v1/status", asked).status_code == 503
        assert platform.post("/api/v1/status", asked, key=other).status_code == 404
    wait_for(lambda: platform.post("/api/v1/status", asked).status_code == 404)
    with socket.create_connection(("localhost", platform.collector_port), timeout=30) as slow:
        begun = time.monotonic()
        slow.sendall(small.encode())
        assert slow.recv(400).startswith(b"HTTP/1.1 408 ")
        assert 5 < time.monotonic() - begun < 25


def test_ten_slow_readers_stop_no_page(platform: Stack) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            slow = stack.enter_context(socket.create_connection(("localhost", platform.port)))
            slow.sendall(b"GET / HTTP/1.1\r\nHost: local")
        time.sleep(0.5)  # each has its thread now
        assert httpx.get(f"{platform.page}/", timeout=5).status_code == 200


def test_small_answers_leave_at_once_on_one_connection(platform: Stack) -> None:
    with httpx.Client() as client:
        spans = []
        for _ in range(60):
            begun = time.monotonic()
            platform.post("/api/v1/status", {"project_no": "x", "service_number": 1}, client)
            spans.append(time.monotonic() - begun)
    # after the first ones each answer that waited for an acknowledgement would take 40 ms
    assert min(spans[30:]) < 0.04


@contextlib.contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """Have processes stand still."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):  # a backend may have ended
                os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("page", ["/open/", "/health", "/admin/sign-in", "/find?number=7Q3K8MZT01"])
def test_a_database_that_stands_still_is_told_within_seconds_and_asked_for_once(
    platform: Stack, page: str
) -> None:
    assert httpx.get(platform.page + page, follow_redirects=True).status_code == 200
    postmaster = int((platform.home / "postgres/data/postmaster.pid").read_text().split()[0])
    backends = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    with frozen([postmaster, *map(int, backends)]):
        begun = time.monotonic()
        with (
            ThreadPoolExecutor(30) as crowd,
            httpx.Client(timeout=30, follow_redirects=True) as client,
        ):
            answers = list(crowd.map(client.get, [platform.page + page] * 60))
        assert {answer.status_code for answer in answers} <= {
            200,
            429,
            503,
        }  # the first two ask no database
        waited = [one.elapsed.total_seconds() for one in answers if one.status_code == 503]
        assert max(waited, default=0) < 6
        assert time.monotonic() - begun < 10
        if waited:
            assert "Retry-After" in answers[-1].headers
            assert httpx.get(platform.page + page).elapsed.total_seconds() < 1
    platform.wait_for(lambda: httpx.get(f"{platform.page}/health", timeout=30).status_code == 200)
