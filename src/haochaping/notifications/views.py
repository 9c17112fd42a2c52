"""The list of messages, and the doors through which gateways push receipts and replies."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from haochaping.identity.queries import Person
from haochaping.identity.rules import SYSTEM
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import LOCAL, parse_moment
from haochaping.kernel.words import Words
from haochaping.notifications import actions, queries, rules

PAGE = 30


class BadPush(Refusal):
    """What a gateway pushed is not as its documentation says."""

    status = 400
    code = "bad_push"
    says = Words("推送内容格式不符。", "The push is malformed.")


@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """Show what was sent to whom (masked) and what became of it."""
    person: Person = request.person  # type: ignore[attr-defined]
    state = request.GET.get("state", "")
    page = Paginator(
        queries.within(person.reach.scope, state if state in rules.State else ""), PAGE
    ).get_page(request.GET.get("page"))
    return pages.render(
        request,
        "notifications/messages.html",
        page=page,
        lines=queries.lines(list(page)),
        counts=queries.counts(person.reach.scope),
        states=rules.STATES,
        state=state,
        configured=bool(settings.SMS),
    )


def notices(request: HttpRequest) -> HttpResponse:
    """Show what waits for one's office; POST says that all of it was seen."""
    person: Person = request.person  # type: ignore[attr-defined]
    if request.method == "POST":
        upto = request.POST.get("upto", "")
        if upto.isdecimal() and len(upto) < 19:  # noqa: PLR2004 - a bigint
            actions.see(upto=int(upto), by=person.id, at=clock.now())
        return redirect("notifications:notices")
    return _notices(request)


@require_POST
def contacts(request: HttpRequest) -> HttpResponse:
    """Have one's office told at an address too, or no more."""
    person: Person = request.person  # type: ignore[attr-defined]
    sent = request.POST
    try:
        if sent.get("remove", "").isdecimal():
            actions.remove_contact(contact_id=int(sent["remove"]), by=person.id, at=clock.now())
        else:
            way = sent.get("way", "")
            if way not in rules.Way:
                raise rules.BadAddress
            actions.add_contact(
                way=rules.Way(way), address=sent.get("address", ""), by=person.id, at=clock.now()
            )
    except rules.BadAddress as refusal:
        return _notices(request, refusal=refusal)
    return redirect("notifications:notices")


def _notices(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    page = Paginator(queries.notices_for(person), PAGE).get_page(request.GET.get("page"))
    return pages.render(
        request,
        "notifications/notices.html",
        page=page,
        seen=queries.seen_by(person.id),
        topics=rules.TOPICS,
        ways=rules.WAYS,
        contacts=queries.contacts(person),
        refusal=refusal,
        status=refusal.status if refusal else 200,
    )


@csrf_exempt
@require_POST
def hook(request: HttpRequest, secret: str, provider: str, kind: str) -> HttpResponse:
    """Take in a push.

    The answer says whether to push again: only what is committed is acknowledged.
    """
    taker = _HOOKS.get((provider, kind))
    if taker is None or not hmac.compare_digest(secret.encode(), settings.SMS_HOOK_SECRET.encode()):
        raise Http404
    return taker(request)


def _pushed(request: HttpRequest) -> list[dict[str, Any]]:
    try:
        items = json.loads(request.body)
    except (ValueError, RecursionError):
        raise BadPush from None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadPush
    return items


def _text(item: Any, name: str, longest: int = 1000) -> str:
    value = item.get(name)
    return "" if value is None else str(value).replace("\0", "")[:longest]


def _aliyun_receipts(request: HttpRequest) -> HttpResponse:
    for item in _pushed(request):
        own, at = _text(item, "out_id", 18), clock.now()
        actions.take_receipt(
            provider_id=_text(item, "biz_id", 64),
            message_id=int(own) if own.isdecimal() else None,
            delivered=item.get("success") in (True, "true"),
            why="" if item.get("success") in (True, "true") else _text(item, "err_code", 60),
            by=SYSTEM,
            at=at,
        )
    return JsonResponse({"code": 0, "msg": "接收成功"})


def _aliyun_replies(request: HttpRequest) -> HttpResponse:
    for item in _pushed(request):
        _take(
            _text(item, "phone_number", 20),
            _text(item, "dest_code", 32),
            _text(item, "content"),
            parse_moment(_text(item, "send_time", 30)),
        )
    return JsonResponse({"code": 0, "msg": "接收成功"})


def _huawei_receipt(request: HttpRequest) -> HttpResponse:
    form = request.POST
    status, own = _text(form, "status", 30), _text(form, "extend", 18)
    delivered = status.upper() == "DELIVRD"
    actions.take_receipt(
        provider_id=_text(form, "smsMsgId", 64),
        message_id=int(own) if own.isdecimal() else None,
        delivered=delivered,
        why="" if delivered else status,
        by=SYSTEM,
        at=clock.now(),
    )
    return HttpResponse()


def _huawei_reply(request: HttpRequest) -> HttpResponse:
    form = request.POST
    _take(
        _text(form, "from", 20),
        _text(form, "to", 32),
        _text(form, "body"),
        _utc(_text(form, "createTime", 30)),
    )
    return HttpResponse()


def _utc(text: str) -> datetime | None:
    moment = parse_moment(text)
    return (
        moment.astimezone(LOCAL).replace(tzinfo=UTC)
        if moment and "Z" not in text and "+" not in text
        else moment
    )


def _take(phone: str, destination: str, content: str, sent_at: datetime | None) -> None:
    if not phone.removeprefix("+").isdecimal():
        raise BadPush
    at = clock.now()
    sent = (
        sent_at
        if sent_at is not None and at - timedelta(days=30) < sent_at <= at + timedelta(minutes=10)
        else at.replace(second=0, microsecond=0)
    )
    actions.take_reply(
        phone=phone,
        destination=destination,
        content=content,
        sent_at=min(sent, at),
        by=SYSTEM,
        at=at,
    )


_HOOKS = dict(
    zip(
        rules.HOOKS,
        (_aliyun_receipts, _aliyun_replies, _huawei_receipt, _huawei_reply),
        strict=True,
    )
)
