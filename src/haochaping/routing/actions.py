"""Keeping dispatch rules."""

from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound
from haochaping.regions.rules import city_range
from haochaping.routing import models
from haochaping.routing.rules import NoDepartment


@transaction.atomic
def keep(
    *,
    region: int,
    rated_department_id: int | None,
    item_id: int | None,
    department_id: int,
    by: int,
    at: datetime,
) -> int:
    """Dispatch such orders to a department at once from now on; return the rule's id.

    Raises NoDepartment.
    """
    identity.require(by, Right.KEEP_POLICY, within=region)
    if (
        not directory.still_open(directory.departments(city_range(region)))
        .filter(pk=department_id)
        .exists()
    ):
        raise NoDepartment
    made = models.Rule.objects.create(
        region=region,
        rated_department_id=rated_department_id,
        item_id=item_id,
        department_id=department_id,
        by=by,
        at=at,
    )
    details = {"rated": rated_department_id, "item": item_id, "to": department_id}
    audit.record(
        subject="dispatch_rule",
        subject_id=made.pk,
        verb="keep",
        details=details,
        region=region,
        by=by,
        at=at,
    )
    return made.pk


@transaction.atomic
def retire(*, rule_id: int, by: int, at: datetime) -> None:
    """Dispatch by a rule no more."""
    rule = models.Rule.objects.filter(pk=rule_id, retired_at=None).first()
    if rule is None:
        raise NotFound
    identity.require(by, Right.KEEP_POLICY, within=rule.region)
    rule.retired_at = at
    rule.save(update_fields=["retired_at"])
    audit.record(
        subject="dispatch_rule",
        subject_id=rule.pk,
        verb="retire",
        details={},
        region=rule.region,
        by=by,
        at=at,
    )
