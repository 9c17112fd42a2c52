"""What every action for a partner begins and ends with."""

from collections.abc import Mapping
from datetime import datetime

from haochaping.audit import actions as audit
from haochaping.exchange import models
from haochaping.identity import queries as people
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound


def locked(partner_id: int, by: int) -> models.Partner:
    """Return a partner that somebody may act for, locked; raises NotFound or NotAllowed."""
    found = models.Partner.objects.select_for_update().filter(pk=partner_id).first()
    if found is None:
        raise NotFound
    if by:
        people.require(by, Right.EXCHANGE, within=found.region)
    return found


def note(
    partner: models.Partner, verb: str, details: Mapping[str, object], by: int, at: datetime
) -> None:
    """Write down in the audit trail what was done about a partner."""
    audit.record(
        subject="partner",
        subject_id=partner.pk,
        verb=verb,
        details={"name": partner.name, **details},
        region=partner.region,
        by=by,
        at=at,
    )
