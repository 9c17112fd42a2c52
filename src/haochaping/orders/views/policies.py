"""Policies and what they would change, the working calendar, dispatch rules, and texts that offices
write often.
"""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.queries import Person
from haochaping.kernel import calendars, clock, pages
from haochaping.kernel.calendar import write_hours
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.moments import business_day
from haochaping.kernel.tables import UnreadableTable, rows_of
from haochaping.kernel.words import Words
from haochaping.orders import actions, queries, rules
from haochaping.policies import actions as policies
from haochaping.policies import queries as terms
from haochaping.policies import rules as said
from haochaping.regions import queries as regions

_SHOWN = 50  # orders of a preview


@require_GET
def policy_list(request: HttpRequest) -> HttpResponse:
    """Show what holds here, what was proposed, and the form for something new."""
    return _policies(request)


@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a policy for one's own region; show what it would change."""
    person: Person = request.person  # type: ignore[attr-defined]
    sent = request.POST
    try:
        policy_id = policies.propose(
            region=_region(request, person),
            valid_from=_day(sent.get("valid_from")),
            values=said.read_values(sent.dict()),
            source=sent.get("source", ""),
            redate=sent.get("redate") == "1",
            by=person.id,
            at=clock.now(),
        )
    except said.BadTerms as refusal:
        return _policies(request, refusal=refusal)
    return redirect("orders:policy", policy_id=policy_id)


def _policies(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    today = business_day(clock.now())
    region = _region(request, person)
    found = list(terms.within(person.reach.scope)[:60])
    own: dict[str, int] = next(
        (layer.values for layer in terms.layers(region, today) if layer.region == region), {}
    )
    preset = said.PRESETS.get(request.GET.get("preset", ""))
    context: dict[str, Any] = {
        "policies": [(policy, regions.tree().full_name(policy.region)) for policy in found],
        "names": identity.names(
            {
                who
                for policy in found
                for who in (policy.proposed_by, policy.approved_by)
                if who is not None
            }
        ),
        "terms": terms.terms(region, clock.now()),
        "inherited": terms.inherited(region, today),
        "values": {**own, **preset[1]} if preset else own,
        "sent": request.POST,
        "groups": said.GROUPS,
        "presets": said.PRESETS,
        "region": region,
        "place": regions.tree().full_name(region),
        "places": _places(person),
        "today": today,
        "refusal": refusal,
    }
    return pages.render(
        request, "orders/policies.html", status=refusal.status if refusal else 200, **context
    )


@require_GET
def policy(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Show a policy and which open orders it would change."""
    return _policy(request, policy_id)


@require_POST
def decide(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Put a policy in force, or take a proposal back."""
    person: Person = request.person  # type: ignore[attr-defined]
    try:
        if request.POST.get("verdict") == "withdraw":
            policies.withdraw(policy_id=policy_id, by=person.id, at=clock.now())
        else:
            actions.approve_policy(policy_id=policy_id, by=person.id, at=clock.now())
    except (said.SamePerson, said.BadTerms) as refusal:
        return _policy(request, policy_id, refusal=refusal)
    return redirect("orders:policies")


def _policy(
    request: HttpRequest, policy_id: int, *, refusal: Refusal | None = None
) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    found = terms.one(policy_id)
    if found is None or not (
        person.reach.covers(found.region) or found.region in terms.above(person.region)
    ):
        raise NotFound
    open_ = found.approved_at is None and found.withdrawn_at is None
    changes = queries.redated(found) if open_ else []
    at = clock.now()
    context: dict[str, Any] = {
        "policy": found,
        "place": regions.tree().full_name(found.region),
        "differs": said.changed(
            terms.terms(found.region, at), terms.with_proposal(found, found.region)
        )
        if open_
        else [],
        "fields": said.FIELDS,
        "changes": [
            (one, rules.remaining(one.due_at, at), rules.STATES[rules.State(one.order.state)])
            for one in changes[:_SHOWN]
        ],
        "total": len(changes),
        "names": identity.names(
            {who for who in (found.proposed_by, found.approved_by) if who is not None}
        ),
        "open": open_,
        "mine": found.proposed_by == person.id,
        "refusal": refusal,
    }
    return pages.render(
        request, "orders/policy.html", status=refusal.status if refusal else 200, **context
    )


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the working days of a year, and what is not known yet."""
    return _calendar(request)


@require_POST
def change_calendar(request: HttpRequest) -> HttpResponse:
    """Take in a table of days; old deadlines stay."""
    person: Person = request.person  # type: ignore[attr-defined]
    sent = request.FILES.get("table")
    try:
        if sent is None:
            raise calendars.BadCalendar(Words("请选择文件。", "Choose a file."))
        rows = list(rows_of(sent.name or "", sent.read()))
        policies.change_calendar(
            rows=rows, source=request.POST.get("source", "").strip(), by=person.id, at=clock.now()
        )
    except (calendars.BadCalendar, UnreadableTable) as refusal:
        return _calendar(request, refusal=refusal)
    return redirect("orders:calendar")


def _calendar(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    today = business_day(clock.now())
    year = (
        int(request.GET["year"])
        if request.GET.get("year", "") in {str(n) for n in range(2018, 2100)}
        else today.year
    )
    found = calendars.current(person.region)
    differing = sorted(day for day in found.exceptions if day.year == year)
    context: dict[str, Any] = {
        "calendar": found,
        "year": year,
        "days": [(day, found.spans(day), write_hours(found.spans(day))) for day in differing],
        "usual": write_hours(found.usual),
        "known": year in found.years,
        "next_known": today.year + 1 in found.years,
        "provisional": queries.old_calendar(person.reach.scope),
        "today": today,
        "refusal": refusal,
    }
    return pages.render(
        request, "orders/calendar.html", status=refusal.status if refusal else 200, **context
    )


@require_GET
def dispatch_rules(request: HttpRequest) -> HttpResponse:
    """Show the rules by which orders are dispatched at once."""
    return _rules(request)


@require_POST
def change_rules(request: HttpRequest) -> HttpResponse:
    """Keep a new rule, or retire one."""
    person: Person = request.person  # type: ignore[attr-defined]
    sent = request.POST
    try:
        if sent.get("retire", "").isdecimal():
            actions.retire_rule(rule_id=int(sent["retire"]), by=person.id, at=clock.now())
        elif "successor" in sent:
            gone, successor = _number(sent.get("gone", "")), _number(sent["successor"])
            if gone is None or successor is None or gone == successor:
                raise actions.NoDepartment
            return _rules(
                request,
                handed=actions.succeed(
                    department_id=gone, successor_id=successor, by=person.id, at=clock.now()
                ),
            )
        else:
            rated, item, target = (_number(sent.get(name, "")) for name in ("rated", "item", "to"))
            if target is None:
                raise actions.NoDepartment
            actions.keep_rule(
                region=person.region,
                rated_department_id=rated,
                item_id=item,
                department_id=target,
                by=person.id,
                at=clock.now(),
            )
    except actions.NoDepartment as refusal:
        return _rules(request, refusal=refusal)
    return redirect("orders:rules")


def _rules(
    request: HttpRequest, *, refusal: Refusal | None = None, handed: int | None = None
) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    found = list(queries.dispatch_rules(person.reach.scope))
    departments = list(directory.departments(person.reach.scope)[:500])
    names = directory.department_names(
        {
            pk
            for rule in found
            for pk in (rule.rated_department_id, rule.department_id)
            if pk is not None
        }
    )
    items = directory.item_names({rule.item_id for rule in found if rule.item_id is not None})
    context = {
        "rules": found,
        "names": names,
        "items": items,
        "departments": departments,
        "refusal": refusal,
        "handed": handed,
    }
    return pages.render(request, "orders/rules.html", status=422 if refusal else 200, **context)


@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """Show the texts that one's own office writes often."""
    return _texts(request)


@require_POST
def change_texts(request: HttpRequest) -> HttpResponse:
    """Keep a text, or offer one no more."""
    person: Person = request.person  # type: ignore[attr-defined]
    sent = request.POST
    try:
        if sent.get("retire", "").isdecimal():
            actions.retire_template(template_id=int(sent["retire"]), by=person.id, at=clock.now())
        else:
            actions.keep_template(
                fact=sent.get("fact", ""),
                title=sent.get("title", ""),
                text=sent.get("text", ""),
                by=person.id,
                at=clock.now(),
            )
    except rules.Incomplete as refusal:
        return _texts(request, refusal=refusal)
    return redirect("orders:texts")


def _texts(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    facts = {
        fact: rules.FACTS[fact]
        for fact in (rules.Fact.FINDING, rules.Fact.MEASURES, rules.Fact.REPLY)
    }
    found = [(template, facts[rules.Fact(template.fact)]) for template in queries.templates(person)]
    return pages.render(
        request,
        "orders/texts.html",
        texts=found,
        facts=facts,
        refusal=refusal,
        status=422 if refusal else 200,
    )


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show the supervision board."""
    person: Person = request.person  # type: ignore[attr-defined]
    at = clock.now()
    found = queries.board(person.reach, at)
    places = [(regions.tree().name(code) or str(code), row) for code, row in found.regions]
    return pages.render(
        request,
        "orders/board.html",
        board=found,
        places=places,
        sides=rules.SIDES,
        looks=queries.looks(person.reach, at),
        total=_totals(found),
    )


def _totals(found: queries.Board) -> queries.Row:
    total = queries.Row("")
    for row in found.departments:
        for name in ("open", "overdue", "urged", "yellow", "red", "returned"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
    return total


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004 - an int


def _region(request: HttpRequest, person: Person) -> int:
    """Return the region that was chosen, one's own unless it lies within."""
    text = request.POST.get("region") or request.GET.get("region", "")
    # A region code.
    chosen = int(text) if text.isdecimal() and len(text) == 12 else person.region  # noqa: PLR2004
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
        raise said.BadTerms(
            Words("请填写生效日期。", "Give the day on which it takes effect."), field="valid_from"
        ) from None
