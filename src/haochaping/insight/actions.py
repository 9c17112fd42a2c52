"""Keeping maps."""

from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.insight import models
from haochaping.insight.rules import maps
from haochaping.regions import queries as regions


@transaction.atomic
def keep_map(*, region: int, file: bytes, approval: str, by: int, at: datetime) -> int:
    """Show this map of what lies below a place instead of tiles; return its id.

    Raises BadMap, which says what is wrong with the file.
    """
    identity.require(by, Right.SUPERVISE, within=region)
    number = maps.approval_number(approval)
    below = {code // 10**6: name for code, name in _below(region).items()}
    drawn = maps.read(file, below)
    models.Map.objects.filter(region=region, retired_at=None).update(retired_at=at)
    made = models.Map.objects.create(
        region=region,
        approval=number,
        width=drawn.width,
        height=drawn.height,
        areas=[list(area) for area in drawn.areas],
        by=by,
        made_at=at,
    )
    _record("keep", made.pk, region, number, by, at)
    return made.pk


def _below(region: int) -> dict[int, str]:
    tree = regions.tree()
    return {code: tree.name(code) for code in tree.children(region)}


@transaction.atomic
def retire_map(*, region: int, by: int, at: datetime) -> None:
    """Show tiles again."""
    identity.require(by, Right.SUPERVISE, within=region)
    for shown in models.Map.objects.filter(region=region, retired_at=None):
        shown.retired_at = at
        shown.save(update_fields=["retired_at"])
        _record("retire", shown.pk, region, shown.approval, by, at)


def _record(verb: str, key: int, region: int, number: str, by: int, at: datetime) -> None:
    audit.record(
        subject="map",
        subject_id=key,
        verb=verb,
        details={"approval": number},
        region=region,
        by=by,
        at=at,
    )
