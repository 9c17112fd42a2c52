"""The doors of the dialects.

Each answers in the partner's own shape, refusals included, with the sentences that say what to
mend.
"""

import secrets
from collections.abc import Callable, Mapping
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
from haochaping.regions import queries as regions

_TOKEN = "exchange.fj"  # noqa: S105 - a salt, no secret
_TOKEN_SECONDS = 7200


def _partner(dialect: rules.Dialect, kid: str) -> identity.Partner:
    found = identity.partner(kid, dialect)
    if found is None:
        raise rules.NotSigned
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
    act = _SHANDONG.get(operation)
    if act is None:
        raise NotFound
    at = clock.now()
    try:
        message = shandong.envelope(request.body)
        partner = _partner(rules.Dialect.SHANDONG, message.app)
        private_key = bytes.fromhex(partner.secret["sm2_private"])
        shandong.check(message, partner.secret["app_word"], private_key, at)
        return _answered(
            shandong.answer(None, act(message, shandong.rows(message, private_key), partner, at))
        )
    except Refusal as refusal:
        return _answered(shandong.answer(refusal))


def _answered(answer: Mapping[str, Any]) -> HttpResponse:
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


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
    number = str(message.params.get("serviceNumber", "1"))
    key = records.key_of(str(message.params.get("projectNo", "")), whole(number, digits=2) or 1)
    service = records.service(key) if key is not None else None
    if service is None or not partner.key.reach.covers(service.region):
        raise NotFound
    return {"url": actions.rating_address(key=service.id, base=settings.PUBLIC_URL, at=at)}


_SHANDONG: Mapping[
    str,
    Callable[[shandong.Envelope, list[dict[str, str]], identity.Partner, datetime], dict[str, Any]],
] = {
    "addEvaluateService": _sd_records,
    "addEvaluate": _sd_ratings,
    "submitTemp": _sd_ratings,
    "getnorm": _sd_norms,
    "gethcpcode": _sd_address,
}


# --- Fujian


@require_GET
def fujian_token(request: HttpRequest) -> HttpResponse:
    """Give a token for a signed timestamp."""
    try:
        partner = _partner(rules.Dialect.FUJIAN, request.GET.get("app_key", ""))
        fujian.check_token(
            partner.secret["app_code"],
            request.GET.get("timestamp", ""),
            request.GET.get("sign", ""),
            clock.now(),
        )
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
    operation = fujian.OPERATIONS[0]
    try:
        token = request.headers.get("Authorization", "").removeprefix("Basic ").strip()
        try:
            kid = signing.loads(token, salt=_TOKEN, max_age=_TOKEN_SECONDS)[0]
        except signing.BadSignature:
            raise rules.NotSigned from None
        partner, at = _partner(rules.Dialect.FUJIAN, kid), clock.now()
        operation, row = fujian.call(request.body, partner.secret["app_code"])
        actions.take_record(row=rules.service_of(row), key=partner.key, at=at)
        taken = actions.take_rating(row=row, dialect=rules.Dialect.FUJIAN, key=partner.key, at=at)
        answer = fujian.answer(operation, None, {"evaluateUnid": taken.receipt})
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
    at = clock.now()
    try:
        partner = _partner_by_path(rules.Dialect.ZHEJIANG, key)
        row = rules.national(
            {name: str(value) for name, value in request.POST.items()}, rules.FROM_ZHEJIANG
        )
        if operation == "publishurl":
            taken = actions.take_record(row=row, key=partner.key, at=at)
            return _answered(
                {
                    "success": True,
                    "data": actions.rating_address(key=taken.key, base=settings.PUBLIC_URL, at=at),
                    "errorMsg": "",
                }
            )
        if operation not in ("report", "offlinereport.do"):
            raise NotFound
        actions.take_record(row=rules.service_of(row), key=partner.key, at=at)
        taken = actions.take_rating(row=row, dialect=rules.Dialect.ZHEJIANG, key=partner.key, at=at)
        return _answered({"result": "1", "resultmsg": "success", "evaluateId": taken.receipt})
    except Refusal as refusal:
        if operation == "publishurl":
            return _answered({"success": False, "data": "", "errorMsg": refusal.says.zh})
        return _answered({"result": "0", "resultmsg": refusal.says.zh})


def _partner_by_path(dialect: rules.Dialect, key: str) -> identity.Partner:
    """Return the partner behind an address that holds its secret: these dialects sign nothing."""
    kid, _, word = key.partition(".")
    partner = _partner(dialect, kid)
    if not crypto.same(partner.secret["path_word"], word):
        raise rules.NotSigned
    return partner


# --- Anhui


@require_GET
def anhui_page(request: HttpRequest, key: str) -> HttpResponse:
    """Register the service that the address describes and lead on to its rating page."""
    partner, at = _partner_by_path(rules.Dialect.ANHUI, key), clock.now()
    row = rules.national(
        anhui.query(request.META.get("QUERY_STRING", "").split("&", 1)[0].removeprefix("params=")),
        rules.FROM_ANHUI,
    )
    taken = actions.take_record(row=row, key=partner.key, origin=Origin.SCANNED, at=at)
    return HttpResponseRedirect(
        actions.rating_address(key=taken.key, base="", channel=Channel.TABLET, at=at)
    )


@csrf_exempt
@require_POST
def anhui_status(request: HttpRequest, key: str) -> HttpResponse:
    """Say whether a case was rated."""
    partner = _partner_by_path(rules.Dialect.ANHUI, key)
    services = records.services(set(records.keys_of_case(request.GET.get("projNo", "")[:64])))
    rated = evaluations.rated(
        {pk for pk, service in services.items() if partner.key.reach.covers(service.region)}
    )
    return JsonResponse(
        {"head": {"returncode": "0000" if services else "1000"}, "body": {"evaluated": bool(rated)}}
    )


# --- the 12345 systems of cities


@csrf_exempt
@require_POST
def hotline(request: HttpRequest) -> HttpResponse:
    """Take in a message of a city's 12345 system. Only what is committed is answered with 200."""
    return signed.answer(request, _heard)


def _heard(key: ClientKey, body: bytes, at: datetime) -> dict[str, Any]:
    found = queries.hotline_of(key.client_id)
    if found is None:
        raise rules.NotSigned
    message = rules.read_message(body)
    outcome, expected = actions.hear(
        hotline_id=found.pk, message=message, body=body, kid=key.kid, at=at
    )
    return {"outcome": outcome, "expected": expected}


@require_GET
def hotlines(request: OfficeRequest) -> HttpResponse:
    """Show how the exchange with the 12345 systems of cities goes."""
    person = request.person
    links_ = [
        (link, regions.tree().full_name(link.hotline.region))
        for link in queries.hotlines(person.reach.scope)
    ]
    return pages.render(request, "exchange/hotlines.html", links=links_)


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
