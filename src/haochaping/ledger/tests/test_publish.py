"""A log as files: what is signed holds, and what was tampered with is never signed again."""

import base64
import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import metamorphic_log
import pytest
from people import NOON
from tlog_scales.backend import make_backend
from tlog_scales.reader import TilesReader

from haochaping.feed import queries as feed
from haochaping.kernel import crypto
from haochaping.kernel.db import rows
from haochaping.ledger import actions, models, queries, rules
from haochaping.ledger.actions.publish import Broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """A folder of logs of its own."""
    settings.HOME = tmp_path
    return tmp_path / "ledger"


@pytest.fixture
def log(home: Path) -> models.Log:
    """A fresh log."""
    return actions.open_log(name="2026", at=NOON)


def fill(log: models.Log, number: int, at: datetime = NOON) -> None:
    """Append so many leaves."""
    begin = models.Log.objects.get(pk=log.pk).size
    entries = [
        rules.leaf(rules.Leaf.SUBMITTED, n.to_bytes(32)) for n in range(begin, begin + number)
    ]
    actions.append(log_id=log.pk, entries=entries)


def publish(log: models.Log) -> bool:
    return actions.publish(log_id=log.pk, at=NOON)


def frozen(log: models.Log) -> str:
    return models.Log.objects.get(pk=log.pk).frozen


def checkpoint(log: models.Log) -> rules.Checkpoint:
    """Read the published checkpoint as anybody does, with another's program."""
    text = (queries.folder(log.name) / "checkpoint").read_text()
    assert metamorphic_log.verify_signed_note(text, queries.vkeys(log)[:1])
    return rules.parse_checkpoint(rules.parse(text).text)


@pytest.mark.parametrize("sizes", [[1], [255, 1, 1], [256], [300, 212, 3], [1000], [65_536, 2]])
def test_what_is_published_is_what_was_appended_at_every_size(
    log: models.Log, sizes: list[int]
) -> None:
    before = None
    for number in sizes:
        fill(log, number)
        assert publish(log)
        found = checkpoint(log)
        at = queries.in_files(log.name, found.size)
        assert rules.root_of(rules.frontier_at(found.size, at)) == found.root
        assert queries.root_at(log.pk, found.size) == found.root
        if before is not None:
            path = rules.consistency(before.size, found.size, at)
            metamorphic_log.verify_consistency(
                before.size, found.size, path, before.root, found.root
            )
        for index in {0, found.size // 2, found.size - 1}:
            proof = rules.parse_proof(queries.prove(log.pk, index) or "")
            (body,) = queries.entries(log.pk, index, index + 1)
            metamorphic_log.verify_inclusion(
                index, found.size, rules.leaf_hash(body), list(proof.path), found.root
            )
        before = found
    assert not publish(log)  # nothing new
    assert frozen(log) == ""


def test_the_files_are_those_of_the_specification_and_parts_go_when_the_whole_is_there(
    log: models.Log,
) -> None:
    for number in (255, 1, 1):
        fill(log, number)
        publish(log)
    folder = queries.folder(log.name)
    there = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert there == [
        "checkpoint",
        "keys",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/1",
    ]
    part = rules.Tile(0, 0, 255)  # asked for after the whole tile is there
    assert queries.read(log.name, part) == queries.read(log.name, part._replace(width=256))[:8160]


def test_another_program_reads_our_files_and_makes_the_same_proofs(log: models.Log) -> None:
    fill(log, 70_000)
    publish(log)
    theirs = TilesReader(make_backend(str(queries.folder(log.name))))
    head = theirs.get_checkpoint()
    assert (head.size, head.root_hash) == (70_000, checkpoint(log).root)
    assert theirs.calculate_root_hash() == checkpoint(log).root
    at = queries.in_files(log.name, 70_000)
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        (body,) = queries.entries(log.pk, index, index + 1)
        assert theirs.get_entry(index) == body
        assert theirs.get_inclusion_proof(index, 70_000).node_hashes == rules.inclusion(
            index, 70_000, at
        )
    for old in (1, 255, 256, 65_537):
        proof = theirs.get_consistency_proof(old, 70_000)
        assert proof.node_hashes == rules.consistency(old, 70_000, at)


TAMPERING = {
    "a bundle": "tile/entries/000",
    "a tile": "tile/0/000",
    "a tile above": "tile/1/000.p/2",
    "the last part": "tile/entries/002.p/88",
    "the checkpoint": "checkpoint",
}


@pytest.mark.parametrize("place", TAMPERING.values(), ids=TAMPERING)
@pytest.mark.parametrize("growing", [True, False], ids=["growing", "idle"])
def test_one_flipped_bit_in_any_file_freezes_the_log(
    log: models.Log, place: str, growing: bool
) -> None:
    fill(log, 600)
    publish(log)
    path = queries.folder(log.name) / place
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    before = (queries.folder(log.name) / "checkpoint").read_bytes()
    if growing:
        fill(log, 1)
        assert not publish(log)
    else:
        assert not actions.look(log_id=log.pk, at=NOON)
    assert frozen(log)
    assert (queries.folder(log.name) / "checkpoint").read_bytes() == before
    assert "ledger" in feed.alarms(NOON)
    fill(log, 5)  # ratings are still taken
    assert not publish(log)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET body = set_byte(body, 9, 1 - get_byte(body, 9) % 2) WHERE no = 3",
        "UPDATE ledger_entry SET body = set_byte(body, 9, 1 - get_byte(body, 9) % 2) WHERE no = 610",
        "DELETE FROM ledger_entry WHERE no = 5",
        "DELETE FROM ledger_entry WHERE no = 612",
        "UPDATE ledger_log SET frontier = set_byte(frontier, 1, 7)",
    ],
)
def test_a_row_that_a_superuser_changed_is_never_signed(log: models.Log, sql: str) -> None:
    fill(log, 600)
    publish(log)
    fill(log, 20)
    rows(sql)
    assert not publish(log)
    assert frozen(log)
    assert checkpoint(log).size == 600


def test_a_restored_backup_freezes_and_goes_on_from_a_mirror(log: models.Log, home: Path) -> None:
    fill(log, 500)
    publish(log)
    fill(log, 300)
    publish(log)
    # the backup of before comes back, and ratings go on arriving
    rows("DELETE FROM ledger_entry WHERE no >= 500")
    rows("DELETE FROM ledger_checkpoint WHERE size > 500")
    nodes: list[bytes] = []
    rules.extend(nodes, 0, map(rules.leaf_hash, queries.entries(log.pk, 0, 500)))
    models.Log.objects.filter(pk=log.pk).update(size=500, published=500, frontier=b"".join(nodes))
    assert not publish(log)
    assert "800 were published" in frozen(log)
    others = [rules.leaf(rules.Leaf.SUBMITTED, b"\7" * 32)] * 400
    actions.append(log_id=log.pk, entries=others)

    def fetch(place: str) -> bytes:
        return (queries.folder(log.name) / place).read_bytes()

    lost, moved = actions.import_from(log_id=log.pk, fetch=fetch)
    assert (lost, moved[500], len(moved)) == (300, 800, 400)
    actions.thaw(log_id=log.pk, reason="restored", by=1, at=NOON)
    before = checkpoint(log)
    actions.rebuild(log_id=log.pk)
    assert publish(log)
    after = checkpoint(log)
    assert after.size == 1200
    path = rules.consistency(800, 1200, queries.in_files(log.name, 1200))
    rules.check_consistency(before.size, after.size, path, before.root, after.root)
    assert "ledger" not in feed.alarms(NOON)


def test_a_fork_of_the_same_length_is_seen(log: models.Log) -> None:
    fill(log, 10)
    publish(log)
    rows("DELETE FROM ledger_entry WHERE no >= 5")
    rows("DELETE FROM ledger_checkpoint")
    nodes: list[bytes] = []
    rules.extend(nodes, 0, map(rules.leaf_hash, queries.entries(log.pk, 0, 5)))
    models.Log.objects.filter(pk=log.pk).update(size=5, published=0, frontier=b"".join(nodes))
    actions.append(log_id=log.pk, entries=[b"\1" * 34] * 30)
    assert not publish(log)
    assert "another history" in frozen(log)


def test_files_that_were_lost_are_written_again_from_the_database(log: models.Log) -> None:
    fill(log, 600)
    publish(log)
    before = checkpoint(log)
    for path in sorted(queries.folder(log.name).rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    fill(log, 1)
    assert not publish(log)
    assert "gone from the disk" in frozen(log)
    actions.rebuild(log_id=log.pk)
    actions.thaw(log_id=log.pk, reason="a new disk", by=1, at=NOON)
    assert publish(log)
    path = rules.consistency(600, 601, queries.in_files(log.name, 601))
    rules.check_consistency(600, 601, path, before.root, checkpoint(log).root)
    rows("UPDATE ledger_entry SET body = '\\x00' WHERE no = 3")
    with pytest.raises(Broken):
        actions.rebuild(log_id=log.pk)


def test_a_full_disk_changes_no_checkpoint(
    log: models.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log, 10)
    publish(log)
    fill(log, 10)
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(OSError, match="No space left"):
        publish(log)
    monkeypatch.undo()
    assert checkpoint(log).size == 10
    assert publish(log)  # as soon as there is room
    assert checkpoint(log).size == 20


def _full(_handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_new_key_signs_beside_the_old_one_and_then_alone(log: models.Log) -> None:
    fill(log, 1)
    publish(log)
    old = queries.vkeys(log)
    later = NOON + timedelta(days=1)
    fresh = actions.rotate(log_id=log.pk, by=0, at=later)
    assert len(fresh) == 2
    fill(log, 1)
    actions.publish(log_id=log.pk, at=later)
    text = (queries.folder(log.name) / "checkpoint").read_text()
    for vkey in (old[0], fresh[0]):
        assert metamorphic_log.verify_signed_note(text, [vkey])
    fill(log, 1)
    actions.publish(log_id=log.pk, at=later + timedelta(days=91))
    text = (queries.folder(log.name) / "checkpoint").read_text()
    assert metamorphic_log.verify_signed_note(text, [fresh[0]])
    with pytest.raises(Exception):  # noqa: B017, PT011 - another's error
        metamorphic_log.verify_signed_note(text, [old[0]])


def test_the_sm2_line_is_what_the_design_says(log: models.Log) -> None:
    fill(log, 3)
    publish(log)
    folder = queries.folder(log.name)
    (told,) = [
        base64.b64decode(line.split("+", 2)[2])
        for line in (folder / "keys").read_text().splitlines()
        if base64.b64decode(line.split("+", 2)[2])[0] == 0xFF
    ]
    kind, point = told[1:-66], told[-66:]
    assert (kind, point[:2]) == (b"haochaping.cn/sm2-with-sm3/v1", b"\0\x04")
    key_id = hashlib.sha256(f"{log.origin}\n".encode() + told).digest()[:4]
    text, _, lines = (folder / "checkpoint").read_text().rpartition("\n\n")
    signed = [base64.b64decode(line.split(" ")[2]) for line in lines.splitlines()]
    (ours,) = [one[4:] for one in signed if one[:4] == key_id]
    assert crypto.sm2_signed(point[2:], ours, f"{text}\n".encode())
    assert not crypto.sm2_signed(point[2:], ours, f"{text}x\n".encode())
