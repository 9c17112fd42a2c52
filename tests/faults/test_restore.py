"""A real dump, restored too late: the ledger notices, signs nothing, and goes on from a mirror
(L12, L19 of the trust design §1.12); and a disk that is full for it (L10).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from stack import Stack, folder_served

from haochaping.kernel.embedded import EmbeddedPostgres, find_binaries

pytestmark = pytest.mark.nightly  # a platform started three times
YEAR = time.strftime("%Y")
SIZE = f"SELECT size FROM ledger_log WHERE name = '{YEAR}'"
VERIFY = str(Path(__file__).resolve().parents[2] / "clients/verify/hcp_verify.py")


@pytest.fixture
def platform() -> Iterator[Stack]:
    """A platform of its own: its database is restored."""
    stack = Stack(furnished=True)
    stack.start()
    yield stack
    stack.stop()


def pg(platform: Stack, program: str, *words: str, database: str = "haochaping") -> bytes:
    """Run a program of PostgreSQL's as an operator does; return what it wrote."""
    address = f"postgresql://postgres@/{database}?host={platform.socket}"
    command = [str(find_binaries() / program), *words, "-d", address]
    done = subprocess.run(command, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def rate(platform: Stack, level: int = 5) -> str:
    """Rate a new service through the interface; return the receipt."""
    number, _ = platform.service()
    given = {"project_no": number, "service_number": 1, "level": level, "channel": 9}
    answer = platform.post("/api/v1/evaluations", given | {"words": "等了两个小时"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["receipt"])


def one(platform: Stack, sql: str, *values: Any) -> Any:
    """Return one value from the database."""
    with platform.database() as database:
        row = database.execute(sql, values).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def published(platform: Stack) -> int:
    """Return the size of the log that is published, 0 for none."""
    answer = httpx.get(f"{platform.page}/ledger/{YEAR}/checkpoint")
    return int(answer.text.splitlines()[1]) if answer.status_code == 200 else 0


def settled(platform: Stack) -> int:
    """Wait until every leaf is published; return how many there are."""
    waits = "SELECT count(*) FROM feed_pending"
    platform.wait_for(
        lambda: not one(platform, waits) and published(platform) == one(platform, SIZE) > 0, 60
    )
    return published(platform)


def frozen(platform: Stack) -> bool:
    """Say whether /health tells that the ledger signs nothing."""
    return "ledger" in httpx.get(f"{platform.page}/health").text


def verified(address: str, key: str, since: str) -> None:
    """Verify a log with the standalone program, and that an older checkpoint was of the same."""
    done = subprocess.run(
        [sys.executable, VERIFY, "log", "--from", address, "--key", key, "--since", since],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_dump_that_is_older_than_the_log_freezes_it_and_a_mirror_brings_back_what_was_lost(
    platform: Stack, tmp_path: Path
) -> None:
    early = [rate(platform) for _ in range(5)]
    before = settled(platform)
    dump = pg(platform, "pg_dump", "-Fc")
    late = [rate(platform, 1) for _ in range(7)]
    after = settled(platform)
    assert after > before
    mirror = tmp_path / "mirror"
    shutil.copytree(platform.home / "ledger" / YEAR, mirror)
    key = httpx.get(f"{platform.page}/ledger/{YEAR}/keys").text.splitlines()[0]
    platform.halt()
    # the disk is lost, an operator restores the dump of the night into a new database
    database = EmbeddedPostgres(platform.home / "postgres")
    database.start()
    (tmp_path / "night.dump").write_bytes(dump)
    file = str(tmp_path / "night.dump")
    pg(platform, "pg_restore", "--clean", "--create", file, database="postgres")
    database.stop()
    platform.start()
    assert one(platform, SIZE) == before
    platform.wait_for(lambda: frozen(platform), 60)
    signed = (platform.home / "ledger" / YEAR / "checkpoint").read_bytes()
    held = "SELECT count(*) FROM evaluations_evaluation WHERE origin = 1"
    there = one(platform, held)
    more = rate(platform)  # ratings are still taken
    assert one(platform, held) == there + 1
    assert (platform.home / "ledger" / YEAR / "checkpoint").read_bytes() == signed
    with folder_served(mirror) as address:
        done = platform.hcp("ledger", "recover", YEAR, address, "--reason", "disk lost")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"找回 {after - before} 个" in done.stdout
    platform.wait_for(lambda: published(platform) > after, 60)
    platform.wait_for(lambda: not frozen(platform), 60)
    settled(platform)
    assert len({*early, *late, more}) == 13
    # nobody who saw the log before sees another one now
    (tmp_path / "seen").write_bytes(signed)
    verified(f"{platform.page}/ledger/{YEAR}", key, str(tmp_path / "seen"))


def test_after_an_erasure_no_dump_opens_the_leaf(platform: Stack) -> None:
    rate(platform, 1)
    receipt = rate(platform, 1)
    settled(platform)
    row = (
        "SELECT encode(opening.salts, 'hex') FROM proofs_opening AS opening "
        "JOIN evaluations_evaluation AS rating ON rating.id = opening.ref AND opening.what = 2 "
        "ORDER BY opening.no DESC LIMIT 1"
    )
    salts = one(platform, row)
    key = one(platform, "SELECT id FROM evaluations_evaluation ORDER BY received_at DESC LIMIT 1")
    words = one(platform, "SELECT encode(words::bytea, 'hex') FROM evaluations_evaluation LIMIT 1")
    assert salts.encode() in pg(platform, "pg_dump")
    code = (
        "from haochaping.site.cli.start import prepare; prepare(); "
        "from haochaping.kernel import clock; from haochaping.proofs import actions; "
        "from haochaping.feed.rules import Kind; from haochaping.evaluations import actions as ratings; "
        f"actions.forget(evaluation_ids=[{key}], kinds=(Kind.RATING,), at=clock.now()); "
        f"ratings.erase(evaluation_id={key}, reason='request', by=0, at=clock.now())"
    )
    subprocess.run([sys.executable, "-c", code], env=platform.env, check=True)
    settled(platform)
    with platform.database() as database:
        database.execute("VACUUM")
    dump = pg(platform, "pg_dump")
    assert salts.encode() not in dump
    assert receipt
    assert words
    held = "SELECT count(*) FROM proofs_opening WHERE ref = %s AND what = 2 AND salts IS NOT NULL"
    assert one(platform, held, key) == 0


def test_a_full_disk_stops_the_signing_and_nothing_else(platform: Stack) -> None:
    small = platform.home / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        settled(platform)
        platform.halt()
        ledger = platform.home / "ledger"
        shutil.copytree(ledger, small, dirs_exist_ok=True)
        shutil.rmtree(ledger)
        ledger.symlink_to(small)
        platform.start()
        size = settled(platform)
        (small / "filler").write_bytes(b"")
        with (small / "filler").open("wb") as filler:
            try:
                while filler.write(b"x" * 4096):
                    filler.flush()
            except OSError:
                pass
        signed = (small / YEAR / "checkpoint").read_bytes()
        receipts = [rate(platform) for _ in range(3)]
        assert len(receipts) == 3
        platform.wait_for(lambda: one(platform, SIZE) > size, 60)
        platform.wait_for(lambda: re.search(r"No space|space left|ENOSPC", platform.log), 60)
        assert (small / YEAR / "checkpoint").read_bytes() == signed
        frozen_now = one(platform, f"SELECT frozen FROM ledger_log WHERE name = '{YEAR}'")
        assert frozen_now == ""  # a full disk is no fault of the log's
        (small / "filler").unlink()
        platform.wait_for(lambda: published(platform) == one(platform, SIZE), 90)
        index = json.loads(httpx.get(f"{platform.page}/ledger/{YEAR}/daybook/index.json").text)
        assert index
    finally:
        platform.halt()
        subprocess.run(["umount", str(small)], check=True)
