"""Taking in what partners send: each message once; what does not fit waits for a person."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from haochaping.audit import actions as audit
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.exchange import models, rules
from haochaping.exchange.actions._partner import locked, note
from haochaping.exchange.actions.serving import take_record
from haochaping.exchange.queries.uploading import RECEIVED, text_of
from haochaping.feed.rules import Kind
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, ClientKey, Right
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import Conflict, NotFound, Refusal
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.orders import actions as moves
from haochaping.orders import queries as orders
from haochaping.orders.rules import Fact, Verb
from haochaping.records import queries as records

log = logging.getLogger(__name__)
TAKEN, KNOWN, QUARANTINED, CONFLICT, DROPPED = (
    "taken",
    "duplicate",
    "quarantined",
    "conflict",
    "dropped",
)


_FOUND = ("outcome", "reason", "record", "kind", "done_at")


class NoOrder(Refusal):
    """A partner's order is about a rating that has none here."""

    code = "no_order"
    says = Words(
        "该办件没有对应的差评工单；请核对办件编号，或先补收评价。",
        "There is no order about this service; check its number, or take in its rating first.",
    )


class NoSuchDemand(Refusal):
    """A partner's message asks for something that is not done here."""

    code = "no_such_demand"
    says = Words(
        "不认识的操作，请核对 action；催办、督办、批示会执行，其他步骤只作记录。",
        "The action is unknown: urge, supervise and instruct are done, other steps are noted.",
    )


class NoSuperior(Refusal):
    """Only who stands above a whole region's departments demands anything of an order."""

    code = "no_superior"
    says = Words(
        "只对接部分部门的平台不能催办、督办、批示；请由属地或上级平台提出。",
        "A partner for some departments urges, supervises and instructs nobody; the region's does.",
    )


class NoChanges(Refusal):
    """A partner tells what became of a rating; only new ones are taken."""

    code = "no_changes"
    says = Words(
        "只接收新评价；作废、恢复、修改请由原评价平台与本平台人工核实。",
        "Only new ratings are taken; what was set aside, restored or changed a person looks at.",
    )


class DoesNotOpen(Refusal):
    """A message that waits cannot be read here any more."""

    status = 409
    code = "does_not_open"
    says = Words(
        "这条来件无法解密（被改动，或封存密钥不符），请作废并请对方重发。",
        "This message does not open (altered, or sealed with another secret): drop it and have it "
        "sent again.",
    )


class AlreadyDone(Conflict):
    """Somebody was quicker."""

    code = "already_done"
    says = Words("该来件已处理。", "This message has been dealt with.")


def receive(
    *, partner: models.Partner, key: ClientKey, messages: Sequence[rules.Inward], at: datetime
) -> list[dict[str, str]]:
    """Take in messages, each by itself; return what became of each.

    Refused ones are kept in quarantine and answered as received: they are ours to mend.
    """
    return [_received(partner, key, one, at) for one in messages]


@transaction.atomic
def _received(
    partner: models.Partner, key: ClientKey, one: rules.Inward, at: datetime
) -> dict[str, str]:
    text = json.dumps(one.document, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()[:16]
    row, fresh = models.Received.objects.get_or_create(
        partner=partner,
        message=one.id,
        defaults={"family": one.family, "digest": digest, "at": at, "outcome": QUARANTINED},
    )
    if not fresh:
        row = models.Received.objects.select_for_update().get(pk=row.pk)
        same = bytes(row.digest) == digest and row.family == one.family
        if row.done_at is not None:
            return {"id": one.id, "code": KNOWN if same else CONFLICT, "was": row.outcome}
        # it waited: its sender has mended it, or what it lacked has come
        row.digest, row.family, row.body = digest, one.family, None
    _take(row, one.document, partner, key, at)
    row.day, row.told = rules.day_told(one.family, one.document), rules.digest(one.document)
    if row.done_at is None:
        keyring: Keyring = settings.KEYRING
        row.body = keyring.seal(text, RECEIVED, f"{partner.pk}/{one.id}")
    row.save(update_fields=[*_FOUND, "family", "digest", "day", "told", "body"])
    code = TAKEN if row.done_at else QUARANTINED
    return {"id": one.id, "code": code, "message": row.reason}


# what came before the service that it is about, and what a clock that runs fast says of now
_LACKED = ("record_unknown", "no_order", "time")
_PATIENCE = timedelta(days=7)


def receive_again(*, at: datetime) -> int:
    """Take in what overtook its service on the way, now that it may be there; return how many."""
    waits = models.Received.objects.filter(
        done_at=None, outcome__in=_LACKED, at__gt=at - _PATIENCE, partner__client_id__isnull=False
    )
    taken = 0
    for key in waits.order_by("pk").values_list("pk", flat=True)[:_SOME]:
        with transaction.atomic():
            row = models.Received.objects.select_for_update(of=["self"]).select_related("partner")
            one = row.filter(pk=key, done_at=None).first()
            if one is None:
                continue
            taken += _again(one, at)
    return taken


def _again(one: models.Received, at: datetime) -> bool:
    """Take a message in that waited; say whether it was. A fault of ours stops no other message."""
    keyring: Keyring = settings.KEYRING
    try:
        with transaction.atomic():
            whose = f"{one.partner_id}/{one.message}"
            document = json.loads(keyring.open(one.body, RECEIVED, whose) or "{}")
            key = identity.key_of_client(one.partner.client_id or 0)
            _take(one, document, one.partner, key, at)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("message %s of partner %s cannot be taken in", one.message, one.partner_id)
        return False
    if one.done_at is not None:
        one.body = None
        one.save(update_fields=[*_FOUND, "body"])
    return one.done_at is not None


@transaction.atomic
def take_again(*, partner_id: int, by: int, at: datetime) -> int:
    """Take in what waits of a partner as it came, because what stood against it was mended here;
    return how many of the first thousands.
    """
    partner = locked(partner_id, by)
    waits = models.Received.objects.select_for_update(of=["self"]).select_related("partner")
    found = waits.filter(partner=partner, done_at=None).order_by("pk")[:_SOME]
    taken = sum(_again(one, at) for one in found)
    note(partner, "take_again", {"messages": taken}, by, at)
    return taken


_SOME = 5000  # that an hour looks at again


def _take(
    row: models.Received,
    document: Mapping[str, str],
    partner: models.Partner,
    key: ClientKey,
    at: datetime,
) -> None:
    """Do what a message says; what refuses it is noted on its row, and nothing of it is kept."""
    try:
        with transaction.atomic():
            row.record, row.kind = _done(row.family, document, partner, key, at)
    except Refusal as refusal:
        both = f"{refusal.says.zh} {refusal.says.en}"  # office and partner read it
        row.outcome, row.reason = refusal.code, both[:300]
    else:
        row.outcome, row.reason, row.done_at = TAKEN, "", at


def _done(
    family: str, document: Mapping[str, str], partner: models.Partner, key: ClientKey, at: datetime
) -> tuple[int, int | None]:
    """Take a document in; return the key of the service and what kind of fact it was."""
    ways = rules.conventions(partner.dialect, partner.ways)
    if family == rules.Family.SERVICE:
        document = rules.kinds_turned(document, ways["kinds"])
        return take_record(row=document, key=key, at=at).key, Kind.RECORD
    document = {**document, "projectNo": _project_no(document, ways["prefix"], partner)}
    if family == rules.Family.EVALUATION:
        if document.get("flag", rules.ADDED) not in ("", rules.ADDED):
            raise NoChanges
        row = {name: value for name, value in document.items() if value}
        for name in row:
            rating.COLUMNS.check(name)  # isDefalt: what it says must not be lost
        given = rating.from_national({"serviceNumber": "1", **row}, ways["channels"])
        more = given.kind == rating.Kind.FOLLOW_UP
        stored = evaluations.rate_one(given=given, client=key.client, at=at)
        return stored.id, Kind.FOLLOW_UP if more else Kind.RATING
    service = _service(document)
    order = orders.of_rating(service) if service is not None else None
    if service is None or order is None or not key.reach.covers(order.region):
        raise NoOrder
    _demanded(order.pk, document, partner, at)
    return service, None


def _service(document: Mapping[str, str]) -> int | None:
    number = whole(document.get("serviceNumber", "1"), digits=2)
    return records.key_of(document["projectNo"], number or 0)


def _project_no(document: Mapping[str, str], prefix: str, partner: models.Partner) -> str:
    """Return the number of a case as it is here: what we told this partner with a prefix, it says
    with that prefix too. Whatever else begins like it is another case.
    """
    said = document.get("projectNo", "")
    plain = said.removeprefix(prefix)
    if plain == said:
        return said
    service = _service({**document, "projectNo": plain})
    if service is None:
        return said
    told = models.Delivery.objects.filter(partner=partner, record=service).exists()
    return plain if told else said


def _demanded(
    order_id: int, document: Mapping[str, str], partner: models.Partner, at: datetime
) -> None:
    """Do what a superior demands of an order; its words stand in the order with its name. An order
    that was handed on with words alone 转办 is an instruction. Raises what stands against it, as to
    a person.
    """
    action, says = document.get("action", ""), document.get("note", "").strip()[:_LONGEST_NOTE]
    handed_on = bool(says) and not action and not partner.departments
    move = Verb.INSTRUCT if handed_on else rules.DEMANDS.get(action)
    if move is not None and partner.departments:
        raise NoSuperior
    if move is None:
        if action and action not in set(Verb):
            raise NoSuchDemand
        return  # a step of theirs, kept as it came: a partner moves no order of ours
    given: dict[str, str] = {Fact.NOTE: f"{partner.name}：{says}" if says else partner.name}
    moves.advance(order_id=order_id, move=move, given=given, by=SYSTEM, at=at)


_LONGEST_NOTE = 400


@transaction.atomic
def correct(*, received_id: int, changes: Mapping[str, str], by: int, at: datetime) -> str:
    """Take a message in again with fields corrected; return why it is refused still, or "".

    The corrected text is kept only while it is refused.
    """
    row = _waiting(received_id, by)
    keyring: Keyring = settings.KEYRING
    whose = f"{row.partner_id}/{row.message}"
    before = text_of(row)
    if before is None:
        raise DoesNotOpen
    document = {name: value for name, value in {**before, **changes}.items() if value}
    changed = sorted(name for name in changes if before.get(name, "") != changes[name])
    row.corrected = sorted({*row.corrected, *changed})
    key = identity.key_of_client(row.partner.client_id or 0)
    _take(row, document, row.partner, key, at)
    row.done_by = by if row.done_at else None
    text = json.dumps(document, ensure_ascii=False, sort_keys=True)
    row.body = None if row.done_at else keyring.seal(text, RECEIVED, whose)
    row.save(update_fields=[*_FOUND, "done_by", "body", "corrected"])
    _record(row, "correct", {"fields": changed, "outcome": row.outcome}, by, at)
    return row.reason


@transaction.atomic
def drop(*, received_id: int, why: str, by: int, at: datetime) -> None:
    """Set a message aside for good, with the reason; the partner is told when it asks again."""
    row = _waiting(received_id, by)
    row.outcome, row.reason, row.body, row.done_at, row.done_by = DROPPED, why[:300], None, at, by
    row.save(update_fields=["outcome", "reason", "body", "done_at", "done_by"])
    _record(row, "drop", {"why": why[:300]}, by, at)


def _waiting(received_id: int, by: int) -> models.Received:
    row = (
        models.Received.objects.select_for_update(of=["self"])
        .select_related("partner")
        .filter(pk=received_id)
        .first()
    )
    if row is None:
        raise NotFound
    if by:
        identity.require(by, Right.EXCHANGE, within=row.partner.region)
    if row.done_at is not None:
        raise AlreadyDone
    return row


def _record(
    row: models.Received, verb: str, details: Mapping[str, object], by: int, at: datetime
) -> None:
    """Write down in the audit trail what a person did with a message."""
    audit.record(
        subject="received",
        subject_id=row.pk,
        verb=verb,
        details={"message": row.message, **details},
        region=row.partner.region,
        by=by,
        at=at,
    )
