"""The audit trail's leaves, and whether the trail still is what they commit to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.conf import settings

from haochaping.audit import queries as audit
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows
from haochaping.ledger import models
from haochaping.ledger.queries.logs import AUDIT, bodies, covering, logs, root_at
from haochaping.ledger.rules import Leaf

_AT_ONCE = 5_000


def commitment(entry: audit.Entry) -> bytes:
    """Return what a leaf says of an entry: it tells nothing to who has not the site's secret."""
    keyring: Keyring = settings.KEYRING
    told = msgspec.json.encode(
        [
            entry.pk,
            entry.at.isoformat(),
            entry.by,
            entry.verb,
            entry.subject,
            entry.subject_id,
            entry.region,
            entry.details,
        ],
        order="sorted",
    )
    return hashlib.sha256(b"hcp/v1/audit\0" + keyring.salt(f"audit {entry.pk}") + told).digest()


@dataclass(frozen=True)
class Checked:
    """What comparing the trail with its ledger found."""

    entries: int
    changed: Sequence[int]  # numbers of entries
    bare: Sequence[int]  # leaves that no entry stands behind
    signed: int  # leaves that the last checkpoint covers
    signed_at: datetime | None
    broken: bool  # the leaves lead to another root than was signed
    frozen: bool

    @property
    def well(self) -> bool:
        """Whether the trail is intact."""
        return not (self.changed or self.bare or self.broken or self.frozen)


def check_trail() -> Checked:
    """Compare every entry of the trail with its leaf, and the leaves with what was signed."""
    ours = [log for log in logs() if log.name.startswith(AUDIT)]
    last = ours[-1] if ours else None
    cover = covering(last.pk, last.published - 1) if last is not None else None
    return Checked(
        models.Trail.objects.count(),
        changed_trail(),
        bare_trail(),
        cover.size if cover else 0,
        cover.signed_at if cover else None,
        broken=any(_broken(log) for log in ours if log.successor is None),
        frozen=any(log.frozen for log in ours if log.successor is None),
    )


def _broken(log: models.Log) -> bool:
    found = models.Checkpoint.objects.filter(log=log, size=log.published).first()
    return found is not None and root_at(log.pk, found.size) != bytes(found.root)


def changed_trail() -> list[int]:
    """Return the numbers of entries that are not, or no longer, what their leaf commits to: what
    was changed or removed since.
    """
    found, last = list[int](), 0
    while True:
        known = models.Trail.objects.filter(entry_id__gt=last).order_by("entry_id")[:_AT_ONCE]
        leaves = list(known)
        if not leaves:
            return found
        last = leaves[-1].entry_id
        found += _changed(leaves)


_BARE = f"""
SELECT leaf.no FROM ledger_entry AS leaf JOIN ledger_log AS log ON log.id = leaf.log_id
 WHERE log.name LIKE '{AUDIT}%' AND log.successor_id IS NULL
   AND get_byte(leaf.body, 1) = {Leaf.AUDIT:d}
   AND NOT EXISTS (SELECT FROM ledger_trail AS known
                    WHERE known.log_id = leaf.log_id AND known.no = leaf.no)
 ORDER BY leaf.log_id, leaf.no
"""  # noqa: S608 - built from constants


def bare_trail() -> list[int]:
    """Return the leaves of the trail that no entry stands behind: somebody removed it and what told
    that there was one.
    """
    return [row["no"] for row in rows(_BARE)]


def _changed(leaves: list[models.Trail]) -> list[int]:
    entries = {one.pk: one for one in audit.numbered([leaf.entry_id for leaf in leaves])}
    held = {
        log_id: bodies(log_id, [leaf.no for leaf in leaves if leaf.log_id == log_id])
        for log_id in {leaf.log_id for leaf in leaves}
    }
    return [
        leaf.entry_id
        for leaf in leaves
        if leaf.entry_id not in entries
        or held[leaf.log_id].get(leaf.no, b"")[2:34] != commitment(entries[leaf.entry_id])
    ]
