"""The door of partners: what they send us, and their questions about what we told them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from haochaping.exchange import actions, models, queries, rules
from haochaping.exchange.rules import digests
from haochaping.identity import queries as identity
from haochaping.identity.rules import ClientKey, SignedRequest, verify
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import parse_day

type _Door = Callable[[models.Partner, ClientKey, bytes, datetime], dict[str, Any]]


@csrf_exempt
@require_POST
def messages(request: HttpRequest) -> HttpResponse:
    """Take in a batch of messages (docs/integrate/national.md)."""
    return _answer(request, _taken)


@csrf_exempt
@require_POST
def compare(request: HttpRequest) -> HttpResponse:
    """Answer what we told a partner of a day, so that it can check itself."""
    return _answer(request, _compared)


def _taken(partner: models.Partner, key: ClientKey, body: bytes, at: datetime) -> dict[str, Any]:
    sent = rules.read_messages(body)
    return {"code": "0", "results": actions.receive(partner=partner, key=key, messages=sent, at=at)}


def _compared(
    partner: models.Partner, _key: ClientKey, body: bytes, _at: datetime
) -> dict[str, Any]:
    question = rules.read_question(body)
    day = parse_day(question.day)
    if day is None:
        raise rules.NotReadable
    told = queries.told(partner.pk, day, question.family)
    return rules.written(question.asked, digests.answer(told.entries, question.asked))


def _answer(request: HttpRequest, door: _Door) -> HttpResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}
    query, at = request.META.get("QUERY_STRING", ""), clock.now()
    try:
        try:
            body = request.body
        except RequestDataTooBig:
            raise rules.TooMany from None
        asked = SignedRequest("POST", request.path, query, body, headers)
        key, _ = verify(asked, talk(identity.load_keys()), at)
        partner = queries.partner_of(key.client_id)
        if partner is None:
            raise rules.NotSigned
        told = door(partner, key, body, at)
    except Refusal as refusal:
        return JsonResponse(
            refusal.problem(), status=refusal.status, content_type="application/problem+json"
        )
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})
