"""Opening what an auditor drew, and saying in public what came of it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import Leaf
from haochaping.proofs import queries, rules
from haochaping.proofs.actions.enter import state
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@transaction.atomic
def open_sample(
    *, log: logs.Log, draw: rules.Draw, reason: str, by: int, at: datetime
) -> dict[str, Any]:
    """Return what opens the leaves of a draw, for the auditor alone: records hold levels and no
    name, phone or words. Raises BadDraw for leaves that the day and the word do not draw.
    """
    day = queries.day_of(log.pk, draw.day)
    if day is None:
        raise rules.NO_SUCH_DAY
    root = logs.root_of(log, day.end)
    rated = queries.rated_leaves(log.pk, day.begin, day.end)
    if list(draw.numbers) != rules.drawn(
        root, draw.seed, rated, min(len(draw.numbers), rules.MOST)
    ):
        raise rules.OTHER_LEAVES
    details = {"day": draw.day, "leaves": len(draw.numbers), "seed": draw.seed, "reason": reason}
    audit.record(
        subject="ledger",
        subject_id=log.pk,
        verb="open_sample",
        details=details,
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    told = {"v": 1, "kind": "opened", "origin": log.origin, "day": draw.day, "seed": draw.seed}
    return {**told, "opened": queries.openings_of(log.pk, draw.numbers)}


@transaction.atomic
def say_sampled(*, log: logs.Log, found: rules.Found, by: int, at: datetime) -> int:
    """Say in a leaf for everybody what an auditor's sample of a day found; return its number."""
    told = asdict(found)
    audit.record(
        subject="ledger",
        subject_id=log.pk,
        verb="say_sampled",
        details=told,
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    said = {"v": 1, "kind": "sampled", "origin": log.origin, **told, "at": at.isoformat()}
    return state(said=said, kind=Leaf.STATEMENT, at=at)
