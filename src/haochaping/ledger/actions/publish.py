"""Publishing a log: files first, read back and counted again, signed last (trust design §1.4)."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import batched, islice
from pathlib import Path

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.feed import actions as feed
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.files import put, put_all
from haochaping.ledger import models, queries, rules
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

TROUBLE = "ledger"  # the name under which /health and `hcp doctor` tell that a log is frozen
_SCRUB = 256  # bundles of old leaves that are looked at with each publication
_AT_ONCE = 64  # bundles that are written together


class Broken(Exception):
    """What is published and what we hold do not agree; the message says where."""


# of these the log is frozen; a full disk is no fault of the log's, and is tried again
_NOT_OURS = (Broken, FileNotFoundError, ValueError, rules.BadNote)


@transaction.atomic
def publish(*, log_id: int, at: datetime) -> bool:
    """Publish and sign what was appended; say whether a checkpoint was signed.

    Before that: the last checkpoint on disk must be of this very log (restore guard), what is
    written must read back as written, old files and leaves are looked at in turn, and all must lead
    to the root that was committed with the leaves. Else the log is frozen: ratings are still taken,
    nothing is signed.
    """
    one_at_a_time(f"publish {log_id}")
    log = models.Log.objects.get(pk=log_id)
    if not log.frozen and queries.frozen_mark(log.name).exists():
        freeze(log_id=log_id, reason="it was frozen, and nobody said why it should go on", at=at)
        return False
    if log.frozen or not _holds(log, partial(_prepare, log), at) or log.size == log.published:
        return False
    _sign(log, at)
    return True


def _holds(log: models.Log, work: Callable[[], None], at: datetime) -> bool:
    """Do a piece of work on a log; freeze it where something is not as it was, and say so."""
    try:
        work()
    except _NOT_OURS as broken:
        freeze(log_id=log.pk, reason=str(broken) or type(broken).__name__, at=at)
        return False
    return True


def _prepare(log: models.Log) -> None:
    """Check what is published, and write and read back what is new; raises one of _NOT_OURS."""
    guard(log=log)
    if log.size > log.published:
        _write(log)
    _scrub(log, _slice(log))
    if log.size > log.published:
        _check_written(log)


def guard(*, log: models.Log) -> None:
    """Check that the checkpoint on disk is the beginning of what the database holds; raises Broken.

    A database that was restored from an older backup would sign another history for the same
    numbers: a fork that every witness and every newspaper could prove.
    """
    path = queries.folder(log.name) / "checkpoint"
    if not path.exists():
        if log.published:
            raise Broken("the published checkpoint is gone from the disk")
        return
    note = queries.signed_by_us(log, path.read_text())
    last = rules.parse_checkpoint(note.text)
    if last.origin != log.origin:
        raise Broken(f"the checkpoint on disk is of {last.origin}")
    if last.size > log.size:
        raise Broken(f"the database holds {log.size} leaves, {last.size} were published")
    known = models.Checkpoint.objects.filter(log=log, size=last.size).first()
    root = bytes(known.root) if known else queries.root_at(log.pk, last.size)
    if root != last.root:
        raise Broken(f"the database has another history than the {last.size} published leaves")


def compare(*, log_id: int, seen: rules.Checkpoint, where: str, at: datetime) -> None:
    """Freeze a log of which somebody else holds more than we do, or another beginning: database and
    folder were restored together from an older backup, and would sign a fork.
    """
    log = models.Log.objects.get(pk=log_id)

    def work() -> None:
        if seen.size > log.size:
            raise Broken(f"{where} has seen {seen.size} leaves, the database holds {log.size}")
        if queries.root_of(log, seen.size) != seen.root:
            raise Broken(f"{where} has seen another history of the first {seen.size} leaves")

    if not log.frozen:
        _holds(log, work, at)


def _write(log: models.Log) -> None:
    """Write the files that the new leaves touch, the lowest level first."""
    name, begin = log.name, log.published // rules.WIDTH * rules.WIDTH
    leaves = queries.entries(log.pk, begin, log.size)
    for several in batched(rules.bundles(log.published, log.size), _AT_ONCE):
        files = {}
        for bundle in several:
            bodies = list(islice(leaves, bundle.width))
            if len(bodies) != bundle.width:
                raise Broken("leaves are missing in the database")
            hashes = b"".join(map(rules.leaf_hash, bodies))
            files[queries.path_of(name, bundle)] = rules.packed(bodies)
            files[queries.path_of(name, bundle._replace(level=0))] = hashes
        put_all(files)
    for tile in rules.tiles(log.published, log.size):
        if tile.level > 0:
            put(queries.path_of(name, tile), _above(log, tile))
    for bundle in rules.bundles(log.published, log.size):
        if bundle.width == rules.WIDTH:
            for level in (-1, 0):
                whole = queries.path_of(name, bundle._replace(level=level))
                shutil.rmtree(whole.with_name(f"{whole.name}.p"), ignore_errors=True)


def _above(log: models.Log, tile: rules.Tile) -> bytes:
    """Return a tile's hashes, counted from the whole tiles below it on disk."""
    below = range(tile.number * rules.WIDTH, tile.number * rules.WIDTH + tile.width)
    children = (rules.Tile(tile.level - 1, number, rules.WIDTH) for number in below)
    return b"".join(rules.summit(queries.read(log.name, child)) for child in children)


def _check_written(log: models.Log) -> None:
    """Read back what was written and count it again; raises Broken."""
    for bundle in rules.bundles(log.published, log.size):
        _same_bundle(log, bundle)
    for tile in rules.tiles(log.published, log.size):
        if tile.level > 0 and queries.read(log.name, tile) != _above(log, tile):
            raise Broken(f"{tile.path} reads back as something else")
    nodes = rules.frontier_at(log.size, queries.in_files(log.name, log.size))
    committed = models.Checkpoint.objects.get(log=log, size=log.size).root
    roots = {rules.root_of(nodes), rules.root_of(queries.frontier(log)), bytes(committed)}
    if len(roots) > 1:
        raise Broken(f"the files lead to another root than the {log.size} committed leaves")


def _same_bundle(log: models.Log, bundle: rules.Tile) -> bytes:
    """Check that a bundle, its hashes and the database say the same; return the hashes. Raises
    Broken.
    """
    begin = bundle.number * rules.WIDTH
    held = list(queries.entries(log.pk, begin, begin + bundle.width))
    if rules.unpacked(queries.read(log.name, bundle)) != held:
        raise Broken(f"{bundle.path} and the database differ")
    hashes = queries.read(log.name, bundle._replace(level=0))
    if hashes != b"".join(map(rules.leaf_hash, held)):
        raise Broken(f"{bundle._replace(level=0).path} has other hashes")
    return hashes


def _slice(log: models.Log) -> range:
    """Return the bundles of published leaves that are looked at now: all of a small log, else the
    next in turn, so that every one has its turn.
    """
    there = -(-log.published // rules.WIDTH)
    if there <= _SCRUB:
        return range(there)
    begin = log.scrubbed % there
    return range(begin, min(there, begin + _SCRUB // 4))


def _scrub(log: models.Log, numbers: Iterable[int]) -> None:
    """Look at old bundles, and at what the tiles above hold of them; raises Broken."""
    at, before = queries.in_files(log.name, log.published), log.scrubbed
    for number in numbers:
        bundle = rules.tile_of(-1, number, log.published)
        hashes = _same_bundle(log, bundle)
        if bundle.width == rules.WIDTH and at(rules.HEIGHT, number) != rules.summit(hashes):
            raise Broken(f"the tile above {bundle.path} has another hash")
        log.scrubbed = number + 1
    if log.scrubbed != before:  # an idle platform writes nothing
        models.Log.objects.filter(pk=log.pk).update(scrubbed=log.scrubbed)


def look(
    *, log_id: int, suspects: Sequence[int] = (), paths: Sequence[Path] = (), at: datetime
) -> bool:
    """Look whether the published files and leaves are as they were: in turn, and at bundles and
    files that somebody suspects; say so. What is not freezes it.
    """
    log = models.Log.objects.get(pk=log_id)
    if log.frozen:
        return False
    there = -(-log.published // rules.WIDTH)

    def work() -> None:
        guard(log=log)
        known = {number for number in suspects if number < there}
        for path in paths:
            known |= set(queries.bundles_below(path, there))
        _scrub(log, [*_slice(log), *sorted(known)])

    return _holds(log, work, at)


def _sign(log: models.Log, at: datetime) -> None:
    """Sign the committed root and publish that last."""
    root = models.Checkpoint.objects.values_list("root", flat=True).get(log=log, size=log.size)
    text = rules.Checkpoint(log.origin, log.size, bytes(root)).text
    note = queries.sign(log, text, at)
    put(queries.folder(log.name) / "keys", queries.published_keys(log))
    put(queries.folder(log.name) / "checkpoint", note.whole.encode())
    signed = models.Checkpoint.objects.filter(log=log, size=log.size)
    signed.update(note=note.whole, signed_at=at)
    unsigned = models.Checkpoint.objects.filter(log=log, size__lt=log.size, signed_at=None)
    unsigned.delete()
    models.Log.objects.filter(pk=log.pk).update(published=log.size)


@transaction.atomic
def freeze(*, log_id: int, reason: str, at: datetime) -> None:
    """Sign nothing more until people have looked: what is published stays as it is."""
    log = models.Log.objects.select_for_update().get(pk=log_id)
    if log.frozen:
        return
    log.frozen, log.frozen_at = reason[:400], at
    log.save(update_fields=["frozen", "frozen_at"])
    mark = partial(put, queries.frozen_mark(log.name), reason.encode())
    transaction.on_commit(mark, robust=True)
    feed.note_failure(name=TROUBLE, error=reason, at=at)
    audit.record(
        subject="ledger",
        subject_id=log_id,
        verb="freeze",
        details={"reason": reason[:400]},
        region=PROVINCE_OF_THE_PLATFORM,
        by=0,
        at=at,
    )


@transaction.atomic
def add_cosignatures(*, log_id: int, size: int, lines: str, enough: bool, at: datetime) -> None:
    """Put the lines of witnesses below a checkpoint, on disk too where it is the last."""
    one_at_a_time(f"publish {log_id}")
    row = models.Checkpoint.objects.get(log_id=log_id, size=size)
    row.note = rules.with_lines(row.note, lines.splitlines())
    row.cosigned_at = row.cosigned_at or (at if enough else None)
    row.save(update_fields=["note", "cosigned_at"])
    log = models.Log.objects.get(pk=log_id)
    if log.published == size:
        put(queries.folder(log.name) / "checkpoint", row.note.encode())
