"""Handing in what partners send, through the same doors as everybody else."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from haochaping.directory import queries as directory
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import queries as ratings
from haochaping.evaluations import rules as rating
from haochaping.evaluations.rules import Channel
from haochaping.exchange import events, models, rules
from haochaping.feed import actions as feed
from haochaping.identity import queries as people
from haochaping.identity.rules import ClientKey
from haochaping.indicators import queries as indicators
from haochaping.invitations import actions as invitations
from haochaping.kernel import outbox
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotAllowed, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.words import Words
from haochaping.orders import actions as moves
from haochaping.orders import queries as orders
from haochaping.orders.rules import Verb
from haochaping.records import actions as records
from haochaping.records import rules as record
from haochaping.regions import queries as regions
from haochaping.regions.rules import city_range


@dataclass(frozen=True)
class Taken:
    """What became of a message.

    The key of the record, the receipt of a rating, and whether it was there before.
    """

    key: int
    receipt: str = ""
    repeated: bool = False


class Exists(Refusal):
    """The service is registered with other content; clients know these words."""

    status = 409
    code = "already_registered"
    says = Words(
        "已存在该条服务信息，请勿重复提交！", "This service is registered with other content."
    )


class OutsideScope(NotAllowed):
    """The partner may not write there."""

    code = "outside_scope"
    says = Words(
        "该行政区划不在本系统的接入范围内。", "This region lies outside the client's scope."
    )


def take_record(
    *,
    row: Mapping[str, str],
    key: ClientKey,
    origin: record.Origin = record.Origin.REGISTERED,
    at: datetime,
) -> Taken:
    """Register the service that a row in national names describes; raises refusals."""
    given = record.from_national(rules.completed(row, at.isoformat()))
    found = record.accept(given, regions.tree().resolve, at, origin)
    client = key.client
    if not client.reach.covers(found.region):
        raise OutsideScope
    if not client.names(found.given.department_code):
        raise record.NotYourDepartment
    (stored,) = talk(records.register(records=[found], client=client))
    feed.rouse()
    if stored.refusal is not None:
        raise stored.refusal
    if stored.outcome is records.Outcome.CONFLICT:
        raise Exists
    return Taken(stored.key, repeated=stored.outcome is records.Outcome.DUPLICATE)


def take_rating(
    *, row: Mapping[str, str], dialect: rules.Dialect, key: ClientKey, at: datetime
) -> Taken:
    """Store the rating that a row in national names describes; raises refusals."""
    for name in row:
        rating.COLUMNS.check(name)  # isDefalt, evalDetial: what they say must not be lost
    given = rating.from_national(
        {"serviceNumber": "1", **{name: value for name, value in row.items() if value}},
        rules.CHANNELS[dialect],
    )
    stored = evaluations.rate_one(given=given, client=key.client, at=at)
    return Taken(stored.id, receipt_number(stored.id), stored.outcome is rating.Outcome.DUPLICATE)


def rating_address(*, key: int, base: str, channel: Channel = Channel.LINK, at: datetime) -> str:
    """Return a one-time address at which the citizen rates a service."""
    token = invitations.invite(record_id=key, channel=channel, shared=True, at=at)
    return f"{base}/e/{token}"


def norms() -> list[dict[str, Any]]:
    """Return the indicators as the national interface lists them (domain §2)."""
    return [
        {
            "normCode": str(found.code),
            "normName": found.says.zh,
            "starLevel": str(found.level),
            "usingStatus": "true" if found.in_force else "false",
            "expandNorm": "false" if found.core else "true",
        }
        for found in indicators.catalogue().values()
    ]


# --- the 12345 systems of cities


@transaction.atomic
def tell_hotline(*, step_id: int, at: datetime) -> bool:
    """Queue what happened to an order for the hotline of its city, once.

    What the hotline did itself it is not told. Say whether it was.
    """
    found = orders.step(step_id)
    if found is None:
        return False
    order, step = found
    hotline = (
        models.Hotline.objects.select_for_update()
        .filter(region=orders.desk_of(order), stopped_at=None)
        .first()
    )
    if (
        hotline is None
        or step.by == hotline.user_id
        or models.Outgoing.objects.filter(hotline=hotline, step_id=step_id).exists()
    ):
        return False
    facts = {"state": step.state, "due_at": order.due_at.isoformat() if order.due_at else ""}
    key = order.evaluation_id
    facts |= {name: ratings.masked_for(key, str(value)) for name, value in step.given.items()}
    if step.move == Verb.OPEN:
        facts |= orders.described(order)
    kind = "create" if step.move == Verb.OPEN else step.move
    message = {"kind": kind, "order": order.number, "facts": facts}
    say(hotline=hotline, message=message, step_id=step_id, at=at)
    return True


def say(
    *, hotline: models.Hotline, message: Mapping[str, Any], step_id: int | None = None, at: datetime
) -> None:
    """Queue a message for a hotline, under the next number; its row is locked by the caller."""
    keyring: Keyring = settings.KEYRING
    hotline.said += 1
    hotline.save(update_fields=["said"])
    text = json.dumps({"seq": hotline.said, "at": at.isoformat(), **message}, ensure_ascii=False)
    sealed = keyring.seal(text, "hotline.out", f"{hotline.pk}/{hotline.said}") or b""
    models.Outgoing.objects.create(
        hotline=hotline, seq=hotline.said, step_id=step_id, body=sealed, made_at=at, due_at=at
    )


@transaction.atomic
def hear(
    *, hotline_id: int, message: rules.Message, body: bytes, kid: str, at: datetime
) -> tuple[str, int]:
    """Take in a message of a hotline: act on it and on what waited for it, in the order of their
    numbers, each once.

    Once it signs with a newer key, we do too: so a rotation loses no message on either side.

    Return what became of it (done, duplicate, waiting, or the code of a refusal) and the number
    that is expected next. Raises OutOfTouch.
    """
    keyring: Keyring = settings.KEYRING
    hotline = models.Hotline.objects.select_for_update().get(pk=hotline_id)
    if kid == people.newer_key(kid, hotline.kid) != hotline.kid:
        hotline.kid = kid
        hotline.save(update_fields=["kid"])
    digest = hashlib.sha256(body).digest()
    known = models.Incoming.objects.filter(hotline=hotline, seq=message.seq).first()
    if known is not None:
        if bytes(known.digest) != digest:
            raise rules.OutOfTouch
        return ("duplicate" if known.done_at else "waiting"), hotline.heard + 1
    if message.seq > hotline.heard + rules.AHEAD:
        raise rules.OutOfTouch
    sealed = keyring.seal(body.decode(), "hotline.in", f"{hotline.pk}/{message.seq}") or b""
    models.Incoming.objects.create(
        hotline=hotline, seq=message.seq, digest=digest, body=sealed, at=at
    )
    return _catch_up(hotline, message.seq, at), hotline.heard + 1


def _catch_up(hotline: models.Hotline, seq: int, at: datetime) -> str:
    """Act on what is there without a gap; return what became of the message of a number."""
    keyring: Keyring = settings.KEYRING
    outcome = "waiting"
    while (
        following := models.Incoming.objects.filter(hotline=hotline, seq=hotline.heard + 1).first()
    ) is not None:
        whose = f"{hotline.pk}/{following.seq}"
        body = (keyring.open(following.body, "hotline.in", whose) or "").encode()
        heard = rules.read_message(body)
        following.outcome, following.done_at = _act(hotline, heard, at), at
        following.save(update_fields=["outcome", "done_at"])
        hotline.heard += 1
        hotline.save(update_fields=["heard"])
        outcome = following.outcome if following.seq == seq else outcome
    return outcome


def _act(hotline: models.Hotline, message: rules.Message, at: datetime) -> str:
    """Do what a message says; a refusal is the message's answer, and nothing of it is kept."""
    try:
        with transaction.atomic():
            _done(hotline, message, orders.id_of(message.order, city_range(hotline.region)), at)
    except Refusal as refusal:
        return refusal.code
    except (ValueError, binascii.Error):
        return rules.BadMessage.code
    return "done"


def _done(hotline: models.Hotline, message: rules.Message, order_id: int, at: datetime) -> None:
    facts, by = dict(message.facts), hotline.user_id
    if message.kind == "attachment":
        name, data = facts.get("name", ""), base64.b64decode(facts.get("data", ""), validate=True)
        moves.attach(order_id=order_id, name=name, data=data, by=by, at=at)
    elif message.kind == "reveal":
        why = facts.get("reason", "")
        told = {"phone": moves.reveal_phone(order_id=order_id, reason=why, by=by, at=at)}
        answer = {"kind": "number", "order": message.order, "facts": told}
        say(hotline=hotline, message=answer, at=at)
        outbox.publish(events.HotlineAnswered(hotline.pk))  # an agent waits for it
    else:
        if uscc := facts.get("department"):
            facts["department"] = str(talk(directory.department_ids([uscc])).get(uscc, ""))
        move = rules.HEARD[message.kind]
        moves.advance(order_id=order_id, move=move, given=facts, by=by, at=at)


@dataclass(frozen=True)
class Saying:
    """A message to be sent to a hotline."""

    id: int
    url: str
    kid: str
    client_id: int
    body: bytes


_REVOKED = timedelta(hours=1)  # after which it is looked at again whether there is a key


@transaction.atomic
def claim_sayings(*, at: datetime) -> list[Saying]:
    """Return the next message of each hotline, one at a time so that nothing overtakes.

    A sender that is killed lets it be said again. Whoever has no key in force is told nothing.
    """
    keyring: Keyring = settings.KEYRING
    sayings = []
    for hotline in models.Hotline.objects.select_for_update(skip_locked=True).filter(
        stopped_at=None
    ):
        first = (
            models.Outgoing.objects.filter(hotline=hotline, due_at__isnull=False)
            .order_by("seq")
            .first()
        )
        if first is None or first.due_at is None or first.due_at > at:
            continue
        kids = [key.kid for key in people.keys_in_force(hotline.client_id, at)]
        if not kids:  # revoked: what waits, waits until it is connected anew
            first.due_at = at + _REVOKED
            first.save(update_fields=["due_at"])
            continue
        kid = hotline.kid if hotline.kid in kids else kids[0]
        first.tries += 1
        first.due_at = rules.said_again(first.tries, at)
        first.save(update_fields=["tries", "due_at"])
        body = (keyring.open(first.body, "hotline.out", f"{hotline.pk}/{first.seq}") or "").encode()
        sayings.append(Saying(first.pk, hotline.url, kid, hotline.client_id, body))
    return sayings


def note_heard(*, saying_id: int, answer: str, heard: bool, at: datetime) -> None:
    """Note what a hotline answered.

    Heard or refused, the next one's turn comes; anything else is said again.
    """
    row = models.Outgoing.objects.filter(pk=saying_id)
    row.update(answer=answer[:120], **({"heard_at": at, "due_at": None} if heard else {}))
