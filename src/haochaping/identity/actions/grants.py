"""What the systems that call us may do, and whether they may at all: by two persons."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from haochaping.identity import models, queries, rules
from haochaping.identity.actions._noting import record_key
from haochaping.kernel import marks
from haochaping.kernel.errors import NotFound


@transaction.atomic
def grant_client(
    *, client: str, departments: Collection[str], everybodys: bool, by: int, at: datetime
) -> None:
    """Say which departments a client may name and whether it works on others' services."""
    owner = models.ApiClient.objects.select_for_update().filter(name=client).first()
    if owner is None:
        raise NotFound
    before = {"departments": owner.departments, "everybodys": owner.everybodys}
    if before == {"departments": sorted(departments), "everybodys": everybodys}:
        return
    owner.departments, owner.everybodys = sorted(departments), everybodys
    owner.save(update_fields=["departments", "everybodys"])
    after = {"departments": owner.departments, "everybodys": everybodys}
    record_key(owner, "grant_client", {"client": client, "before": before, "after": after}, by, at)


@transaction.atomic
def follow_successor(*, code: str, successor: str, by: int, at: datetime) -> int:
    """Have every client that may name a department, or the one that took over from it, name both:
    its systems go on under either code, and reach what the old one left. Return how many clients.
    """
    changed = 0
    for owner in models.ApiClient.objects.select_for_update().exclude(departments=[]):
        had = set(owner.departments)
        if had & {code, successor} and not had >= {code, successor}:
            owner.departments = sorted(had | {code, successor})
            owner.save(update_fields=["departments"])
            told = {"client": owner.name, "departments": [code, successor]}
            record_key(owner, "follow_successor", told, by, at)
            changed += 1
    return changed


@transaction.atomic
def start_client(*, client_id: int, partner: bool = False, by: int, at: datetime) -> None:
    """Have the keys of a client be good, which another person connected; those of a partner are so
    once the exchange with it starts, and by nothing else. Raises SamePerson, NotFound or
    NotAllowed.
    """
    owner = models.ApiClient.objects.select_for_update().filter(pk=client_id).first()
    if owner is None or owner.waits_since is None or owner.partner is not partner:
        raise NotFound
    queries.require(by, rules.Right.EXCHANGE, within=owner.region)
    if by and by == owner.made_by:
        raise rules.SamePerson
    owner.waits_since = None
    owner.save(update_fields=["waits_since"])
    record_key(owner, "start_client", {"client": owner.name}, by, at)


@transaction.atomic
def hold_client(*, client_id: int, by: int, at: datetime) -> None:
    """Have the keys of a client be good no more until another person starts it again."""
    owner = models.ApiClient.objects.select_for_update().get(pk=client_id)
    owner.waits_since, owner.made_by = owner.waits_since or at, by
    owner.save(update_fields=["waits_since", "made_by"])
    record_key(owner, "hold_client", {"client": owner.name}, by, at)


@transaction.atomic
def propose_grant(
    *, client_id: int, departments: Collection[str], everybodys: bool, by: int, at: datetime
) -> None:
    """Say anew which departments a client may name and whether it works on others' services. What
    narrows it holds at once, what widens it once another person has agreed. Raises NotFound or
    NotAllowed.
    """
    owner = _own(client_id, rules.Right.KEEP_KEYS, by)
    wanted: dict[str, Any] = {"departments": sorted(departments), "everybodys": everybodys}
    had = set(owner.departments)
    within = not had or (departments and set(departments) <= had)
    narrower = within and (owner.everybodys or not everybodys)
    owner.proposed = None if narrower else wanted | {"by": by}
    owner.save(update_fields=["proposed"])
    if narrower:
        grant_client(client=owner.name, **wanted, by=by, at=at)
    else:
        record_key(owner, "propose_grant", {"client": owner.name, **wanted}, by, at)


@transaction.atomic
def decide_grant(
    *, client_id: int, approve: bool, shown: str | None = None, by: int, at: datetime
) -> None:
    """Agree to what was proposed for a client, or turn it down; `shown` is the mark of what was
    looked at. Raises SamePerson, NotFound, NotAllowed or ChangedMeanwhile.
    """
    owner = _own(client_id, rules.Right.EXCHANGE, by)
    wanted = owner.proposed
    if wanted is None:
        raise NotFound
    marks.check(shown, wanted)
    if approve and by == wanted["by"]:
        raise rules.SamePerson
    owner.proposed = None
    owner.save(update_fields=["proposed"])
    if approve:
        departments, everybodys = wanted["departments"], wanted["everybodys"]
        grant_client(
            client=owner.name, departments=departments, everybodys=everybodys, by=by, at=at
        )
    else:
        record_key(owner, "reject_grant", {"client": owner.name}, by, at)


def _own(client_id: int, right: rules.Right, by: int) -> models.ApiClient:
    """Return a system that is no partner, locked; raises NotFound or NotAllowed."""
    systems = models.ApiClient.objects.select_for_update().filter(partner=False)
    owner = systems.filter(pk=client_id).first()
    if owner is None:
        raise NotFound
    queries.require(by, right, within=owner.region)
    return owner
