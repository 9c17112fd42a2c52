"""Ratings that came before their service was registered.

They count from the moment the record arrives.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.evaluations import events, models, rules
from haochaping.evaluations.actions.intake import submit
from haochaping.feed import actions as feed
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Reach
from haochaping.kernel import outbox
from haochaping.kernel.crypto import Keyring, Unreadable
from haochaping.kernel.db import Row, rows, talk
from haochaping.records import queries as records

log = logging.getLogger(__name__)
_ARRIVED = f"""
SELECT waiting.project_no, waiting.service_number, waiting.kind, waiting.parcel, waiting.digest,
       waiting.client_id, waiting.low, waiting.high
  FROM evaluations_waiting AS waiting JOIN {records.KEYS} AS key USING (project_no, service_number)
 ORDER BY waiting.kind, waiting.since LIMIT $1 FOR UPDATE OF waiting SKIP LOCKED
"""  # noqa: S608 - built from constants


@transaction.atomic
def link_waiting(*, limit: int = 1000, by: int = SYSTEM, at: datetime) -> int:
    """Submit the ratings whose service has been registered since; return how many.

    What is refused now is written down; one that cannot be read waits on, and holds up no other.
    """
    opened = [(row, _opened(row)) for row in rows(_ARRIVED, limit)]
    arrived = [(row, rating) for row, rating in opened if rating is not None]
    if len(arrived) < len(opened):
        error = f"{len(opened) - len(arrived)} waiting ratings cannot be read"
        feed.note_failure(name="waiting", error=error, at=at)
    elif opened:
        feed.note_success(name="waiting")
    refused = []
    for row, rating in arrived:
        (stored,) = talk(
            submit(
                ratings=[rating],
                client=identity.client(row["client_id"] or None, Reach(row["low"], row["high"])),
            )
        )
        if stored.refusal is not None:
            _note("refuse_waiting", row, stored.refusal.code, by, at)
            refused.append(row)
        _settle(row, stored.key, stored.refusal.code if stored.refusal else "", at)
    _tell(refused, at)
    if arrived:
        feed.rouse()
    return len(arrived)


def _opened(row: Row) -> rules.Rating | None:
    """Return a rating as it was handed in; None where it cannot be read."""
    keyring: Keyring = settings.KEYRING
    try:
        text = keyring.open(row["parcel"], "evaluation.waiting", row["digest"])
        return msgspec.json.decode(text or "", type=rules.Rating)
    except (Unreadable, msgspec.DecodeError) as bug:
        log.warning("a rating that waits cannot be read: %s", type(bug).__name__)
        return None


def _note(verb: str, row: Row, code: str, by: int, at: datetime) -> None:
    """Write down that a rating that waited does not count, and why."""
    audit.record(
        subject="evaluation",
        subject_id=0,
        verb=verb,
        details={name: row[name] for name in ("project_no", "service_number")} | {"code": code},
        region=row["low"],
        by=by,
        at=at,
    )


def _tell(ended: Iterable[Row], at: datetime) -> None:
    """Announce to each system how many of its ratings do not count: whoever asks hears each."""
    for client_id, number in Counter(row["client_id"] for row in ended).items():
        if client_id:
            outbox.ask(events.WaitingEnded(client_id, number, at))


def _settle(row: Row, key: int | None, code: str, at: datetime) -> None:
    """Take a rating off the waiting ones and note what became of it, for its system to read."""
    which = {name: row[name] for name in ("project_no", "service_number", "kind")}
    models.Waiting.objects.filter(**which, client_id=row["client_id"]).delete()
    models.Settled.objects.create(
        **which, client_id=row["client_id"] or None, evaluation_id=key, code=code[:40], at=at
    )


_PATIENCE = timedelta(days=90)  # after which a service that never came is not waited for
EXPIRED = "expired"


@transaction.atomic
def expire_waiting(*, limit: int = 1000, at: datetime) -> int:
    """Give up the ratings whose service has not been registered in three months; return how many.

    Nothing waits for ever, and nothing ends without a word.
    """
    late = models.Waiting.objects.filter(since__lt=at - _PATIENCE).order_by("since")[:limit]
    rows_ = list(late.values("project_no", "service_number", "kind", "client_id", "low"))
    for row in rows_:
        _note("expire_waiting", row, EXPIRED, SYSTEM, at)
        _settle(row, None, EXPIRED, at)
    _tell(rows_, at)
    return len(rows_)
