"""Dispatch rules."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import whole
from haochaping.regions.rules import city_range
from haochaping.routing import actions, queries, rules


@require_GET
def rule_list(request: OfficeRequest) -> HttpResponse:
    """Show the rules by which orders are dispatched at once."""
    return _rules(request)


@pages.posted("routing:list")
def change(request: OfficeRequest) -> HttpResponse:
    """Keep a new rule, or retire one."""
    person = request.person
    sent = request.POST
    try:
        retired = whole(sent.get("retire"))
        if retired is not None:
            actions.retire(rule_id=retired, by=person.id, at=clock.now())
        else:
            rated, target = (whole(sent.get(name, "")) for name in ("rated", "to"))
            if target is None:
                raise rules.NoDepartment
            item = _item(sent.get("item", ""))
            actions.keep(
                region=person.region,
                rated_department_id=rated,
                item_id=item,
                department_id=target,
                by=person.id,
                at=clock.now(),
            )
    except (rules.NoDepartment, rules.NoItem) as refusal:
        return _rules(request, refusal=refusal)
    return redirect("routing:list")


def _item(said: str) -> int | None:
    """Return the item that a code names, none for no code; raises NoItem."""
    code = said.strip()
    if not code:
        return None
    found = directory.items_by_code([code]).get(code)
    if found is None:
        raise rules.NoItem
    return found


@pages.within_scope
def _rules(request: OfficeRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    person = request.person
    found = list(queries.within(person.reach.scope))
    # those that an order of this office may go to (`actions.keep`)
    within = city_range(person.region)
    departments = list(directory.still_open(directory.departments(within)))
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
    }
    return pages.render(request, "routing/list.html", status=422 if refusal else 200, **context)
