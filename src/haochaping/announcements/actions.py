"""Announcing: written by one person, published by another, withdrawn by either."""

from datetime import datetime

from django.db import transaction

from haochaping.announcements import models, rules
from haochaping.audit import actions as audit
from haochaping.identity import queries as people
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day


@transaction.atomic
def propose(*, draft: rules.Draft, by: int, at: datetime) -> int:
    """Write an announcement, which staff alone read at once; raises BadAnnouncement or
    NotAllowed.
    """
    people.require(by, Right.ANNOUNCE, within=draft.region)
    rules.check(draft, business_day(at))
    made = models.Announcement.objects.create(
        region=draft.region,
        title=draft.title.zh,
        title_en=draft.title.en,
        body=draft.body.zh,
        body_en=draft.body.en,
        audience=sorted(draft.audience),
        since=draft.since,
        until=draft.until,
        proposed_by=by,
        proposed_at=at,
    )
    _record(made, "propose", by, at)
    if not draft.by_two:
        _decide(made, approve=True, by=by, at=at)
    return made.pk


@transaction.atomic
def decide(*, announcement_id: int, approve: bool, by: int, at: datetime) -> None:
    """Publish an announcement or turn it down; raises SamePerson, NotFound or NotAllowed."""
    found = _locked(announcement_id, by)
    if found.decided_at is not None:
        raise NotFound
    if approve and found.proposed_by == by:
        raise SamePerson
    _decide(found, approve=approve, by=by, at=at)


@transaction.atomic
def withdraw(*, announcement_id: int, by: int, at: datetime) -> None:
    """Take an announcement away before its last day."""
    found = _locked(announcement_id, by)
    if found.withdrawn_at is None and found.approved:
        found.withdrawn_by, found.withdrawn_at = by, at
        found.save(update_fields=["withdrawn_by", "withdrawn_at"])
        _record(found, "withdraw", by, at)


def _locked(announcement_id: int, by: int) -> models.Announcement:
    found = models.Announcement.objects.select_for_update().filter(pk=announcement_id).first()
    if found is None:
        raise NotFound
    people.require(by, Right.ANNOUNCE, within=found.region)
    return found


def _decide(one: models.Announcement, *, approve: bool, by: int, at: datetime) -> None:
    one.decided_by, one.decided_at, one.approved = by, at, approve
    one.save(update_fields=["decided_by", "decided_at", "approved"])
    _record(one, "approve" if approve else "reject", by, at)


def _record(one: models.Announcement, verb: str, by: int, at: datetime) -> None:
    audit.record(
        subject="announcement",
        subject_id=one.pk,
        verb=verb,
        details={"title": one.title, "audience": one.audience, "until": one.until.isoformat()},
        region=one.region,
        by=by,
        at=at,
    )
