"""The doors of the dialects.

Each answers in the partner's own shape, refusals included, with the sentences that say what to
mend.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from haochaping.callbacks import actions as callbacks
from haochaping.devices import queries as devices
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.exchange import actions, queries, rules
from haochaping.exchange.partners import anhui, cti, fujian, shandong
from haochaping.exchange.views import signed
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import ClientKey
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, crypto, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.numbers import whole
from haochaping.records import queries as records
from haochaping.records.rules import Origin

_TOKEN = "exchange.fj"  # noqa: S105 - a salt, no secret
_TOKEN_SECONDS = 7200


def _partner(dialect: rules.Dialect, kid: str, call: signed.Call) -> identity.Partner:
    """Return in whose name a call comes; that it is who calls is still to be shown."""
    found = identity.partner(kid, dialect)
    if found is None:
        raise rules.NotSigned
    call.key = found.key
    return found


@require_GET
def channels(request: OfficeRequest) -> HttpResponse:
    """Show 渠道监测: what each channel brought, whether it is alive, and what our own tests
    found.
    """
    person = request.person
    at = clock.now()
    states = queries.channels(person.reach.scope, at)
    known = devices.devices(person.reach.scope, at)
    return pages.render(
        request,
        "exchange/channels.html",
        states=states,
        names=CHANNELS,
        levels=LEVELS,
        days=queries.DAYS,
        alive=sum(line.health.name == "alive" and not line.disabled for line in known),
        devices=sum(not line.disabled for line in known),
        at=at,
    )


# --- Shandong


@csrf_exempt
@require_POST
def shandong_door(request: HttpRequest, operation: str) -> HttpResponse:
    """Take in `/hcp/<operation>` in the txnBodyCom envelope."""
    if operation not in _SHANDONG:
        raise NotFound
    (name, act), at = _SHANDONG[operation], clock.now()
    try:
        with signed.called(request, name) as call:
            message = shandong.envelope(request.body)
            partner = _partner(rules.Dialect.SHANDONG, message.app, call)
            private_key = bytes.fromhex(partner.secret["sm2_private"])
            shandong.check(message, partner.secret["app_word"], private_key, at)
            call.admit(partner.key)
            rows = shandong.rows(message, private_key)
            told = act(message, rows, partner, at) | _unread(rows)
        return _answered(shandong.answer(None, told))
    except Refusal as refusal:
        return _answered(shandong.answer(refusal))


def _answered(answer: Mapping[str, Any]) -> HttpResponse:
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def _unread(rows: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return what an answer says of fields that nobody reads: nothing where there are none."""
    names = rules.unknown_fields(rows)
    return {"unknownFields": names} if names else {}


def _sd_records(
    _message: shandong.Envelope, rows: list[dict[str, str]], partner: identity.Partner, at: datetime
) -> dict[str, Any]:
    for row in rows:
        actions.take_record(row=row, key=partner.key, at=at)
    return {}


def _sd_ratings(
    _message: shandong.Envelope, rows: list[dict[str, str]], partner: identity.Partner, at: datetime
) -> dict[str, Any]:
    return {
        "evaluateIds": [
            actions.take_rating(
                row=row, dialect=rules.Dialect.SHANDONG, key=partner.key, at=at
            ).receipt
            for row in rows
        ]
    }


def _sd_norms(
    _message: shandong.Envelope,
    _rows: list[dict[str, str]],
    _partner: identity.Partner,
    _at: datetime,
) -> dict[str, Any]:
    return {"data": actions.norms()}


def _sd_address(
    message: shandong.Envelope, _rows: list[dict[str, str]], partner: identity.Partner, at: datetime
) -> dict[str, Any]:
    number = whole(str(message.params.get("serviceNumber", "1")), digits=2) or 1
    service = records.service_of(
        str(message.params.get("projectNo", "")), number, partner.key.client
    )
    return {"url": actions.rating_address(key=service.id, base=settings.PUBLIC_URL, at=at)}


type _Act = Callable[
    [shandong.Envelope, list[dict[str, str]], identity.Partner, datetime], dict[str, Any]
]
# each with what it is in our own interface, by which its calls are written down
_SHANDONG: Mapping[str, tuple[str, _Act]] = {
    "addEvaluateService": ("records", _sd_records),
    "addEvaluate": ("evaluations", _sd_ratings),
    "submitTemp": ("evaluations", _sd_ratings),
    "getnorm": ("indicators", _sd_norms),
    "gethcpcode": ("links", _sd_address),
}


# --- Fujian


@require_GET
def fujian_token(request: HttpRequest) -> HttpResponse:
    """Give a token for a signed timestamp."""
    try:
        with signed.called(request, "token") as call:
            partner = _partner(rules.Dialect.FUJIAN, request.GET.get("app_key", ""), call)
            fujian.check_token(
                partner.secret["app_code"],
                request.GET.get("timestamp", ""),
                request.GET.get("sign", ""),
                clock.now(),
            )
            call.admit(partner.key)
    except Refusal as refusal:
        told = {"code": str(refusal.status), "message": refusal.says.zh}
        return JsonResponse(told, json_dumps_params={"ensure_ascii": False}, status=refusal.status)
    token = signing.dumps([partner.key.kid, secrets.token_hex(8)], salt=_TOKEN)
    return JsonResponse(
        {
            "access_token": token,
            "expires_in": _TOKEN_SECONDS,
            "refresh_token": token,
            "re_expires_in": _TOKEN_SECONDS,
        }
    )


@csrf_exempt
@require_POST
def fujian_door(request: HttpRequest) -> HttpResponse:
    """Take in a SOAP call: a record and its rating in one document."""
    operation, at = fujian.OPERATIONS[0], clock.now()
    try:
        with signed.called(request, "evaluations") as call:
            token = request.headers.get("Authorization", "").removeprefix("Basic ").strip()
            try:
                kid = signing.loads(token, salt=_TOKEN, max_age=_TOKEN_SECONDS)[0]
            except signing.BadSignature:
                raise rules.NotSigned from None
            partner = _partner(rules.Dialect.FUJIAN, kid, call)
            call.admit(partner.key)
            operation, row = fujian.call(request.body, partner.secret["app_code"])
            taken = _both(row, rules.Dialect.FUJIAN, partner, at)
        unread = {name: ",".join(names) for name, names in _unread([row]).items()}
        answer = fujian.answer(operation, None, {"evaluateUnid": taken.receipt, **unread})
    except Refusal as refusal:
        answer = fujian.answer(operation, refusal)
    return HttpResponse(answer, content_type="text/xml; charset=utf-8")


# --- Zhejiang


@csrf_exempt
@require_POST
def zhejiang_door(request: HttpRequest, key: str, operation: str) -> HttpResponse:
    """Take in a form.

    `report` and `offlinereport.do` hand in record and rating, `publishurl` asks for an address to
    rate at.
    """
    at, asks = clock.now(), operation == "publishurl"
    try:
        with signed.called(request, "links" if asks else "evaluations") as call:
            partner = _partner_by_path(rules.Dialect.ZHEJIANG, key, call)
            sent = [(name, one) for name, values in request.POST.lists() for one in values]
            ways = rules.conventions(rules.Outward.ZHEJIANG, {})
            row = dict(rules.kinds_turned(rules.fields(sent), ways["kinds"]))
            row = rules.national(row, rules.FROM_ZHEJIANG)
            if asks:
                service = actions.take_record(row=row, key=partner.key, at=at).key
                url = actions.rating_address(key=service, base=settings.PUBLIC_URL, at=at)
                told = {"success": True, "data": url, "errorMsg": ""}
            elif operation in ("report", "offlinereport.do"):
                taken = _both(row, rules.Dialect.ZHEJIANG, partner, at)
                told = {"result": "1", "resultmsg": "success", "evaluateId": taken.receipt}
            else:
                raise NotFound
        return _answered(told | _unread([row]))
    except Refusal as refusal:
        if asks:
            return _answered({"success": False, "data": "", "errorMsg": refusal.says.zh})
        return _answered({"result": "0", "resultmsg": refusal.says.zh})


def _both(
    row: Mapping[str, str], dialect: rules.Dialect, partner: identity.Partner, at: datetime
) -> actions.Taken:
    """Take in a service and its rating, which some dialects send as one."""
    actions.take_record(row=rules.service_of(row), key=partner.key, at=at)
    return actions.take_rating(row=row, dialect=dialect, key=partner.key, at=at)


def _partner_by_path(dialect: rules.Dialect, key: str, call: signed.Call) -> identity.Partner:
    """Return the partner behind an address that holds its secret: these dialects sign nothing."""
    kid, _, word = key.partition(".")
    partner = _partner(dialect, kid, call)
    if not crypto.same(partner.secret["path_word"], word):
        raise rules.NotSigned
    call.admit(partner.key)
    return partner


# --- Anhui


@require_GET
def anhui_page(request: HttpRequest, key: str) -> HttpResponse:
    """Register the service that the address describes and lead on to its rating page."""
    at, query = clock.now(), request.META.get("QUERY_STRING", "")
    with signed.called(request, "links") as call:
        partner = _partner_by_path(rules.Dialect.ANHUI, key, call)
        row = rules.national(
            anhui.query(query.split("&", 1)[0].removeprefix("params=")), rules.FROM_ANHUI
        )
        taken = actions.take_record(row=row, key=partner.key, origin=Origin.SCANNED, at=at)
    return HttpResponseRedirect(
        actions.rating_address(key=taken.key, base="", channel=Channel.TABLET, at=at)
    )


@csrf_exempt
@require_POST
def anhui_status(request: HttpRequest, key: str) -> HttpResponse:
    """Say whether a case was rated."""
    with signed.called(request, "status") as call:
        partner = _partner_by_path(rules.Dialect.ANHUI, key, call)
        services = records.services_of(request.GET.get("projNo", "")[:64], partner.key.client)
    rated = evaluations.rated({service.id for service in services})
    return JsonResponse(
        {"head": {"returncode": "0000" if services else "1000"}, "body": {"evaluated": bool(rated)}}
    )


# --- the 12345 systems of cities


@csrf_exempt
@require_POST
def hotline(request: HttpRequest) -> HttpResponse:
    """Take in a message of a city's 12345 system. Only what is committed is answered with 200."""
    return signed.answer(request, "hotline", _heard)


def _heard(key: ClientKey, body: bytes, at: datetime) -> dict[str, Any]:
    found = queries.hotline_of(key.client_id)
    if found is None:
        raise rules.NotSigned
    message = rules.read_message(body)
    outcome, expected = actions.hear(
        hotline_id=found.pk, message=message, body=body, kid=key.kid, at=at
    )
    return {"outcome": outcome, "expected": expected}


@csrf_exempt
@require_POST
def telephone(request: HttpRequest) -> HttpResponse:
    """Take in where the telephone system keeps the recording of a call."""
    if not crypto.same(cti.signature(request.body), request.headers.get("X-HCP-Signature", "")):
        return JsonResponse(
            rules.NotSigned().problem(), status=401, content_type="application/problem+json"
        )
    told = rules.read_recorded(request.body)
    if told is None:
        return JsonResponse(
            rules.BadMessage().problem(), status=422, content_type="application/problem+json"
        )
    if not callbacks.note_recording(call_id=told.call, recording=told.recording):
        return JsonResponse(
            NotFound().problem(), status=404, content_type="application/problem+json"
        )
    return JsonResponse({"outcome": "done"})
