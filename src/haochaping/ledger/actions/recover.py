"""Going on after a log was frozen: from a mirror, by writing the files again, or by admission."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.feed import actions as feed
from haochaping.kernel.db import one_at_a_time, rows
from haochaping.ledger import models, queries, rules
from haochaping.ledger.actions.publish import TROUBLE, Broken, guard
from haochaping.ledger.actions.sequence import append, open_log
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

type Fetch = Callable[[str], bytes]  # a file of a mirror by its place, such as `checkpoint`


@transaction.atomic
def import_from(*, log_id: int, fetch: Fetch) -> tuple[int, dict[int, int]]:
    """Take the leaves from a mirror that the database lost; return how many, and where the leaves
    went that stood in their places: they were appended since, and never published.

    Raises BadNote or Broken where the mirror is not one of this log, or does not hold what its
    checkpoint says.
    """
    one_at_a_time(f"publish {log_id}")
    log = _going_on(log_id)
    note = queries.signed_by_us(log, fetch("checkpoint").decode())
    last = rules.parse_checkpoint(note.text)
    bodies = [body for bundle in rules.bundles(0, last.size) for body in _bodies(fetch, bundle)]
    if rules.root(map(rules.leaf_hash, bodies)) != last.root or last.origin != log.origin:
        raise Broken("the mirror does not hold what its checkpoint says")
    held = list(queries.entries(log_id, 0, log.size))
    both = zip(held, bodies, strict=False)
    same = next((no for no, (ours, theirs) in enumerate(both) if ours != theirs), None)
    same = min(len(held), len(bodies)) if same is None else same
    _cut(log, same, bodies[:same])
    append(log_id=log_id, entries=bodies[same:])
    by = len(bodies) - same
    rest = [rules.moved(body, same, by) for body in held[same:]]
    first = append(log_id=log_id, entries=rest)
    moved = {no: first + no - same for no in range(same, len(held))}
    for one in models.Trail.objects.filter(log_id=log_id, no__in=list(moved)):
        models.Trail.objects.filter(pk=one.pk).update(no=moved[one.no])
    return by, moved


def _bodies(fetch: Fetch, bundle: rules.Tile) -> list[bytes]:
    """Return the leaves of a bundle; the part of one is gone where the whole one was written since,
    which is so where a log froze between writing and signing.
    """
    try:
        return rules.unpacked(fetch(bundle.path))
    except OSError:
        if bundle.width == rules.WIDTH:
            raise
        return rules.unpacked(fetch(bundle._replace(width=rules.WIDTH).path))[: bundle.width]


def _cut(log: models.Log, size: int, kept: Sequence[bytes]) -> None:
    """Bring a log back to a size."""
    rows("DELETE FROM ledger_entry WHERE log_id = $1 AND no >= $2", log.pk, size)
    models.Checkpoint.objects.filter(log=log, size__gt=size).delete()
    nodes: list[bytes] = []
    log.size = rules.extend(nodes, 0, map(rules.leaf_hash, kept))
    log.frontier = b"".join(nodes)
    log.published = min(log.published, size)
    log.save(update_fields=["size", "frontier", "published"])


@transaction.atomic
def rebuild(*, log_id: int) -> None:
    """Have every file of a log be written again with the next publication, from the leaves in the
    database; raises Broken where these are not what was published.
    """
    log = _going_on(log_id)
    last = models.Checkpoint.objects.filter(log=log, signed_at__isnull=False).order_by("-size")
    signed = last.first()
    if signed and queries.root_at(log_id, signed.size) != bytes(signed.root):
        raise Broken("the leaves in the database are not those that were published")
    if signed and not (queries.folder(log.name) / "checkpoint").exists():
        (queries.folder(log.name)).mkdir(parents=True, exist_ok=True)
        (queries.folder(log.name) / "checkpoint").write_text(signed.note)
    guard(log=log)
    log.published = 0
    log.save(update_fields=["published"])


def _going_on(log_id: int) -> models.Log:
    """Return a log, locked; raises LogEnded where another goes on in its place."""
    log = models.Log.objects.select_for_update().get(pk=log_id)
    if log.successor_id is not None:
        raise rules.LogEnded
    return log


def _calm() -> None:
    """Take the alarm back where every frozen log has another that goes on in its place."""
    if not models.Log.objects.filter(successor=None).exclude(frozen="").exists():
        feed.note_success(name=TROUBLE)


@transaction.atomic
def succeed(*, log_id: int, reason: str, by: int, at: datetime) -> models.Log:
    """Give a frozen log up, because neither its database nor any mirror is what was published, and
    return the log that goes on in its place, with a name and keys of its own. What was appended and
    never published is cut off: whoever entered it enters it anew.

    Raises LogSound where the log is not frozen, or was given up before.
    """
    one_at_a_time(f"publish {log_id}")
    log = models.Log.objects.select_for_update().get(pk=log_id)
    if not log.frozen or log.successor is not None:
        raise rules.LogSound
    size, _ = queries.last_signed(log)  # `published` starts anew while files are written again
    _cut(log, size, list(queries.entries(log.pk, 0, size)))
    models.Trail.objects.filter(log_id=log.pk, no__gte=size).delete()
    log.published = size
    year = rules.year_of(log.name)
    number = models.Log.objects.filter(name__startswith=f"{year}-").count() + 2
    log.successor = open_log(name=f"{year}-{number}", at=at)
    log.save(update_fields=["successor", "published"])
    _calm()
    audit.record(
        subject="ledger",
        subject_id=log_id,
        verb="succeed",
        details={"successor": log.successor.origin, "reason": reason},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    return log.successor


@transaction.atomic
def thaw(*, log_id: int, reason: str, by: int, at: datetime) -> None:
    """Sign again from now on, because people have looked and say why."""
    log = _going_on(log_id)
    log.frozen, log.frozen_at = "", None
    log.save(update_fields=["frozen", "frozen_at"])
    transaction.on_commit(partial(queries.frozen_mark(log.name).unlink, missing_ok=True))
    _calm()
    audit.record(
        subject="ledger",
        subject_id=log_id,
        verb="thaw",
        details={"reason": reason},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
