"""What people say of reasons and problems: their word stays."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound
from haochaping.problems import models, queries
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


@transaction.atomic
def rename(*, problem_id: int, name: str, by: int, at: datetime) -> None:
    """Give a problem a name; an empty one gives it back to the machine."""
    problem = models.Problem.objects.filter(pk=problem_id).first()
    if problem is None:
        raise NotFound
    identity.require(by, Right.SUPERVISE, within=problem.region)
    name = " ".join(name.split())[:80]
    problem.named_by = by if name else None
    problem.name = name or problem.name
    problem.save(update_fields=["name", "named_by"])
    _record("problem", problem.pk, "rename", {"name": name}, problem.region, by, at)


@transaction.atomic
def judge(*, evaluation_id: int, reasons: Sequence[str], by: int, at: datetime) -> None:
    """Say which reasons a bad rating speaks of; the classifier learns from it at night."""
    text = models.Text.objects.filter(pk=evaluation_id).first()
    if text is None:
        raise NotFound
    identity.require(by, Right.SUPERVISE, within=text.region)
    known = set(queries.names())
    text.reasons = [one for one in dict.fromkeys(reasons) if one in known]
    text.judged_by, text.doubtful, text.confidence = by, False, None
    text.save(update_fields=["reasons", "judged_by", "doubtful", "confidence"])
    _record("problem", evaluation_id, "judge", {"reasons": text.reasons}, text.region, by, at)


@transaction.atomic
def set_keywords(*, reason: str, words: Sequence[str], by: int, at: datetime) -> None:
    """Change the words that speak for a reason; new ratings are read by them at once."""
    row = models.Keywords.objects.select_for_update().filter(pk=reason).first()
    if row is None:
        raise NotFound
    identity.require(by, Right.SUPERVISE, within=PROVINCE_OF_THE_PLATFORM)
    before = list(row.words)
    row.words = list(dict.fromkeys(word.strip()[:40] for word in words if word.strip()))[:300]
    row.changed_at = at
    row.save(update_fields=["words", "changed_at"])
    details = {
        "reason": reason,
        "added": [word for word in row.words if word not in before],
        "removed": [word for word in before if word not in row.words],
    }
    _record("problem", 0, "keywords", details, PROVINCE_OF_THE_PLATFORM, by, at)


def _record(
    subject: str,
    subject_id: int,
    verb: str,
    details: Mapping[str, object],
    region: int,
    by: int,
    at: datetime,
) -> None:
    audit.record(
        subject=subject,
        subject_id=subject_id,
        verb=verb,
        details=details,
        region=region,
        by=by,
        at=at,
    )
