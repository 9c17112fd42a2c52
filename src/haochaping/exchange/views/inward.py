"""The door of partners: what they send us, and their questions about what we told them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from haochaping.exchange import actions, models, queries, rules
from haochaping.exchange.rules import digests
from haochaping.exchange.views import signed
from haochaping.identity.rules import ClientKey
from haochaping.kernel.moments import parse_day

type _Door = Callable[[models.Partner, ClientKey, bytes, datetime], dict[str, Any]]


@csrf_exempt
@require_POST
def messages(request: HttpRequest) -> HttpResponse:
    """Take in a batch of messages (docs/integrate/national.md)."""
    return _answer(request, "messages", _taken)


@csrf_exempt
@require_POST
def compare(request: HttpRequest) -> HttpResponse:
    """Answer what we told a partner of a day, or what we received from it, so that it can check
    itself.
    """
    return _answer(request, "reconcile", _compared)


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
    if question.of == "received":
        entries = queries.received(partner.pk, day, question.family)
    else:
        entries = queries.told(partner.pk, day, question.family).entries
    return rules.written(question.asked, digests.answer(entries, question.asked))


def _answer(request: HttpRequest, operation: str, door: _Door) -> HttpResponse:
    def of_partner(key: ClientKey, body: bytes, at: datetime) -> dict[str, Any]:
        partner = queries.partner_of(key.client_id)
        if partner is None:
            raise rules.NotSigned
        return door(partner, key, body, at)

    return signed.answer(request, operation, of_partner)
