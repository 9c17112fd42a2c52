"""The interface's calls that are few: links, calls of windows, amendments, status and files. The
collector verifies them and runs them in a thread.

Each takes the decoded body and the client's key and returns status and answer, or raises a refusal.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import close_old_connections

from haochaping.devices import actions as devices
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import Channel
from haochaping.evaluations.rules import refusal as rating_refusal
from haochaping.exchange import queries as exchange
from haochaping.identity import actions as identity
from haochaping.identity import queries as keys
from haochaping.identity.rules import SYSTEM, ClientKey, Replayed
from haochaping.intake import imports
from haochaping.invitations import actions as invitations
from haochaping.invitations.rules import LINK_DAYS, origin_of
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotAllowed, NotFound, NotStorable, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.limits import Limits
from haochaping.kernel.numbers import identifier
from haochaping.kernel.sheets import rows_of
from haochaping.kernel.words import Words
from haochaping.proofs import queries as proofs
from haochaping.records import actions as record_actions
from haochaping.records import api as record_api
from haochaping.records import queries as records
from haochaping.records import rules as record_rules
from haochaping.regions import queries as regions

_SHOWN = 1000  # refused rows that an answer lists


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which service is meant."""

    project_no: str
    service_number: int


class LinkWanted(Service, frozen=True, forbid_unknown_fields=True):
    """A rating address for a service; `channel` says where it will be opened."""

    channel: int = Channel.LINK
    back_url: str = ""  # where the page leads back to
    embed: str = ""  # the origin of the page that shows it in a frame, for the widget
    days: int = LINK_DAYS


class CallWanted(Service, frozen=True, forbid_unknown_fields=True):
    """The person at a window is to be asked to rate a service."""

    window_code: str


def _found(given: Service, key: ClientKey) -> records.Service:
    return records.service_of(given.project_no, given.service_number, key.client)


def check_link(given: LinkWanted) -> str:
    """Return the origin that may show a link in a frame, empty for none; raises Refusal."""
    if given.channel not in set(Channel):
        raise rating_refusal("channel", "channel")
    if given.back_url:
        origin_of(given.back_url)
    if not 1 <= given.days <= LINK_DAYS:
        says = Words(f"days 应为 1–{LINK_DAYS}。", f"days must be 1 to {LINK_DAYS}.")
        raise Refusal(says, code="days", field="days")
    return origin_of(given.embed) if given.embed else ""


def _link(given: LinkWanted, key: ClientKey) -> tuple[int, dict[str, Any]]:
    """Give an address at which the citizen rates.

    The standard way to use the province's page 统一调用省平台功能.
    """
    service, at = _found(given, key), clock.now()
    embed = check_link(given)
    rated = service.id in evaluations.rated({service.id})
    token = invitations.invite(
        record_id=service.id,
        channel=given.channel,
        days=given.days,
        back_url=given.back_url[:500],
        embed=embed,
        shared=True,
        at=at,
    )
    return 201, {"url": f"{settings.PUBLIC_URL}/e/{token}", "rated": rated, "days": given.days}


def _call(given: CallWanted, key: ClientKey) -> tuple[int, dict[str, Any]]:
    """Have the tablet of a window ask for a rating.

    What a queue or window system calls when a service ends.
    """
    service = _found(given, key)
    window = directory.window_of_code(identifier(given.window_code) or given.window_code)
    if window is None or not key.reach.covers(window.hall.region):  # as if it were not there
        raise NotFound(
            Words("没有这个窗口。", "There is no such window."),
            code="window_unknown",
            field="window_code",
        )
    call = devices.call(
        window_id=window.pk, service=service, region=window.hall.region, by=SYSTEM, at=clock.now()
    )
    return 201, {"until": call.expires_at.isoformat()}


def _amend(given: record_api.Amended, key: ClientKey) -> tuple[int, dict[str, Any]]:
    """Write what became of a service beside its record."""
    at = clock.now()
    record = record_api.check(given, regions.tree().resolve, key.client, at)
    reason = record_rules.accept_reason(given.reason)
    return record_api.answer(
        talk(record_actions.amend(record=record, reason=reason, client=key.client))
    )


def _status(given: Service, key: ClientKey) -> tuple[int, dict[str, Any]]:
    """Tell what is known of a service, so that a client that lost an answer need not guess.

    How it was rated is not told, nor that there is an order: only a bad rating has one.
    """
    service = _found(given, key)
    rated = service.id in evaluations.rated({service.id})
    return 200, {
        "record": receipt_number(service.id),
        "status": service.status,
        "amendments": service.amended,
        "rated": rated,
        "followed_up": rated and evaluations.follow_up(service.id) is not None,
        # for the citizen: a signed note that the rating will stand in the public ledger
        "promise": proofs.promise_of(service.id, clock.now()) if rated else None,
    }


class Since(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which number on outcomes are asked for; 0 is from the beginning."""

    since: int = 0


def check_since(given: Since) -> int:
    """Return the number from which outcomes are wanted; raises Refusal."""
    if given.since < 0:
        says = Words("since 应为不小于 0 的整数。", "since must be 0 or more.")
        raise Refusal(says, code="since", field="since")
    return min(given.since, 2**62)


def _outcomes(given: Since, key: ClientKey) -> tuple[int, dict[str, Any]]:
    """Tell what became of this client's ratings that waited for their service."""
    found = evaluations.settled(key.client_id, check_since(given))
    return 200, {
        "items": [
            {
                "no": row.pk,
                "project_no": row.project_no,
                "service_number": row.service_number,
                "kind": row.kind,
                "outcome": "refused" if row.code else "accepted",
                "code": row.code or None,
                "receipt": receipt_number(row.evaluation_id) if row.evaluation_id else None,
                "at": row.at.isoformat(),
            }
            for row in found
        ],
        "last": found[-1].pk if found else given.since,
    }


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which place on changes are asked for: what the last page gave, empty at first."""

    cursor: str = ""


def _changes(given: Page, key: ClientKey) -> tuple[int, dict[str, Any]]:
    """Tell what happened to this client's services, for its own checks 数据回流."""
    found = exchange.returned(cursor=given.cursor, key=key, at=clock.now())
    return 200, {"items": found.items, "cursor": found.cursor, "more": found.more}


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No fields: `{}`."""


class RotationWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new key; the one that signs is good for so many hours more."""

    overlap_hours: int = 72


def _key(_: Nothing, key: ClientKey) -> tuple[int, dict[str, Any]]:
    """Tell a client what its keys are and how far they reach; secrets are told once, when made."""
    return 200, {
        "key": key.kid,
        "algorithm": key.algorithm,
        "region": str(key.reach.low),
        "departments": sorted(key.departments),
        "everybodys": key.everybodys,
        "keys": [
            {"key": row.kid, "ends_at": row.revoked_at.isoformat() if row.revoked_at else None}
            for row in keys.keys_in_force(key.client_id, clock.now())
        ],
    }


def overlap_of(given: RotationWanted) -> timedelta:
    """Return for how long the old key stays good: an hour at least, 30 days at most."""
    return timedelta(hours=max(1, min(given.overlap_hours, _MOST_OVERLAP)))


def _rotate(given: RotationWanted, key: ClientKey) -> tuple[int, dict[str, Any]]:
    """Give the client a new key in place of the one that signed this; the secret is told once."""
    overlap = overlap_of(given)
    kid, secret = identity.rotate_key(kid=key.kid, overlap=overlap, by=SYSTEM, at=clock.now())
    return 201, {
        "key": kid,
        "secret": secret,
        "old_key_ends_in_hours": overlap // timedelta(hours=1),
        "known_everywhere_in_seconds": 20,  # collectors read the keys anew this often
    }


_MOST_OVERLAP = 24 * 30  # hours
_JSON_DOORS: Mapping[str, tuple[Any, Callable[[Any, ClientKey], tuple[int, dict[str, Any]]]]] = {
    "/api/v1/links": (LinkWanted, _link),
    "/api/v1/calls": (CallWanted, _call),
    "/api/v1/records/amendments": (record_api.Amended, _amend),
    "/api/v1/status": (Service, _status),
    "/api/v1/outcomes": (Since, _outcomes),
    "/api/v1/changes": (Page, _changes),
    "/api/v1/key": (Nothing, _key),
    "/api/v1/key/rotate": (RotationWanted, _rotate),
}
_FILES = {"/api/v1/records/file": "records", "/api/v1/evaluations/file": "evaluations"}
PATHS = frozenset((*_JSON_DOORS, *_FILES))


def open_door(
    path: str,
    query: Mapping[str, str],
    body: bytes,
    key: ClientKey,
    nonce: str,
    decode: Callable[[bytes, Any], Any],
) -> tuple[int, dict[str, Any]]:
    """Run one call in this thread and return status and answer."""
    close_old_connections()
    try:
        return _open(path, query, body, key, nonce, decode)
    except NotAllowed as refusal:
        note_refused(refusal, key)
        raise


def note_refused(refusal: Refusal, key: ClientKey) -> None:
    """Leave in the trail that a system tried what it may not do, a few times a minute at most."""
    at = clock.now()
    if _REFUSED.allows(f"{key.kid} {refusal.code}", at):
        region = refusal.region or key.reach.low
        identity.note_client_refused(
            client_id=key.client_id, code=refusal.code, region=region, at=at
        )


_REFUSED = Limits(5)


def _open(
    path: str,
    query: Mapping[str, str],
    body: bytes,
    key: ClientKey,
    nonce: str,
    decode: Callable[[bytes, Any], Any],
) -> tuple[int, dict[str, Any]]:
    if not talk(identity.spend_nonces(pairs=[(key.kid, nonce)], at=clock.now())):
        raise Replayed
    if path in _FILES:
        return _file(_FILES[path], query, body, key)
    if b"\\u0000" in body or b"\0" in body:
        raise NotStorable
    kind, act = _JSON_DOORS[path]
    return act(decode(body, kind), key)


def _file(
    what: str, query: Mapping[str, str], body: bytes, key: ClientKey
) -> tuple[int, dict[str, Any]]:
    """Take a file of records or ratings in the national field names (CSV, XLSX or JSON lines), up
    to 8 MB; answered when all of it is stored.
    """
    name = f"file.{query.get('format', 'csv')}"
    report = imports.take(
        what,
        rows_of(name, body, imports.COLUMNS[what]),
        dialect=query.get("dialect", "gg"),
        client=key.client,
    )
    refused = [
        {
            "line": row.line,
            "names": row.names,
            "code": row.code,
            "detail": row.says.en,
            "detail_zh": row.says.zh,
        }
        for row in report.refused[:_SHOWN]
    ]
    return 200, {
        "accepted": report.accepted,
        "duplicate": report.duplicate,
        "refused": len(report.refused),
        "rows": refused,
        "unknown_fields": sorted(report.unknown),
    }
