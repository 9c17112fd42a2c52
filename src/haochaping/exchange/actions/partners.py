"""Connecting partners, and what may be changed about the exchange with one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from haochaping.exchange import models, rules
from haochaping.exchange.actions._partner import check_departments, grant, halt, locked, note
from haochaping.exchange.actions.receiving import DROPPED
from haochaping.exchange.queries.uploading import CONNECTED, terms_of
from haochaping.exchange.rules import Status
from haochaping.feed import actions as feed
from haochaping.identity import actions as identity
from haochaping.identity import queries as people
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel import marks
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import Refusal
from haochaping.kernel.webhooks import new_secret
from haochaping.kernel.words import Words, storable


class AlreadyConnected(rules.NotReadable):
    """A name stands for one partner."""

    status = 409
    code = "already_connected"
    says = Words(
        "已有同名的对接方，请换一个名称，或停用原来的。",
        "A partner of this name is connected; choose another name, or stop that one.",
    )


class BadConnection(Refusal):
    """What is to be agreed cannot be."""

    code = "bad_connection"
    says = Words(
        "请填写名称、行政区划和地址：http(s)://、sftp:// 或 file:// 开头。",
        "Name, region and address are needed; the address begins with http(s)://, sftp:// or "
        "file://.",
    )


_SCHEMES = ("https://", "http://", "sftp://", "file://")


@dataclass(frozen=True)
class Connection:
    """What is agreed with a partner."""

    name: str
    dialect: rules.Outward
    region: int
    url: str
    secret: Mapping[str, str] = field(default_factory=dict)  # what its operator gave us
    ways: Mapping[str, str] = field(default_factory=dict)
    words: bool = True
    personal: bool = False
    batch: int = 1000
    pace: int = 0
    departments: Sequence[str] = ()  # credit codes of those that are told; none: all


@transaction.atomic
def connect(*, agreed: Connection, by: int, at: datetime) -> tuple[int, dict[str, str]]:
    """Agree to tell a partner what happens in its region; return its id, and the key that is shown
    once. It begins when another person starts it; at the command line, at once.

    Who speaks JSON signs with a key of ours, in both directions; the others gave us theirs.
    Raises AlreadyConnected.
    """
    _check_place(agreed.name, agreed.url, agreed.region, by)
    rules.check_secret(agreed.dialect, agreed.secret)
    check_departments(agreed.departments)
    if models.Partner.objects.filter(name=agreed.name).exists():
        raise AlreadyConnected
    shown = _issued(agreed, by, at)
    partner = models.Partner.objects.create(
        name=agreed.name,
        dialect=agreed.dialect,
        region=agreed.region,
        departments=sorted(agreed.departments),
        url=agreed.url.rstrip("/"),
        ways=dict(agreed.ways),
        client_id=people.client_of(shown["kid"]) if "kid" in shown else None,
        words=agreed.words,
        personal=agreed.personal,
        batch=agreed.batch,
        pace=agreed.pace,
        connected_at=at,
        changed_by=by,
        stopped_at=at if by else None,
    )
    keyring: Keyring = settings.KEYRING
    partner.secret = keyring.seal(json.dumps({**shown, **agreed.secret}), CONNECTED, partner.pk)
    partner.save(update_fields=["secret"])
    told = {
        "dialect": agreed.dialect,
        "url": agreed.url,
        "personal": agreed.personal,
        "departments": sorted(agreed.departments),
    }
    note(partner, "connect", told, by, at)
    return partner.pk, shown


def _issued(agreed: Connection, by: int, at: datetime) -> dict[str, str]:
    """Return the key that we make for a partner, empty where it gave us one."""
    if agreed.dialect == rules.Outward.WEBHOOK:
        return {"secret": new_secret()}
    if agreed.dialect not in rules.SIGNED:
        return {}
    kid, word = identity.issue_key(
        client=agreed.name,
        region=agreed.region,
        algorithm="sm3",
        departments=agreed.departments,
        everybodys=True,
        partner=True,
        waits=bool(by),
        by=by,
        at=at,
    )
    return {"kid": kid, "secret": word, "algorithm": "sm3"}


def _check_place(name: str, url: str, region: int, by: int) -> None:
    """Raise what stands against telling a partner there."""
    name, url = name.strip(), url.strip()
    local = url.startswith("file://") and by  # a folder of this machine: at the command line only
    if not (name and url.startswith(_SCHEMES) and storable(name + url)) or local:
        raise BadConnection
    if by:
        people.require(by, Right.KEEP_KEYS, within=region)


@transaction.atomic
def settle(*, partner_id: int, ways: Mapping[str, str], by: int, at: datetime) -> None:
    """Say how a partner wants the conflicts of the trade settled; what is sent later is so."""
    partner = locked(partner_id, by)
    before, partner.ways = partner.ways, dict(ways)
    partner.save(update_fields=["ways"])
    note(partner, "settle", {"before": before, "after": dict(ways)}, by, at)


@transaction.atomic
def move(*, partner_id: int, url: str, by: int, at: datetime) -> None:
    """Reach a partner at another address; another person starts it again there."""
    partner = locked(partner_id, by)
    _check_place(partner.name, url, partner.region, by)
    before, partner.url, partner.due_at = partner.url, url.strip().rstrip("/"), None
    if by:
        halt(partner, by, at)
    partner.save(update_fields=["url", "due_at", "stopped_at", "changed_by"])
    note(partner, "move", {"before": before, "after": url}, by, at)


@transaction.atomic
def stop(*, partner_id: int, by: int, at: datetime) -> None:
    """Stop the exchange with a partner: what is queued waits, what happens meanwhile is queued once
    it is started again.
    """
    partner = locked(partner_id, by)
    if partner.stopped_at is None:
        halt(partner, by, at)
        partner.save(update_fields=["stopped_at", "changed_by"])
        note(partner, "stop", {}, by, at)


@transaction.atomic
def start(*, partner_id: int, shown: str | None = None, by: int, at: datetime) -> None:
    """Start the exchange with a partner; `shown` is the mark of what was looked at
    (of `queries.terms_of`). Raises SamePerson for whoever connected or stopped it and
    ChangedMeanwhile.
    """
    partner = locked(partner_id, by)
    marks.check(shown, *terms_of(partner))
    if partner.stopped_at is None:
        return
    if by and by == partner.changed_by:
        raise SamePerson
    partner.stopped_at, partner.due_at = None, None
    partner.save(update_fields=["stopped_at", "due_at"])
    if partner.client_id is not None and people.client_waits(partner.client_id):
        identity.start_client(client_id=partner.client_id, partner=True, by=by, at=at)
    grant(partner, by, at)
    note(partner, "start", {}, by, at)


class StillRuns(Refusal):
    """What is spoken to is stopped first."""

    status = 409
    code = "still_runs"
    says = Words("请先停用，再由另一人断开。", "Stop it first; then another person disconnects it.")


_ENDING = ["ended_at", "changed_by", "secret", "due_at", "failures", "failing_since", "answer"]
_DISCONNECTED = "已断开 disconnected"


@transaction.atomic
def disconnect(*, partner_id: int, by: int, at: datetime) -> None:
    """End the exchange with a partner for good: nothing is queued for it any more, what waited is
    left out, its secret is forgotten, and whatever was open with it is closed. What was told and
    how it compared stays until its term. Raises StillRuns, and SamePerson for whoever stopped it.
    """
    partner = locked(partner_id, by)
    if partner.stopped_at is None:
        raise StillRuns
    if by and by == partner.changed_by:
        raise SamePerson
    partner.ended_at, partner.changed_by, partner.secret, partner.due_at = at, by, None, None
    partner.failures, partner.failing_since, partner.answer = 0, None, ""
    partner.save(update_fields=_ENDING)
    if partner.client_id is not None:
        for key in people.keys_in_force(partner.client_id, at):
            identity.revoke_key(kid=key.kid, by=by, at=at)
    waiting = models.Delivery.objects.filter(partner=partner, due_at__isnull=False)
    left = waiting.update(status=Status.LEFT_OUT, due_at=None, ended_at=at, reason=_DISCONNECTED)
    dropped = models.Received.objects.filter(partner=partner, done_at=None).update(
        outcome=DROPPED, reason=_DISCONNECTED, body=None, done_at=at, done_by=by
    )
    models.Difference.objects.filter(partner=partner, closed_at=None).update(
        closed_at=at, closed_by=by, note=_DISCONNECTED
    )
    unanswered = models.Reconciled.objects.filter(partner=partner)
    unanswered.update(unanswered_since=None, red_since=None, differing=0)
    for name in ("partner", "compare", "reconciliation"):
        feed.note_success(name=f"{name}.{partner.pk}")
    note(partner, "disconnect", {"left": left, "dropped": dropped}, by, at)
