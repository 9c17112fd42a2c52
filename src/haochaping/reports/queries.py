"""Reading subscriptions and reports: everybody sees only their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from haochaping.calendar import queries as calendars
from haochaping.insight.rules.periods import Period, Span
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.reports import models, rules

FIELD = "subscription.mail"
LATELY = timedelta(days=3)
_TRIED = timedelta(days=3)  # how long a report is mailed again


@dataclass(frozen=True)
class Due:
    """A report that is to be made."""

    subscription_id: int
    user_id: int
    path: str
    query: str
    period: Period


@dataclass(frozen=True)
class Letter:
    """A report that is to be mailed."""

    report_id: int
    address: str
    title: str
    since: str
    pdf: bytes


def subscriptions(user_id: int) -> QuerySet[models.Subscription]:
    """Return what somebody has subscribed to."""
    return models.Subscription.objects.filter(user_id=user_id, removed_at=None).order_by("pk")


def reports(user_id: int) -> QuerySet[models.Report]:
    """Return somebody's reports without their contents, the latest first."""
    found = models.Report.objects.filter(user_id=user_id).defer("pdf")
    return found.select_related("subscription").order_by("-made_at", "-pk")


def fresh(user_id: int, at: datetime) -> int:
    """Return how many reports somebody got lately."""
    return models.Report.objects.filter(user_id=user_id, made_at__gt=at - LATELY).count()


def report(report_id: int, user_id: int) -> models.Report:
    """Return a report with its contents; raises NotFound for somebody else's."""
    found = models.Report.objects.filter(pk=report_id, user_id=user_id)
    row = found.select_related("subscription").first()
    if row is None:
        raise NotFound
    return row


def due(at: datetime) -> list[Due]:
    """Return the reports that are to be made now: in the office hours of their place."""
    found = []
    for row in models.Subscription.objects.filter(removed_at=None).order_by("pk"):
        period = rules.due(Span(row.span), row.done, business_day(at))
        if period is not None and calendars.current(row.region).is_open(at):
            found.append(Due(row.pk, row.user_id, row.path, row.query, period))
    return found


def letters(at: datetime) -> list[Letter]:
    """Return the reports that are to be mailed, in the office hours of their place: what fails is
    tried again for three days.
    """
    waiting = models.Report.objects.filter(
        mailed_at=None, made_at__gt=at - _TRIED, subscription__removed_at=None
    ).exclude(subscription__mail=None)
    return [
        Letter(
            row.pk,
            mail_of(row.subscription),
            row.subscription.title,
            str(row.since),
            bytes(row.pdf),
        )
        for row in waiting.select_related("subscription")
        if calendars.current(row.subscription.region).is_open(at)
    ]


def whose_mail(user_id: int, path: str) -> str:
    """Return what a sealed address is bound to."""
    return f"{user_id}/{path}"


def mail_of(row: models.Subscription) -> str:
    """Return the address that a report goes to, or nothing."""
    keyring: Keyring = settings.KEYRING
    return (
        (keyring.open(row.mail, FIELD, whose_mail(row.user_id, row.path)) or "") if row.mail else ""
    )
