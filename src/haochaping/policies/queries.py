"""Reading policies: what holds for a region on a day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from haochaping.kernel.db import Conversation
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words
from haochaping.policies import models, rules
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, above, scope

Policy = models.Policy  # what other rooms call the rows that they get


def layers(region: int, day: date) -> list[models.Policy]:
    """Return the policy in force of each region above and of the region itself, the widest
    first.
    """
    found = models.Policy.objects.filter(
        region__in=above(region), valid_from__lte=day, approved_at__isnull=False
    ).order_by("valid_from", "pk")
    newest = {policy.region: policy for policy in found}
    return [newest[place] for place in above(region) if place in newest]


def terms(region: int, at: datetime) -> rules.Terms:
    """Return the terms that hold for a region at a moment.

    The defaults where nobody has said anything.
    """
    return rules.sound([policy.values for policy in layers(region, business_day(at))])


_IN_FORCE = """
SELECT DISTINCT ON (region) region, values FROM policies_policy
 WHERE approved_at IS NOT NULL
   AND valid_from <= (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date
 ORDER BY region, valid_from DESC, id DESC
"""


@dataclass(frozen=True)
class Windows:
    """Within how many days a rating and its follow-up may be given: what holds in general, and as
    JSON by region what some say of their own, None where none does.
    """

    first: int = rules.Terms().first
    follow_up: int = rules.Terms().follow_up
    own: str | None = None


def rating_windows() -> Conversation[Windows]:
    """Return within how many days a rating and its follow-up may be given."""
    found = {row["region"]: _values(row["values"]) for row in (yield _IN_FORCE, ())}
    general = rules.sound([found.get(PROVINCE_OF_THE_PLATFORM, {})])
    own = {}
    for region in sorted(found.keys() - {PROVINCE_OF_THE_PLATFORM}):
        if {"first", "follow_up"} & found[region].keys():
            terms = rules.sound([found[place] for place in above(region) if place in found])
            own[str(region)] = (terms.first, terms.follow_up)
    return Windows(general.first, general.follow_up, json.dumps(own) if own else None)


def _values(stored: str | Mapping[str, int]) -> Mapping[str, int]:
    """Return a JSON object that asyncpg gives as text and psycopg as a dictionary."""
    found: Mapping[str, int] = json.loads(stored) if isinstance(stored, str) else stored
    return found


def inherited(region: int, day: date) -> rules.Terms:
    """Return the terms that a region would have if it said nothing itself."""
    return rules.sound([one.values for one in layers(region, day) if one.region != region])


def check(proposal: models.Policy) -> None:
    """Raise BadTerms where a proposal, once in force, contradicts what is or will be in force: for
    its region and every region in it that says something of its own, on every day on which any of
    these begins.
    """
    agreed = models.Policy.objects.filter(approved_at__isnull=False).exclude(pk=proposal.pk)
    low, high = scope(proposal.region)
    near = Q(region__in=above(proposal.region)) | Q(region__range=(low, high))
    # a proposal holds until what is agreed for a later day
    policies = sorted([*agreed.filter(near), proposal], key=lambda one: (one.valid_from, one.pk))
    for region in sorted({one.region for one in policies if low <= one.region <= high}):
        chain = [one for one in policies if one.region in above(region)]
        days = {max(one.valid_from, proposal.valid_from) for one in chain}
        for day in sorted(days):
            newest = {one.region: one.values for one in chain if one.valid_from <= day}
            try:
                rules.merged(newest[place] for place in above(region) if place in newest)
            except rules.BadTerms as refusal:
                name = regions.tree().full_name(region)
                where = Words(f"{name} {day} 起", f"{name} from {day}")
                says = Words(f"{where.zh}：{refusal.says.zh}", f"{where.en}: {refusal.says.en}")
                raise rules.BadTerms(says, field=refusal.field) from None


def with_proposal(policy: models.Policy, region: int) -> rules.Terms:
    """Return the terms of a region as they would be with a proposed policy in force on its day."""
    kept = [
        (layer.region, layer.values)
        for layer in layers(region, policy.valid_from)
        if layer.region != policy.region
    ]
    return rules.merged(
        values
        for _, values in sorted(
            [*kept, (policy.region, policy.values)], key=lambda layer: above(region).index(layer[0])
        )
    )


def state_of(one: models.Policy, today: date) -> Words:
    """Say how a policy stands."""
    if one.withdrawn_at:
        return Words("已撤回", "withdrawn")
    if not one.approved_at:
        return Words("待审核", "to approve")
    later = one.valid_from > today
    return Words("未到生效日", "not yet") if later else Words("已生效", "approved")


def within(scope: tuple[int, int]) -> QuerySet[models.Policy]:
    """Return the policies of a range of regions and of the regions above it, newest first."""
    return models.Policy.objects.filter(
        Q(region__range=scope) | Q(region__in=above(scope[0]))
    ).order_by("-proposed_at", "-pk")


def one(policy_id: int) -> models.Policy | None:
    """Return a policy."""
    return models.Policy.objects.filter(pk=policy_id).first()
