"""Dispatch rules, texts that offices write often, and the supervision board."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import whole
from haochaping.orders import actions, queries, rules
from haochaping.regions import queries as regions

_SHOWN = 50  # orders of a preview


@require_GET
def dispatch_rules(request: OfficeRequest) -> HttpResponse:
    """Show the rules by which orders are dispatched at once."""
    return _rules(request)


@require_POST
def change_rules(request: OfficeRequest) -> HttpResponse:
    """Keep a new rule, or retire one."""
    person = request.person
    sent = request.POST
    try:
        retired = whole(sent.get("retire"))
        if retired is not None:
            actions.retire_rule(rule_id=retired, by=person.id, at=clock.now())
        elif "successor" in sent:
            gone, successor = whole(sent.get("gone")), whole(sent["successor"])
            if gone is None or successor is None or gone == successor:
                raise actions.NoDepartment
            return _rules(
                request,
                handed=actions.succeed(
                    department_id=gone, successor_id=successor, by=person.id, at=clock.now()
                ),
            )
        else:
            rated, item, target = (whole(sent.get(name, "")) for name in ("rated", "item", "to"))
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
    request: OfficeRequest, *, refusal: Refusal | None = None, handed: int | None = None
) -> HttpResponse:
    person = request.person
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
def texts(request: OfficeRequest) -> HttpResponse:
    """Show the texts that one's own office writes often."""
    return _texts(request)


@require_POST
def change_texts(request: OfficeRequest) -> HttpResponse:
    """Keep a text, or offer one no more."""
    person = request.person
    sent = request.POST
    try:
        retired = whole(sent.get("retire"))
        if retired is not None:
            actions.retire_template(template_id=retired, by=person.id, at=clock.now())
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


def _texts(request: OfficeRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
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
def board(request: OfficeRequest) -> HttpResponse:
    """Show the supervision board."""
    person = request.person
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
