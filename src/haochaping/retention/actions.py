"""Changing terms: proposed by one person, in force by another."""

from datetime import date, datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel.errors import NotFound
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM
from haochaping.retention import models, queries, rules


def _may(by: int) -> None:
    identity.require(by, Right.KEEP_RETENTION, within=PROVINCE_OF_THE_PLATFORM)


@transaction.atomic
def propose(*, key: str, days: int | None, by: int, at: datetime) -> None:
    """Propose another term; what waits already is replaced. Raises BadTerm, NotFound or
    NotAllowed.
    """
    _may(by)
    term = rules.TERMS.get(key)
    if term is None:
        raise NotFound
    if days is None or not term.least <= days <= term.most:
        raise rules.BadTerm(term)
    models.Change.objects.filter(key=key, decided_at=None).delete()
    if days == queries.term(key).days:
        return
    made = models.Change.objects.create(key=key, days=days, proposed_by=by, proposed_at=at)
    _record(made, "propose", by, at)


@transaction.atomic
def decide(*, change_id: int, approve: bool, by: int, at: datetime) -> None:
    """Put a term in force, or drop it; raises SamePerson, NotFound or NotAllowed."""
    _may(by)
    waits = models.Change.objects.select_for_update().filter(pk=change_id, decided_at=None).first()
    if waits is None:
        raise NotFound
    if approve and waits.proposed_by == by:
        raise SamePerson
    waits.decided_by, waits.decided_at, waits.approved = by, at, approve
    waits.save(update_fields=["decided_by", "decided_at", "approved"])
    _record(waits, "approve" if approve else "reject", by, at)


def note_blanked(*, key: str, day: date) -> None:
    """Note that the facts of a kind have been blanked up to a day."""
    models.Progress.objects.update_or_create(pk=key, defaults={"day": day})


def _record(made: models.Change, verb: str, by: int, at: datetime) -> None:
    audit.record(
        subject="retention",
        subject_id=made.pk,
        verb=verb,
        details={"kind": made.key, "days": made.days},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
