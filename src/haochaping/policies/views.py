"""Policies: what holds, what is proposed, and what it would change."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import SamePerson
from haochaping.kernel import clock, downloads, outbox, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import business_day
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.policies import actions, events, queries, rules
from haochaping.regions import queries as regions
from haochaping.regions.rules import above, parse_code

_SHOWN = 50  # what a preview lists
_PAGE = 60


@require_GET
def policy_list(request: OfficeRequest) -> HttpResponseBase:
    """Show what holds here, what was proposed, and the form for something new; all policies with
    their values as a file if asked for.
    """
    if downloads.wanted(request):
        return downloads.answer(request, _table(request.person))
    return _policies(request)


def _table(person: Person) -> Table:
    found = queries.within(person.reach.scope)
    who = {one for pair in found.values_list("proposed_by", "approved_by") for one in pair if one}
    names, tree, today = identity.names(who), regions.tree(), business_day(clock.now())
    columns = (
        Column(Words("地区", "Region")),
        Column(Words("生效日期", "From")),
        Column(Words("依据", "Based on")),
        Column(Words("提议", "Proposed by")),
        Column(Words("审核", "Approved by")),
        Column(Words("状态", "State")),
        *(Column(field.says) for field in rules.FIELDS.values()),
    )
    lines = (
        Line(
            (
                tree.full_name(one.region),
                str(one.valid_from),
                one.source,
                names.get(one.proposed_by, ""),
                names.get(one.approved_by or 0, ""),
                queries.state_of(one, today),
                *(one.values.get(name, "") for name in rules.FIELDS),
            )
        )
        for one in found.iterator(1000)
    )
    return Table("policies", Words("处置规则", "Policies"), columns, lines)


@pages.posted("policies:list")
def propose(request: OfficeRequest) -> HttpResponse:
    """Propose a policy for one's own region; show what it would change."""
    person = request.person
    sent = request.POST
    try:
        policy_id = actions.propose(
            region=_region(request, person),
            valid_from=_day(sent.get("valid_from")),
            values=rules.read_values(sent.dict()),
            source=sent.get("source", ""),
            redate=sent.get("redate") == "1",
            by=person.id,
            at=clock.now(),
        )
    except rules.BadTerms as refusal:
        return _policies(request, refusal=refusal)
    return redirect("policies:one", policy_id=policy_id)


@pages.within_scope
def _policies(request: OfficeRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    today = business_day(clock.now())
    region = _region(request, person)
    page = Paginator(queries.within(person.reach.scope), _PAGE).get_page(request.GET.get("page"))
    found = list(page)
    own: dict[str, int] = next(
        (layer.values for layer in queries.layers(region, today) if layer.region == region), {}
    )
    preset = rules.PRESETS.get(request.GET.get("preset", ""))
    context: dict[str, Any] = {
        "page": page,
        "policies": [(policy, regions.tree().full_name(policy.region)) for policy in found],
        "names": identity.names(
            {
                who
                for policy in found
                for who in (policy.proposed_by, policy.approved_by)
                if who is not None
            }
        ),
        "terms": queries.terms(region, clock.now()),
        "inherited": queries.inherited(region, today),
        "values": {**own, **preset[1]} if preset else own,
        "sent": request.POST,
        "groups": rules.GROUPS,
        "presets": rules.PRESETS,
        "region": region,
        "place": regions.tree().full_name(region),
        "places": _places(person),
        "today": today,
        "state_of": queries.state_of,
        "refusal": refusal,
    }
    return pages.render(
        request, "policies/list.html", status=refusal.status if refusal else 200, **context
    )


@require_GET
def policy(request: OfficeRequest, policy_id: int) -> HttpResponse:
    """Show a policy and which open orders it would change."""
    return _policy(request, policy_id)


@pages.posted("policies:one", "policy_id")
def decide(request: OfficeRequest, policy_id: int) -> HttpResponse:
    """Put a policy in force, or take a proposal back."""
    person = request.person
    try:
        if request.POST.get("verdict") == "withdraw":
            actions.withdraw(policy_id=policy_id, by=person.id, at=clock.now())
        else:
            actions.approve(policy_id=policy_id, by=person.id, at=clock.now())
    except (SamePerson, rules.BadTerms) as refusal:
        return _policy(request, policy_id, refusal=refusal)
    return redirect("policies:list")


@pages.within_scope
def _policy(
    request: OfficeRequest, policy_id: int, *, refusal: Refusal | None = None
) -> HttpResponse:
    person = request.person
    found = queries.one(policy_id)
    if found is None or not (
        person.reach.covers(found.region) or found.region in above(person.region)
    ):
        raise NotFound
    open_ = found.approved_at is None and found.withdrawn_at is None
    at = clock.now()
    changes: list[events.Affected] = (
        [one for each in outbox.ask(events.WouldChange(policy_id, at)) for one in each]
        if open_
        else []
    )
    context: dict[str, Any] = {
        "policy": found,
        "place": regions.tree().full_name(found.region),
        "differs": rules.changed(
            queries.terms(found.region, at), queries.with_proposal(found, found.region)
        )
        if open_
        else [],
        "fields": rules.FIELDS,
        "changes": changes[:_SHOWN],
        "total": len(changes),
        "names": identity.names(
            {who for who in (found.proposed_by, found.approved_by) if who is not None}
        ),
        "open": open_,
        "mine": found.proposed_by == person.id,
        "refusal": refusal,
    }
    return pages.render(
        request, "policies/one.html", status=refusal.status if refusal else 200, **context
    )


def _region(request: HttpRequest, person: Person) -> int:
    """Return the region that was chosen, one's own unless it lies within."""
    text = request.POST.get("region") or request.GET.get("region", "")
    chosen = parse_code(text) or person.region
    return chosen if person.reach.covers(chosen) else person.region


def _places(person: Person) -> list[tuple[int, str]]:
    tree = regions.tree()
    return [
        (person.region, tree.full_name(person.region)),
        *((code, tree.full_name(code)) for code in tree.children(person.region)),
    ]


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise rules.BadTerms(
            Words("请填写生效日期。", "Give the day on which it takes effect."), field="valid_from"
        ) from None
