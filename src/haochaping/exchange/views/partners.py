"""平台对接: how the exchange with each partner goes, and what a person does about it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.exchange import actions, models, queries, rules
from haochaping.exchange.rules import filed
from haochaping.exchange.views.waiting import LISTS, reached
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.kernel import clock, marks, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import parse_day
from haochaping.kernel.numbers import whole
from haochaping.kernel.sheets import rows_of
from haochaping.regions import queries as regions
from haochaping.regions.rules import parse_code


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


@pages.posted("exchange:partners")
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
        departments=sent.get("departments", "").split(),
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
    return show(request, key)


@pages.within_scope
def show(
    request: OfficeRequest,
    key: int,
    refusal: Refusal | None = None,
    shown: Mapping[str, str] | None = None,
    done: int | None = None,
) -> HttpResponse:
    """Show a partner: why something was refused, a secret that is shown once, or how many messages
    will be sent again.
    """
    at = clock.now()
    standing = next(
        (one for one in queries.standings(request.person.reach.scope, at) if one.partner.pk == key),
        None,
    )
    if standing is None:
        raise NotFound
    return pages.render(
        request,
        "exchange/partner.html",
        status=refusal.status if refusal else 200,
        one=standing,
        mark=marks.mark(*queries.terms_of(standing.partner)),
        names=directory.departments_by_code(standing.partner.departments).values(),
        at=at,
        tree=regions.tree(),
        dialects=rules.OUTWARD,
        **_waiting(standing.partner, at),
        left_out=queries.left_out(key),
        board=queries.board(key, at),
        conventions=rules.CONVENTIONS,
        ways=rules.conventions(standing.partner.dialect, standing.partner.ways),
        refusal=refusal,
        shown=shown,
        done=done,
        me=request.person.id,
        may_renew=Right.KEEP_KEYS in request.person.rights,
    )


_SHOWN = 20  # of each list, on the page of a partner


def _waiting(found: models.Partner, at: datetime) -> dict[str, Any]:
    """Return the beginnings of the lists of what waits for a person."""
    lists = dict[str, Any]()
    for which in LISTS.values():
        lists |= which.shown(which.found(found.pk)[:_SHOWN], at)
    return {**lists, "back": ""}


@require_POST
def compare_file(request: OfficeRequest, key: int) -> HttpResponse:
    """Compare the ratings of some days with a file of what a partner has."""
    found = reached(request, key)
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
            days=filed.compare(ours, theirs, since, until),
            ids=ids,
            by=request.person.id,
            at=clock.now(),
        )
    except Refusal as refusal:
        return show(request, key, refusal)
    return redirect("exchange:partner", key=key)


@require_POST
def renew(request: OfficeRequest, key: int) -> HttpResponse:
    """Exchange the secret of a partner; a new one of ours is shown once."""
    reached(request, key)
    try:
        given = _given(request.POST)
        shown = actions.renew(partner_id=key, given=given, by=request.person.id, at=clock.now())
    except Refusal as refusal:
        return show(request, key, refusal)
    return show(request, key, None, shown) if shown else redirect("exchange:partner", key=key)
