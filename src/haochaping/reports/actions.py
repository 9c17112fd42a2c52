"""Subscribing, and keeping what was made."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.insight.rules.periods import Span
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.errors import NotFound
from haochaping.notifications.rules import Way, contact_address
from haochaping.reports import models, queries, rules


@transaction.atomic
def subscribe(*, address: str, title: str, span: str, mail: str, by: int, at: datetime) -> int:
    """Have a page made for oneself each week, month or quarter, from the next period that ends
    on; by mail too where an address is given. Return its id.

    Raises BadSubscription, TooMany, BadContact.
    """
    person = identity.person(by)
    identity.require(by, Right.SEE_FIGURES, within=person.region)
    if span not in rules.EVERY:
        raise rules.BadSubscription(field="span")
    path, query = rules.page_of(address)
    one_at_a_time(f"subscriptions {by}")
    if queries.subscriptions(by).count() >= rules.MOST:
        raise rules.TooMany
    sealed = None
    if mail.strip():
        keyring: Keyring = settings.KEYRING
        to = contact_address(Way.MAIL, mail)
        sealed = keyring.seal(to, queries.FIELD, queries.whose_mail(by, path))
    row = models.Subscription.objects.create(
        user_id=by,
        region=person.region,
        title=title.strip()[:80] or path,
        path=path,
        query=query,
        span=Span(span),
        mail=sealed,
        made_at=at,
    )
    _record(row, "subscribe", by, at)
    return row.pk


@transaction.atomic
def cancel(*, subscription_id: int, by: int, at: datetime) -> None:
    """Have it made no more; what was made stays."""
    row = queries.subscriptions(by).select_for_update().filter(pk=subscription_id).first()
    if row is None:
        raise NotFound
    _end(row, "cancel", by, at)


@transaction.atomic
def end(*, subscription_id: int, at: datetime) -> None:
    """Stop a subscription whose owner may not see its page any more."""
    row = models.Subscription.objects.select_for_update().get(pk=subscription_id)
    if row.removed_at is None:
        _end(row, "end", row.user_id, at)


def _end(row: models.Subscription, verb: str, by: int, at: datetime) -> None:
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    _record(row, verb, by, at)


def _record(row: models.Subscription, verb: str, by: int, at: datetime) -> None:
    audit.record(
        subject="subscription",
        subject_id=row.pk,
        verb=verb,
        details={"title": row.title, "span": row.span, "mail": bool(row.mail)},
        region=row.region,
        by=by,
        at=at,
    )


@transaction.atomic
def keep(*, subscription_id: int, since: date, pdf: bytes, at: datetime) -> None:
    """Keep a report for its reader; the same one again changes nothing."""
    row = models.Subscription.objects.select_for_update().get(pk=subscription_id)
    if row.removed_at is None and (row.done is None or row.done < since):
        models.Report.objects.create(
            subscription=row,
            user_id=row.user_id,
            region=row.region,
            since=since,
            pdf=pdf,
            made_at=at,
        )
        row.done = since
        row.save(update_fields=["done"])


def note_mailed(*, report_id: int, at: datetime) -> None:
    """Note that a report went out by mail."""
    models.Report.objects.filter(pk=report_id).update(mailed_at=at)


def forget(*, before: datetime) -> int:
    """Delete reports made before a moment; return how many."""
    return models.Report.objects.filter(made_at__lt=before).delete()[0]
