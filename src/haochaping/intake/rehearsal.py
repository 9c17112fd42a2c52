"""A call of a sandbox: verified, decoded and checked as in production, and kept apart.

What it answers is what production answers; nothing of it is counted, listed or sent to anybody.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import close_old_connections

from haochaping.evaluations import api as rating_api
from haochaping.evaluations import rules as rating
from haochaping.evaluations.rules import refusal as rating_refusal
from haochaping.identity.rules import (
    UNKNOWN_KEY,
    BadSignature,
    ClientKey,
    Replayed,
    SignedRequest,
    verify,
)
from haochaping.indicators.rules import Indicator
from haochaping.intake import doors
from haochaping.intake.bodies import BATCH, TooLarge, decode, decode_each
from haochaping.kernel.errors import Refusal
from haochaping.kernel.ids import fact_key, receipt_number
from haochaping.kernel.limits import Limits
from haochaping.kernel.words import printable
from haochaping.records import actions as record_actions
from haochaping.records import api as record_api
from haochaping.records import rules as record
from haochaping.regions import queries as regions
from haochaping.sandbox import actions, queries, rules

_LIMITS = Limits(rules.PER_MINUTE)
_SHOWN = ("x-hcp-key", "x-hcp-time", "x-hcp-nonce", "x-hcp-signature", "content-type")
_GOOD = 300
type Told = tuple[int, Any]


@dataclass(frozen=True)
class Play:
    """A call that is right so far, and what it is checked against."""

    key: ClientKey
    system_id: int
    body: bytes
    tree: regions.Tree
    catalogue: Mapping[int, Indicator]
    at: datetime


def play(
    request: SignedRequest, tree: regions.Tree, catalogue: Mapping[int, Indicator], at: datetime
) -> Told:
    """Answer a call of a sandbox's key, in a thread of its own."""
    close_old_connections()
    return answer(request, tree, catalogue, at)


def answer(
    request: SignedRequest, tree: regions.Tree, catalogue: Mapping[int, Indicator], at: datetime
) -> Told:
    """Answer a call of a sandbox's key, and write down what came of it."""
    signer = queries.signer(request.headers.get("x-hcp-key", ""), at)
    if signer is None:
        raise BadSignature(UNKNOWN_KEY)
    _LIMITS.spend(signer.key.kid, at)
    text, guess, done = "", "", set[str]()
    try:
        verify(request, {signer.key.kid: signer.key}, at)
        done = {"signed"} | ({"rotated"} if signer.later else set())
        if queries.replayed(signer.system_id, request.headers["x-hcp-nonce"]):
            raise Replayed
        ready = Play(signer.key, signer.system_id, request.body, tree, catalogue, at)
        status, told = _answered(request.path, ready)
        done |= _steps(request.path, status)
    except Refusal as refusal:
        status, told = refusal.status, refusal.problem()
        text = getattr(refusal, "signed_text", "")
        given = request.headers.get("x-hcp-signature", "")
        guess = rules.mistake(signer.key.secret, request, text, given)
    call = {
        "method": request.method,
        "path": printable(request.path + ("?" + request.query if request.query else ""))[:300],
        "headers": {name: printable(request.headers.get(name, ""))[:200] for name in _SHOWN},
        "body": _storable(request.body),
        "status": status,
        "code": told.get("code", "") if status >= _GOOD else "",
        "answer": msgspec.json.encode(told).decode()[: rules.BODY],
        "signed_text": text.replace("\0", "")[: rules.BODY],
        "guess": guess,
    }
    actions.note(system_id=signer.system_id, call=call, done=done, at=at)
    return status, told


def _storable(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")[: rules.BODY]


def _steps(path: str, status: int) -> set[str]:
    """Return which steps a good answer fulfils."""
    name = path.removeprefix("/api/v1/")
    done = {"record"} if name.startswith("records") else set[str]()
    if name.startswith(("evaluations", "links")):
        done.add("rated")
    if name.endswith("batch"):
        done.add("batch")
    if name in ("status", "outcomes", "changes"):
        done.add("asked")
    again = name in ("records", "evaluations") and status == 200  # noqa: PLR2004 - stored before
    return done | ({"repeated"} if again else set())


def _answered(path: str, ready: Play) -> Told:
    if path.endswith("/file"):
        raise rules.NotHere
    if path.endswith("/batch"):
        return _batch(path, ready)
    kind, act = _ACTS[path]
    return act(decode(ready.body, kind), ready)


def _batch(path: str, ready: Play) -> Told:
    kind, act = _ACTS[path.removesuffix("/batch")]
    items = decode_each(ready.body, kind)
    if len(items) > BATCH:
        raise TooLarge
    return 200, {"items": [_item(one, act, ready) for one in items]}


def _item(given: Any, act: Callable[[Any, Play], Told], ready: Play) -> Any:
    try:
        if isinstance(given, Refusal):
            raise given
        return act(given, ready)[1]
    except Refusal as refusal:
        return refusal.problem()


def _register(given: record.Given, ready: Play) -> Told:
    found = record_api.check(given, ready.tree.resolve, ready.key.client, ready.at)
    name, digest = found.natural_key, hashlib.sha256(found.content).digest()
    receipt = receipt_number(found.key(0))
    if _keep(ready, "record", name, digest, receipt):
        actions.settle(system_id=ready.system_id, natural_key=name)
        return 201, {"outcome": "accepted", "record": receipt}
    before = queries.kept(ready.system_id, "record", name)
    if before is None or bytes(before.content) != digest:
        return record_api.answer(record_actions.Stored(record_actions.Outcome.CONFLICT, 0))
    return 200, {"outcome": "duplicate", "record": before.receipt}


def _amend(given: record_api.Amended, ready: Play) -> Told:
    found = record_api.check(given, ready.tree.resolve, ready.key.client, ready.at)
    record.accept_reason(given.reason)
    return 201, {"outcome": "accepted", "record": _receipt(found.natural_key, ready)}


def _rate(given: rating.Given, ready: Play) -> Told:
    found = rating_api.check(given, ready.catalogue, ready.at)
    name = record.natural_key(*found.natural_key)
    known = queries.kept(ready.system_id, "record", name) is not None
    if not known and not found.wait:
        raise rating_refusal("record_unknown")
    first = queries.kept(ready.system_id, "rating", name)
    if found.kind == rating.Kind.FOLLOW_UP and first is None:
        raise rating_refusal("no_first_rating")
    kind = "follow_up" if found.kind == rating.Kind.FOLLOW_UP else "rating"
    digest = hashlib.sha256(found.content).digest()
    receipt = receipt_number(fact_key(ready.at, name))
    if not known:
        _keep(ready, "waiting", name, digest, receipt, waited=True)
        return 202, {"outcome": rating.Outcome.WAITING}
    if _keep(ready, kind, name, digest, receipt):
        return 201, {"outcome": rating.Outcome.ACCEPTED, "receipt": receipt}
    before = queries.kept(ready.system_id, kind, name)
    if before is None or bytes(before.content) != digest:
        raise rating.AlreadyRated
    return 200, {"outcome": rating.Outcome.DUPLICATE, "receipt": before.receipt}


def _keep(
    ready: Play, kind: str, name: str, digest: bytes, receipt: str, *, waited: bool = False
) -> bool:
    kept = actions.keep(
        system_id=ready.system_id,
        kind=kind,
        natural_key=name,
        content=digest,
        receipt=receipt,
        waited=waited,
        at=ready.at,
    )
    return kept is not None


def _receipt(name: str, ready: Play) -> str:
    """Return the receipt of a service; raises RecordUnknown."""
    found = queries.kept(ready.system_id, "record", name)
    if found is None:
        raise record.RecordUnknown
    return found.receipt


def _named(given: doors.Service) -> str:
    return record.natural_key(given.project_no, given.service_number)


def _link(given: doors.LinkWanted, ready: Play) -> Told:
    _receipt(_named(given), ready)
    doors.check_link(given)
    rated = queries.kept(ready.system_id, "rating", _named(given)) is not None
    return 201, {"url": f"{settings.PUBLIC_URL}/dev/rate", "rated": rated, "days": given.days}


def _call(given: doors.CallWanted, ready: Play) -> Told:
    _receipt(_named(given), ready)
    return 201, {"until": (ready.at + timedelta(minutes=2)).isoformat()}


def _status(given: doors.Service, ready: Play) -> Told:
    name = _named(given)
    return 200, {
        "record": _receipt(name, ready),
        "status": int(record.Status.FINISHED),
        "amendments": 0,
        "rated": queries.kept(ready.system_id, "rating", name) is not None,
        "followed_up": queries.kept(ready.system_id, "follow_up", name) is not None,
    }


def _outcomes(given: doors.Since, ready: Play) -> Told:
    found = queries.waited(ready.system_id, doors.check_since(given))
    items = [
        {
            "no": one.pk,
            **_split(one.natural_key),
            "kind": 1,
            "outcome": "accepted",
            "code": None,
            "receipt": one.receipt,
            "at": one.at.isoformat(),
        }
        for one in found
    ]
    return 200, {"items": items, "last": found[-1].pk if found else given.since}


def _changes(given: doors.Page, ready: Play) -> Told:
    after = int(given.cursor) if given.cursor.isascii() and given.cursor.isdigit() else 0
    found = queries.changes(ready.system_id, min(after, 2**62))
    page = found[: len(found) - 1] if len(found) > _PAGE else found
    items = [
        {"kind": _TOLD[one.kind], "receipt": one.receipt, **_split(one.natural_key)}
        | {"department_code": ""}
        for one in page
    ]
    cursor = str(page[-1].pk) if page else given.cursor
    return 200, {"items": items, "cursor": cursor, "more": len(found) > _PAGE}


_PAGE = 50
_TOLD = {"record": "service", "rating": "rating", "follow_up": "follow_up"}


def _split(name: str) -> dict[str, Any]:
    project_no, _, number = name.rpartition("#")
    return {"project_no": project_no, "service_number": int(number)}


def _key(_: doors.Nothing, ready: Play) -> Told:
    return 200, {
        "key": ready.key.kid,
        "algorithm": ready.key.algorithm,
        "region": str(ready.key.reach.low),
        "departments": [],
        "everybodys": False,
        "keys": [
            {"key": row.kid, "ends_at": row.ends_at.isoformat()}
            for row in queries.keys(ready.system_id, ready.at)
        ],
    }


def _rotate(given: doors.RotationWanted, ready: Play) -> Told:
    overlap = doors.overlap_of(given)
    kid, secret = actions.rotate(kid=ready.key.kid, overlap=overlap, at=ready.at)
    return 201, {
        "key": kid,
        "secret": secret,
        "old_key_ends_in_hours": overlap // timedelta(hours=1),
        "known_everywhere_in_seconds": 0,
    }


_ACTS: Mapping[str, tuple[Any, Callable[[Any, Play], Told]]] = {
    "/api/v1/records": (record.Given, _register),
    "/api/v1/records/amendments": (record_api.Amended, _amend),
    "/api/v1/links": (doors.LinkWanted, _link),
    "/api/v1/calls": (doors.CallWanted, _call),
    "/api/v1/evaluations": (rating.Given, _rate),
    "/api/v1/status": (doors.Service, _status),
    "/api/v1/outcomes": (doors.Since, _outcomes),
    "/api/v1/changes": (doors.Page, _changes),
    "/api/v1/key": (doors.Nothing, _key),
    "/api/v1/key/rotate": (doors.RotationWanted, _rotate),
}
