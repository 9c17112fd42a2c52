"""Keeping texts."""

from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound
from haochaping.texts import models, queries, rules


@transaction.atomic
def keep(*, fact: str, title: str, text: str, by: int, at: datetime) -> int:
    """Keep a text that one's own office writes often; return its id. Raises NothingWritten."""
    person = identity.person(by)
    identity.require(by, Right.HANDLE, within=person.region, department_id=person.department_id)
    if fact not in rules.KINDS or not title.strip() or not text.strip():
        raise rules.NothingWritten(field="text")
    made = models.Text.objects.create(
        region=person.region,
        department_id=person.department_id,
        fact=fact,
        title=title.strip()[:40],
        text=text.strip()[:1000],
        by=by,
    )
    audit.record(
        subject="text",
        subject_id=made.pk,
        verb="keep",
        details={"title": made.title},
        region=person.region,
        by=by,
        at=at,
    )
    return made.pk


@transaction.atomic
def retire(*, text_id: int, by: int, at: datetime) -> None:
    """Offer a text of one's own office no more."""
    person = identity.person(by)
    if not queries.of_office(person).filter(pk=text_id).update(retired_at=at):
        raise NotFound
    audit.record(
        subject="text",
        subject_id=text_id,
        verb="retire",
        details={},
        region=person.region,
        by=by,
        at=at,
    )
