"""What can be wrong when somebody starts the platform.

Each gives a sentence in both languages and loses nothing.
"""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from stack import HCP, Stack, get


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A platform that has not been started."""
    made = Stack(fresh=True)
    yield made
    made.stop()


def serve(stack: Stack, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `hcp serve` to its end."""
    command = [
        *HCP,
        "serve",
        "--port",
        str(stack.port),
        "--collector-port",
        str(stack.collector_port),
    ]
    return subprocess.run(
        command, env={**stack.env, **env}, capture_output=True, text=True, timeout=90, check=False
    )


def assert_explained(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The message is there in both languages, without a traceback."""
    assert done.returncode == 1
    assert "错误：" in done.stderr
    assert "Error:" in done.stderr
    assert "Traceback" not in done.stderr
    assert [word for word in words if word not in done.stderr] == []


def test_a_taken_port_is_named_with_a_way_out(stack: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stack.port))
        taken.listen()
        assert_explained(serve(stack), str(stack.port), "--port")


@pytest.mark.nightly  # a demonstration
def test_a_demonstration_goes_round_taken_ports_and_what_it_prints_leads_somewhere() -> None:
    made = Stack(demo=True)
    with socket.socket() as one, socket.socket() as two:
        for taken, port in ((one, made.port), (two, made.collector_port)):
            taken.bind(("127.0.0.1", port))
            taken.listen()
        try:
            made.start()
            said = re.sub("\x1b\\[[0-9;]*m", "", made.log)
            addresses = set(re.findall(r"http://[a-z0-9.]+:\d+/[a-z0-9/]*", said))
            assert len(addresses) >= 8
            for address in addresses:
                assert f":{made.port}/" not in address
                assert f":{made.collector_port}/" not in address
                if not address.endswith("/api/v1/"):
                    assert get(address, follow_redirects=True).status_code == 200, address
            (page,) = {address.split("/admin/")[0] for address in addresses if "/admin/" in address}
            password = re.findall(r"password: (\S+)", said)[0]
            accounts = re.findall(r"^    ([a-z]+) +[^a-z\n].* / ", said, re.MULTILINE)
            assert {"agent", "handler", "province"} <= set(accounts)
            for account in accounts:
                with httpx.Client(base_url=page) as browser:
                    form = browser.get("/admin/sign-in").text
                    token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', form)[0]
                    told = {"csrfmiddlewaretoken": token, "account": account, "password": password}
                    answer = browser.post("/admin/sign-in", data=told)
                    assert answer.status_code == 302, account
        finally:
            made.stop()


def test_a_wrong_database_url_is_explained(stack: Stack) -> None:
    assert_explained(
        serve(stack, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"), "DATABASE_URL"
    )


def test_data_of_another_version_is_left_alone(stack: Stack) -> None:
    data = stack.home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("14\n")
    (data / "precious").write_text("kept")
    assert_explained(serve(stack), "pg_upgrade", "14")
    assert (data / "precious").read_text() == "kept"


@pytest.mark.nightly  # starts the database four times
def test_a_database_that_would_forget_acknowledged_ratings_is_refused(stack: Stack) -> None:
    from haochaping.kernel.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(stack.home / "postgres", settings={"fsync": "off"})
    server.start()
    try:
        done = serve(stack)
        assert done.returncode == 1
        assert "fsync" in done.stdout + done.stderr
    finally:
        server.stop()


def test_a_full_disk_is_said_before_anything_is_written(stack: Stack) -> None:
    small = stack.home / "small"
    small.mkdir()
    if (
        os.getuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", small],
            capture_output=True,
            check=False,
        ).returncode
    ):
        pytest.skip("a small disk can only be mounted by root")
    try:
        assert_explained(serve(stack, HCP_HOME=str(small)), "300 MB")
        assert not (small / "postgres").exists()
    finally:
        subprocess.run(["umount", small], check=True)
        shutil.rmtree(small, ignore_errors=True)


@pytest.mark.nightly  # takes a minute
def test_a_first_start_that_was_killed_is_completed_by_the_next(stack: Stack) -> None:
    half = stack.home / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("rubbish")
    stack.start()
    assert "haochaping is running" in stack.log


def test_help_and_doctor_speak_plainly(stack: Stack) -> None:
    said = subprocess.run(
        [*HCP, "--help"], env=stack.env, capture_output=True, text=True, check=True
    ).stdout
    assert all(
        command in said for command in ("serve", "doctor", "import", "demo", "migrate", "issue-key")
    )
    missing = subprocess.run(
        [*HCP, "import", "records", str(Path("/nowhere.csv"))],
        env=stack.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert_explained(missing, "/nowhere.csv")
