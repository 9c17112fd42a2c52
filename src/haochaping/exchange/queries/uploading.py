"""What is to be sent to partners next, and how the exchange with each goes."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from haochaping.exchange import models, rules
from haochaping.exchange.queries.reconciling import uncompared
from haochaping.feed.rules import Kind
from haochaping.kernel.crypto import Keyring, Unreadable
from haochaping.kernel.db import rows
from haochaping.kernel.masking import mask_name, mask_number, mask_phone, mask_text
from haochaping.kernel.sealed import Sealed

CONNECTED = "partner.secret"  # under which a partner's secret is sealed, bound to its row
RECEIVED = "partner.received"  # under which a message is sealed, bound to partner and id
SEALED = (
    Sealed("exchange_partner", {"secret": lambda _: CONNECTED}, row=lambda row: row["id"]),
    Sealed(
        "exchange_received",
        {"body": lambda _: RECEIVED},
        row=lambda row: f"{row['partner_id']}/{row['message']}",
        needs=("partner_id", "message"),
    ),
)

# the first message of each service: what waits behind it is not due before it has ended
_WAITING = """
SELECT id, record FROM exchange_delivery AS one
 WHERE partner_id = $1 AND due_at IS NOT NULL AND due_at <= $2 AND {}
   AND NOT EXISTS (SELECT FROM exchange_delivery AS before
                    WHERE before.partner_id = $1 AND before.record = one.record
                      AND before.due_at IS NOT NULL AND before.id < one.id)
 ORDER BY {}, id LIMIT $3
"""
_IN_TIME = _WAITING.format("since IS NULL AND deadline >= $2", "deadline")
_LATE = _WAITING.format("since IS NULL AND deadline < $2", "deadline")
_FAILED = _WAITING.format("since IS NOT NULL", "due_at")
_WANTED = ("partner_id", "kind", "ref", "record", "tries", "since", "turn")  # of what is sent
_ALONE = 20  # messages that failed before, which are tried one by one in a round


def terms_of(partner: models.Partner) -> tuple[object, ...]:
    """Return what a second person agrees to: where a partner is reached and what it is told."""
    granted = (partner.words, partner.personal, sorted(partner.departments))
    return (partner.url, partner.region, partner.dialect, *granted, partner.changed_by)


def to_send(partner: models.Partner, at: datetime) -> list[list[models.Delivery]]:
    """Return what to send a partner next, in groups that go together, the first message of each
    service.

    What can still arrive in time goes first, by its deadline; a fifth is for what is late already.
    What failed before goes alone, and has a room of its own, so that it holds up nothing else.
    """
    filed = partner.dialect == rules.Outward.DROP  # in a file what is about one service is in order
    batch = rules.A_FILE if filed and rules.by_day(partner.dialect, partner.ways) else partner.batch
    limit = rules.size(batch, partner.failures)
    alone = _ALONE
    if partner.pace:  # what one second may carry, what failed before with the rest
        limit = min(limit, partner.pace)
        alone = min(alone, max(limit // rules.SMALLEST_SHARE, 1))
    in_time, late, again = (
        rows(sql, partner.pk, at, most)
        for sql, most in ((_IN_TIME, limit), (_LATE, limit), (_FAILED, alone))
    )
    room = max(limit // rules.SMALLEST_SHARE, limit - len(in_time), 1)
    chosen = [*late[:room], *in_time[: max(limit - min(room, len(late)), 1)], *again]
    if not chosen:
        return []
    due = models.Delivery.objects.filter(due_at__lte=at).only(*_WANTED).order_by("pk")
    if filed:
        due = due.filter(partner=partner, record__in=[row["record"] for row in chosen])
    else:
        due = due.filter(pk__in=[row["id"] for row in chosen])
    fresh, failed = list[models.Delivery](), list[models.Delivery]()
    for one in due:
        (fresh if one.since is None else failed).append(one)
    groups = [[one] for one in failed]
    if partner.pace:
        limit -= len(groups) if limit > len(groups) else 0
    return [fresh[:limit], *groups] if fresh else groups


def partners_due(at: datetime) -> list[int]:
    """Return the partners that something is to be sent to now."""
    found = models.Partner.objects.filter(Q(due_at=None) | Q(due_at__lte=at), stopped_at=None)
    waits = models.Delivery.objects.filter(partner=OuterRef("pk"), due_at__lte=at)
    return list(found.filter(Exists(waits)).values_list("pk", flat=True))


def next_due() -> datetime | None:
    """Return when something is to be sent to a partner next; None when nothing waits."""
    moments = []
    for partner in models.Partner.objects.filter(stopped_at=None):
        waits = models.Delivery.objects.filter(partner=partner, due_at__isnull=False)
        due: datetime | None = waits.aggregate(due=Min("due_at"))["due"]
        if due is not None:
            moments.append(max(due, partner.due_at or due))
    return min(moments, default=None)


def partner(pk: int) -> models.Partner | None:
    """Return a partner."""
    return models.Partner.objects.filter(pk=pk).first()


def shown_partner(pk: int) -> models.Partner | None:
    """Return a partner as the back-office may read it: without its secret."""
    return models.Partner.objects.filter(pk=pk).defer("secret").first()


def partners() -> list[models.Partner]:
    """Return every partner."""
    return list(models.Partner.objects.order_by("pk"))


def to_start(scope: tuple[int, int], besides: int) -> int:
    """Return how many partners that were never spoken to wait for another person to start them."""
    waiting = models.Partner.objects.filter(
        region__range=scope, stopped_at__isnull=False, heard_at=None, ended_at=None
    )
    return waiting.exclude(changed_by=besides).count()


def partner_named(name: str) -> models.Partner | None:
    """Return a partner by its name."""
    return models.Partner.objects.filter(name=name).first()


@dataclass(frozen=True)
class Standing:
    """How the exchange with a partner goes."""

    partner: models.Partner
    counts: dict[int, int]  # messages by status
    late: int  # that wait beyond their deadline
    quarantined: int  # of theirs, waiting for a person
    differences: int
    uncompared: int  # days and families

    @property
    def waiting(self) -> int:
        """How many messages have not ended."""
        return self.counts[rules.Status.NEW] + self.counts[rules.Status.SENT]

    @property
    def trouble(self) -> int:
        """How many were refused or given up."""
        return sum(self.counts[status] for status in rules.TROUBLE)


_MOST = 100_000  # messages that are counted: a page never waits for more
_WAITS = """
SELECT partner_id, status, count(*) AS n, count(*) FILTER (WHERE deadline < $1) AS late
  FROM (SELECT partner_id, status, deadline FROM exchange_delivery
         WHERE due_at IS NOT NULL LIMIT $2) AS waiting
 GROUP BY partner_id, status
"""


def standings(scope: tuple[int, int], at: datetime) -> list[Standing]:
    """Return how the exchange goes with each partner within a range of regions."""
    found = models.Partner.objects.filter(region__range=scope).defer("secret").order_by("name")
    partners = {one.pk: one for one in found}
    counts: dict[int, dict[int, int]] = {pk: dict.fromkeys(rules.Status, 0) for pk in partners}
    late: Counter[int] = Counter()
    for row in rows(_WAITS, at, _MOST):
        pk = row["partner_id"]
        if pk in counts:
            counts[pk][row["status"]] = row["n"]
            late[pk] += row["late"]
    ended = models.Delivery.objects.filter(partner__in=partners, status__in=_SHOWN)
    for pk, status, n in ended.values_list("partner_id", "status").annotate(Count("pk")):
        counts[pk][status] = n
    quarantined = _of_partners(models.Received.objects.filter(done_at=None))
    differing = _of_partners(models.Difference.objects.filter(closed_at=None))
    silent = _of_partners(uncompared(at))
    return [
        Standing(
            one,
            {**counts[pk], rules.Status.ACKNOWLEDGED: one.acknowledged},
            late[pk],
            quarantined.get(pk, 0),
            differing.get(pk, 0),
            silent.get(pk, 0),
        )
        for pk, one in partners.items()
    ]


_SHOWN = sorted({*rules.TROUBLE, rules.Status.LEFT_OUT})


def _of_partners(found: QuerySet[Any]) -> dict[int, int]:
    return dict(found.values_list("partner_id").annotate(Count("pk")))


def partner_of(client_id: int) -> models.Partner | None:
    """Return the partner behind a key."""
    return models.Partner.objects.filter(client_id=client_id, stopped_at=None).first()


def deliveries(partner_id: int, statuses: Sequence[int]) -> QuerySet[models.Delivery]:
    """Return messages to a partner in these states, the newest first."""
    found = models.Delivery.objects.filter(partner_id=partner_id, status__in=statuses)
    return found.order_by("-pk")


def secret_of(partner: models.Partner) -> Mapping[str, str]:
    """Return what we sign and encrypt with for a partner."""
    keyring: Keyring = settings.KEYRING
    found: dict[str, str] = json.loads(keyring.open(partner.secret, CONNECTED, partner.pk) or "{}")
    return found


def theirs_of(partner_id: int, refs: Collection[int]) -> dict[int, str]:
    """Return the numbers that a partner gave ratings, by key."""
    rated = models.Delivery.objects.filter(partner_id=partner_id, kind=Kind.RATING, ref__in=refs)
    return dict(rated.values_list("ref", "theirs")) if refs else {}


def left_out(partner_id: int) -> dict[str, int]:
    """Return why messages were not told to a partner by rule, and how many."""
    found = models.Delivery.objects.filter(partner_id=partner_id, status=rules.Status.LEFT_OUT)
    return dict(found.values_list("reason").annotate(Count("pk")).order_by("reason"))


@dataclass(frozen=True)
class Waiting:
    """A message that waits for a person, and what it says; who it is about is masked."""

    row: models.Received
    document: Mapping[str, str]


_NAMES = frozenset({"userName", "handleUserName", "name", "legalPerson"})
_PHONES = frozenset({"mobile", "phoneNumber", "contactMobile"})
_NUMBERS = frozenset({"certKey", "certKeyGOV", "creditNum", "handleUserPageCode"})


def quarantine(partner_id: int) -> QuerySet[models.Received]:
    """Return what a partner sent that waits for a person, the oldest first."""
    found = models.Received.objects.filter(partner_id=partner_id, done_at=None)
    return found.defer("digest", "told").order_by("at", "pk")


def opened(found: Iterable[models.Received]) -> list[Waiting]:
    """Return what messages say that wait for a person; of one that does not open nothing."""
    waiting = []
    for row in found:
        document = text_of(row) or {}
        waiting.append(Waiting(row, {name: _shown(name, one) for name, one in document.items()}))
    return waiting


def text_of(row: models.Received) -> dict[str, str] | None:
    """Return what a message says; None where it does not open: it was altered, or sealed with
    another site's secret.
    """
    keyring: Keyring = settings.KEYRING
    try:
        text = keyring.open(row.body, RECEIVED, f"{row.partner_id}/{row.message}")
    except Unreadable:
        return None
    found: dict[str, str] = json.loads(text or "{}")
    return found


def _shown(name: str, value: str) -> str:
    if name in _NAMES:
        return mask_name(value)
    if name in _PHONES:
        return mask_phone(value)
    return mask_number(value) if name in _NUMBERS else mask_text(value)
