"""Proposing, approving and withdrawing policies."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right, SamePerson
from haochaping.kernel import outbox
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.policies import events, models, queries, rules
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM

_TOO_EARLY = Words("生效日期不能早于今天。", "It cannot take effect before today.")
_NO_SOURCE = Words("请填写依据（文件名称或文号）。", "Say what it is based on.")


@transaction.atomic
def propose(
    *,
    region: int,
    valid_from: date,
    values: Mapping[str, int],
    source: str,
    redate: bool,
    by: int,
    at: datetime,
) -> int:
    """Propose what a region says of its own; return the proposal's id.

    Raises BadTerms: nothing may hold that contradicts itself.
    """
    identity.require(by, Right.KEEP_POLICY, within=region)
    if valid_from < business_day(at):
        raise rules.BadTerms(_TOO_EARLY, field="valid_from")
    if not source.strip():
        raise rules.BadTerms(_NO_SOURCE, field="source")
    policy = models.Policy.objects.create(
        region=region,
        valid_from=valid_from,
        values=dict(values),
        source=source.strip()[:200],
        redate=redate,
        proposed_by=by,
        proposed_at=at,
    )
    queries.check(policy)  # raises where it contradicts what is agreed, and nothing was written
    audit.record(
        subject="policy",
        subject_id=policy.pk,
        verb="propose",
        details=dict(values),
        region=region,
        by=by,
        at=at,
    )
    return policy.pk


@transaction.atomic
def approve(*, policy_id: int, by: int, at: datetime) -> int:
    """Put a proposed policy in force; another person than its proposer must do it. From today on
    where its day has passed: nothing held before it was agreed.

    Where it says so, whatever is under way gets its limits at once; return how many deadlines that
    moved. Raises SamePerson, BadTerms or NotFound.
    """
    policy = _open(policy_id)
    identity.require(by, Right.KEEP_POLICY, within=policy.region)
    if by == policy.proposed_by and by != SYSTEM:
        raise SamePerson
    if policy.redate and policy.valid_from > business_day(at):
        raise rules.BadTerms(
            Words(
                "该规则将重算在办工单，请在生效日当天审核。",
                "It gives open orders new deadlines; approve it on its day.",
            ),
            field="valid_from",
        )
    policy.valid_from = max(policy.valid_from, business_day(at))
    queries.check(policy)  # others may have been approved meanwhile
    policy.approved_by, policy.approved_at = by, at
    policy.save(update_fields=["valid_from", "approved_by", "approved_at"])
    audit.record(
        subject="policy",
        subject_id=policy.pk,
        verb="approve",
        details={"redate": policy.redate, "valid_from": policy.valid_from.isoformat()},
        region=policy.region,
        by=by,
        at=at,
    )
    if not policy.redate:
        return 0
    return sum(outbox.ask(events.PolicyApproved(policy.pk, by, at)))


@transaction.atomic
def withdraw(*, policy_id: int, by: int, at: datetime) -> None:
    """Take a proposal back."""
    policy = _open(policy_id)
    identity.require(by, Right.KEEP_POLICY, within=policy.region)
    policy.withdrawn_at = at
    policy.save(update_fields=["withdrawn_at"])
    audit.record(
        subject="policy",
        subject_id=policy.pk,
        verb="withdraw",
        details={},
        region=policy.region,
        by=by,
        at=at,
    )


def _open(policy_id: int) -> models.Policy:
    policy = (
        models.Policy.objects.select_for_update()
        .filter(pk=policy_id, approved_at=None, withdrawn_at=None)
        .first()
    )
    if policy is None:
        raise NotFound
    return policy


def adopt_default(*, by: int = SYSTEM, at: datetime) -> None:
    """Put the default 1/5/15 in force where there is no policy at all.

    Jiangsu's own numbers are not known to us, and it says so.
    """
    if models.Policy.objects.exists():
        return
    models.Policy.objects.create(
        region=PROVINCE_OF_THE_PLATFORM,
        valid_from=date(2019, 10, 1),
        values={"contact": 1, "ordinary": 5, "complex": 15},
        source=rules.DEFAULT_SOURCE,
        proposed_by=by,
        proposed_at=at,
        approved_by=by,
        approved_at=at,
    )
