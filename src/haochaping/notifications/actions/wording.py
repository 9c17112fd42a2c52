"""Texts of messages: proposed by one person, in force by another."""

from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel.errors import NotFound
from haochaping.notifications import models, rules
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM


def _may(by: int) -> None:
    identity.require(by, Right.KEEP_POLICY, within=PROVINCE_OF_THE_PLATFORM)


@transaction.atomic
def propose_text(*, template: str, text: str, by: int, at: datetime) -> None:
    """Propose another text of a template; what waits already is replaced. Raises BadText,
    UnknownTemplate or NotAllowed.
    """
    _may(by)
    text = rules.checked_text(template, text)
    models.Text.objects.filter(template=template, decided_at=None).delete()
    made = models.Text.objects.create(template=template, text=text, proposed_by=by, proposed_at=at)
    _record(made, "propose", by, at)


@transaction.atomic
def decide_text(*, text_id: int, approve: bool, by: int, at: datetime) -> None:
    """Put a text in force, or drop it; raises SamePerson, NotFound or NotAllowed."""
    _may(by)
    waits = models.Text.objects.select_for_update().filter(pk=text_id, decided_at=None).first()
    if waits is None:
        raise NotFound
    if approve and waits.proposed_by == by:
        raise SamePerson
    waits.decided_by, waits.decided_at, waits.approved = by, at, approve
    waits.save(update_fields=["decided_by", "decided_at", "approved"])
    _record(waits, "approve" if approve else "reject", by, at)


def _record(made: models.Text, verb: str, by: int, at: datetime) -> None:
    audit.record(
        subject="template",
        subject_id=made.pk,
        verb=verb,
        details={"key": made.template, "text": made.text},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
