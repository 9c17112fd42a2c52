"""平台对接: how the exchange with each partner goes, and what a person does about it."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.exchange import actions, models, queries, rules, tasks
from haochaping.exchange.rules import Status, digests, filed
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import begin_of, parse_day
from haochaping.kernel.numbers import whole
from haochaping.kernel.sheets import rows_of
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.regions.rules import parse_code

_COMPARED_WITHIN = timedelta(minutes=70)  # after what was sent again has arrived
CAUSES: Mapping[str, Words] = {
    "unknown": Words("本平台没有这条，请对方核实", "Not ours; ask them where it comes from"),
    "altered": Words("对方保存的内容不同", "They keep another text"),
    "new": Words("尚未报送", "Not sent yet"),
    "sent": Words("已报送，对方未确认", "Sent, never acknowledged"),
    "acknowledged": Words("对方确认过，现在缺失", "Acknowledged, and gone there now"),
    "refused": Words("对方拒收", "They refused it"),
    "dead": Words("多次失败，已作死信", "Given up after many tries"),
}


@require_GET
def partners(request: OfficeRequest) -> HttpResponse:
    """Show how the exchange with every partner goes."""
    return _partners(request)


@pages.within_scope
def _partners(
    request: OfficeRequest, refusal: Refusal | None = None, shown: Mapping[str, str] | None = None
) -> HttpResponse:
    at, reach = clock.now(), request.person.reach
    standings = queries.standings(reach.scope, at)
    days = queries.boards([one.partner.pk for one in standings], at)
    return pages.render(
        request,
        "exchange/partners.html",
        status=refusal.status if refusal else 200,
        standings=standings,
        days=days,
        tree=regions.tree(),
        dialects=rules.OUTWARD,
        places=regions.tree().cities(),
        may_connect=Right.KEEP_KEYS in request.person.rights,
        refusal=refusal,
        shown=shown,
        me=request.person.id,
    )


@require_GET
def conventions(request: OfficeRequest) -> HttpResponse:
    """Show how each conflict of the trade is settled for each partner."""
    standings = queries.standings(request.person.reach.scope, clock.now())
    found = [one.partner for one in standings]
    return pages.render(
        request,
        "exchange/conventions.html",
        conventions=rules.CONVENTIONS,
        partners=found,
        ways={one.pk: rules.conventions(one.dialect, one.ways) for one in found},
    )


@require_POST
def connect(request: OfficeRequest) -> HttpResponse:
    """Connect a partner; another person starts the exchange."""
    sent = request.POST
    try:
        agreed = _agreed(sent)
        _, shown = actions.connect(agreed=agreed, by=request.person.id, at=clock.now())
    except Refusal as refusal:
        return _partners(request, refusal)
    return _partners(request, None, shown) if shown else redirect("exchange:partners")


def _agreed(sent: QueryDict) -> actions.Connection:
    """Read what is to be agreed; raises BadConnection."""
    region = parse_code(sent.get("region", ""))
    dialect = sent.get("dialect", "")
    if region is None or dialect not in rules.OUTWARD:
        raise actions.BadConnection
    return actions.Connection(
        name=sent.get("name", "")[:80],
        dialect=rules.Outward(dialect),
        region=region,
        url=sent.get("url", "")[:300],
        secret=_given(sent),
        words=sent.get("words") == "1",
        personal=sent.get("personal") == "1",
        pace=whole(sent.get("pace", "") or "0", digits=5) or 0,
    )


# what partners give us, by the name of its field on the form; more stands in `secret` as JSON
_GIVEN = ("kid", "app_word", "app_code", "sm2_public", "tenancy", "host_key", "password")


def _given(sent: QueryDict) -> dict[str, str]:
    """Read what a partner gave us; raises BadConnection."""
    try:
        secret = json.loads(sent.get("secret", "") or "{}")
    except ValueError:
        raise actions.BadConnection from None
    if not isinstance(secret, dict) or not all(isinstance(one, str) for one in secret.values()):
        raise actions.BadConnection
    fields = {name: sent.get(name, "").strip()[:300] for name in _GIVEN}
    return secret | {name: value for name, value in fields.items() if value}


@require_GET
def partner(request: OfficeRequest, key: int) -> HttpResponse:
    """Show what goes to one partner and comes from it, and how the two compare."""
    return _partner(request, key)


@pages.within_scope
def _partner(
    request: OfficeRequest,
    key: int,
    refusal: Refusal | None = None,
    shown: Mapping[str, str] | None = None,
) -> HttpResponse:
    at = clock.now()
    standing = next(
        (one for one in queries.standings(request.person.reach.scope, at) if one.partner.pk == key),
        None,
    )
    if standing is None:
        raise NotFound
    differences = list(queries.differences(key))
    return pages.render(
        request,
        "exchange/partner.html",
        status=refusal.status if refusal else 200,
        one=standing,
        at=at,
        tree=regions.tree(),
        dialects=rules.OUTWARD,
        statuses=rules.STATUSES,
        trouble=list(queries.deliveries(key, sorted(rules.TROUBLE))),
        left_out=queries.left_out(key),
        message_id=rules.message_id,
        board=queries.board(key, at),
        families=rules.FAMILIES,
        differences=differences,
        heads=_heads(differences, at),
        causes={one.pk: CAUSES[queries.cause(one)] for one in differences},
        what=digests.WHAT,
        quarantine=queries.quarantine(key),
        conventions=rules.CONVENTIONS,
        ways=rules.conventions(standing.partner.dialect, standing.partner.ways),
        refusal=refusal,
        shown=shown,
        me=request.person.id,
        may_renew=Right.KEEP_KEYS in request.person.rights,
    )


def _heads(differences: Sequence[models.Difference], at: datetime) -> set[int]:
    """Return the first difference of each day and family that can be put right by sending again:
    it was not sent, or it was and has been compared since.
    """
    first: dict[tuple[date, str], int] = {}
    for one in differences:
        sent = one.resent_at is not None and at - one.resent_at < _COMPARED_WITHIN
        if one.what != digests.What.UNKNOWN and not sent:
            first.setdefault((one.day, one.family), one.pk)
    return set(first.values())


def _reached(request: OfficeRequest, key: int) -> models.Partner:
    """Return a partner within somebody's reach; raises NotFound."""
    found = queries.partner(key)
    if found is None or not request.person.reach.covers(found.region):
        raise NotFound
    return found


@require_POST
def compare_file(request: OfficeRequest, key: int) -> HttpResponse:
    """Compare the ratings of some days with a file of what a partner has."""
    found = _reached(request, key)
    sent, file = request.POST, request.FILES.get("file")
    since, until = parse_day(sent.get("since", "")), parse_day(sent.get("until", ""))
    try:
        if since is None or until is None or not 0 <= (until - since).days < filed.MOST_DAYS:
            raise filed.TooManyDays
        name, data = (file.name or "", file.read()) if file else ("", b"")
        theirs = filed.held(rows_of(name, data, filed.COLUMNS))
        ours = queries.sent_ratings(found, since, until)
        ids = {one.message: one.delivery_id for one in ours.values()}
        actions.note_filed(
            partner_id=key,
            days=filed.compare(ours, theirs, since),
            ids=ids,
            by=request.person.id,
            at=clock.now(),
        )
    except Refusal as refusal:
        return _partner(request, key, refusal)
    return redirect("exchange:partner", key=key)


@require_POST
def renew(request: OfficeRequest, key: int) -> HttpResponse:
    """Exchange the secret of a partner; a new one of ours is shown once."""
    _reached(request, key)
    try:
        given = _given(request.POST)
        shown = actions.renew(partner_id=key, given=given, by=request.person.id, at=clock.now())
    except Refusal as refusal:
        return _partner(request, key, refusal)
    return _partner(request, key, None, shown) if shown else redirect("exchange:partner", key=key)


@require_POST
def change(request: OfficeRequest, key: int) -> HttpResponse:
    """Do what a person decided about a partner."""
    act = _ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise NotFound
    _reached(request, key)
    common = {"by": request.person.id, "at": clock.now()}
    try:
        act(key, request.POST, common)
    except Refusal as refusal:
        return _partner(request, key, refusal)
    tasks.nudge.defer(partner_id=key)
    return redirect("exchange:partner", key=key)


type _Common = dict[str, Any]


def _start(key: int, _sent: QueryDict, common: _Common) -> None:
    actions.start(partner_id=key, **common)


def _stop(key: int, _sent: QueryDict, common: _Common) -> None:
    actions.stop(partner_id=key, **common)


def _move(key: int, sent: QueryDict, common: _Common) -> None:
    actions.move(partner_id=key, url=sent.get("url", "")[:300], **common)


def _settle(key: int, sent: QueryDict, common: _Common) -> None:
    ways = {name: sent.get(name, "") for name in rules.CONVENTIONS if name in sent}
    actions.settle(partner_id=key, ways=ways, **common)


def _resend(key: int, sent: QueryDict, common: _Common) -> None:
    status = whole(sent.get("status", "")) or 0
    if status in rules.ENDED:
        chosen = actions.Chosen(
            status=Status(status),
            since=parse_day(sent.get("since", "")),
            until=parse_day(sent.get("until", "")),
            family=sent.get("family", ""),
            message=sent.get("message", "").strip()[:40],
        )
        actions.send_again(partner_id=key, chosen=chosen, **common)


def _agree(key: int, sent: QueryDict, common: _Common) -> None:
    terms = actions.Terms(
        words=sent.get("words") == "1",
        personal=sent.get("personal") == "1",
        batch=whole(sent.get("batch", ""), digits=5) or 0,
        pace=whole(sent.get("pace", "") or "0", digits=9) or 0,
    )
    actions.agree(partner_id=key, terms=terms, **common)


def _history(key: int, sent: QueryDict, common: _Common) -> None:
    day = parse_day(sent.get("since", ""))
    if day is not None:
        since = begin_of(day)
        actions.ask_history(partner_id=key, since=since, **common)
        tasks.tell_history.defer(partner_id=key, since=since.isoformat())


def _differing(key: int, sent: QueryDict, common: _Common) -> None:
    day = parse_day(sent.get("day", ""))
    if day is not None:
        family = sent.get("family", "")
        actions.send_differing(partner_id=key, day=day, family=family, **common)


def _close(_key: int, sent: QueryDict, common: _Common) -> None:
    difference_id = whole(sent.get("difference", "")) or 0
    actions.close(difference_id=difference_id, note=sent.get("note", ""), **common)


def _compare(key: int, _sent: QueryDict, _common: _Common) -> None:
    tasks.compare.defer(partner_id=key)


def _correct(_key: int, sent: QueryDict, common: _Common) -> None:
    received_id = whole(sent.get("received", "")) or 0
    names, values = sent.getlist("field"), sent.getlist("value")
    changes = {
        name.strip()[:40]: value.strip()
        for name, value in zip(names, values, strict=False)
        if name.strip() and value.strip()
    }
    actions.correct(received_id=received_id, changes=changes, **common)


def _drop(_key: int, sent: QueryDict, common: _Common) -> None:
    received_id = whole(sent.get("received", "")) or 0
    actions.drop(received_id=received_id, why=sent.get("why", ""), **common)


_ACTS: Mapping[str, Callable[[int, QueryDict, _Common], None]] = {
    "start": _start,
    "stop": _stop,
    "move": _move,
    "settle": _settle,
    "resend": _resend,
    "differing": _differing,
    "close": _close,
    "compare": _compare,
    "agree": _agree,
    "history": _history,
    "correct": _correct,
    "drop": _drop,
}
