"""Appending to a log: numbers without gaps, in one transaction with whatever says what the leaves
are of.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from haochaping.kernel.db import rows
from haochaping.ledger import models, queries, rules
from haochaping.ledger.actions.keys import make

_APPEND = """
INSERT INTO ledger_entry (log_id, no, body)
SELECT $1, $2 + ord - 1, body FROM unnest($3::bytea[]) WITH ORDINALITY AS given (body, ord)
"""


def open_log(*, name: str, at: datetime) -> models.Log:
    """Return a log by its name, or the one that goes on in its place, making it and its keys where
    it is new.
    """
    known = models.Log.objects.filter(name=name).first()
    while known is not None and known.successor is not None:
        known = known.successor
    if known is not None:
        return known
    log, _ = models.Log.objects.get_or_create(name=name, defaults={"origin": _origin(name)})
    make(name=name, at=at)
    return log


def _origin(name: str) -> str:
    return f"{urlsplit(settings.PUBLIC_URL).netloc}/hcp/{name}"


def prepare(*, name: str, at: datetime) -> tuple[str, list[str]]:
    """Make the keys of a log that is still to come; return how the world will know it, and its
    verifier keys: they are printed and given to witnesses before its first leaf.
    """
    make(name=name, at=at)
    coming = models.Log(name=name, origin=_origin(name))
    return coming.origin, queries.vkeys(coming)


@transaction.atomic
def append(*, log_id: int, entries: Sequence[bytes]) -> int:
    """Append leaves to a log; return the number of the first.

    The log's row is the sequencer: who holds its lock numbers, and a number that was given is
    given once (trust design §1.4). What is appended is published by `publish`. Raises LogEnded
    where another log took over a moment ago: whoever appends tries again, and finds that one.
    """
    log = models.Log.objects.select_for_update().get(pk=log_id)
    if log.successor_id is not None:
        raise rules.LogEnded
    first = log.size
    if not entries:
        return first
    rows(_APPEND, log_id, first, list(entries))
    nodes = queries.frontier(log)
    log.size = rules.extend(nodes, first, map(rules.leaf_hash, entries))
    log.frontier = b"".join(nodes)
    log.save(update_fields=["size", "frontier"])
    models.Checkpoint.objects.create(log=log, size=log.size, root=rules.root_of(nodes))
    return first
