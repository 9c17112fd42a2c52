"""Announcing an auditor's sealed list, and saying in public what became of what is on it."""

from datetime import datetime

import msgspec
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.evaluations import queries as evaluations
from haochaping.ledger.rules import Leaf
from haochaping.proofs import models, queries, rules
from haochaping.proofs.actions.enter import state
from haochaping.records import queries as records
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

ANNOUNCED, SHOPPED = "canary_list", "shopped"


@transaction.atomic
def announce_canaries(*, auditor: str, sha256: str, by: int, at: datetime) -> int:
    """Enter the digest of a list that nobody here has seen; return the leaf's number."""
    if not rules.is_digest(sha256):
        raise rules.NO_DIGEST
    said = {"v": 1, "kind": ANNOUNCED, "auditor": auditor, "sha256": sha256}
    no = state(said={**said, "at": at.isoformat()}, kind=Leaf.CANARY, at=at)
    _record("announce_canaries", {"auditor": auditor, "sha256": sha256}, by, at)
    return no


@transaction.atomic
def reveal_canaries(*, data: bytes, by: int, at: datetime) -> rules.Shopped:
    """Compare what an auditor had rated with what is held, and say so in a leaf for everybody;
    raises BadCanaries for a list that was not announced before the first of its ratings, or that
    was opened before.
    """
    shoppers, sha256 = rules.read_list(data), rules.digest(data)
    announced = models.Said.objects.filter(kind=ANNOUNCED, said__contains=sha256)
    first = next(filter(_entered, announced.order_by("at")), None)
    keys = [records.key_of(one.project_no, one.service_number) for one in shoppers]
    rated = evaluations.rated({key for key in keys if key is not None})
    if models.Said.objects.filter(kind=SHOPPED, said__contains=sha256).exists():
        raise rules.OPENED_BEFORE
    if first is None or any(one.received_at < first.at for one in rated.values()):
        raise rules.NOT_ANNOUNCED
    held = [rated[key].level if key in rated else None for key in keys]
    told = rules.compared([(one.level, level) for one, level in zip(shoppers, held, strict=True)])
    auditor = rules.auditor_of(first.said)
    shopped = rules.Shopped(auditor, sha256, first.no, *told)
    said = {"v": 1, "kind": SHOPPED, "auditor": auditor, "sha256": sha256, "announced": first.no}
    counts = {
        name: {str(level): number for level, number in sorted(by_level.items())}
        for name, by_level in zip(("planned", "missing", "altered"), told, strict=True)
    }
    state(said={**said, **counts, "at": at.isoformat()}, kind=Leaf.CANARY, at=at)
    _record("reveal_canaries", {"auditor": auditor, "sha256": sha256}, by, at)
    return shopped


def _entered(one: models.Said) -> bool:
    """Say whether a leaf commits to what a row says."""
    return queries.said_at(one.no, msgspec.json.decode(one.said)) == one.log_id


def _record(verb: str, details: dict[str, object], by: int, at: datetime) -> None:
    audit.record(
        subject="ledger",
        subject_id=0,
        verb=verb,
        details=details,
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
