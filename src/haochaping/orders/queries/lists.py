"""Reading orders.

A department's people see their department's; everyone else what lies in their region.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.db.models import Q, QuerySet

from haochaping.calendar.rules import remaining
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity import queries as identity
from haochaping.identity.rules import Reach
from haochaping.kernel import keyset
from haochaping.kernel.numbers import wholes
from haochaping.kernel.words import Words
from haochaping.orders import models, rules
from haochaping.regions.rules import city_range

TABS: Mapping[str, tuple[Words, tuple[rules.State, ...]]] = {
    "todispatch": (Words("待派单", "To dispatch"), (rules.State.OPENED,)),
    "tosign": (Words("待签收", "To sign"), (rules.State.DISPATCHED,)),
    "verifying": (Words("核实中", "Verifying"), (rules.State.VERIFYING,)),
    "rectifying": (Words("整改中", "Rectifying"), (rules.State.RECTIFYING, rules.State.ANSWERING)),
    "tocall": (Words("待回访", "To call back"), (rules.State.REPLIED, rules.State.CALLED)),
    "closed": (Words("已办结", "Closed"), (rules.State.CLOSED,)),
    "all": (Words("全部", "All"), tuple(rules.State)),
}


SORTS: Mapping[str, tuple[Words, tuple[str, str]]] = {
    "due": (Words("时限最近", "Deadline"), ("due_at", "pk")),
    "-opened": (Words("最新开单", "Opened last"), ("-opened_at", "-pk")),
    "opened": (Words("最早开单", "Opened first"), ("opened_at", "pk")),
    "-moved": (Words("最近变化", "Moved last"), ("-moved_at", "-pk")),
}


@dataclass(frozen=True)
class Line:
    """An order as a list shows it."""

    id: int
    number: str
    state: rules.State
    opened_at: datetime
    due_at: datetime | None
    pressing: str
    remaining: Words
    department: str
    item: str
    rating: evaluations.Rated | None
    reopened: int
    declined: int
    sides: tuple[Words, ...]
    moved_at: datetime
    provisional: bool
    follows: bool


@dataclass(frozen=True)
class StepLine:
    """A step as the timeline shows it."""

    move: str
    says: Words
    at: datetime
    by: str
    given: Sequence[tuple[Words, str]]


@dataclass(frozen=True)
class Filter:
    """What a list of orders is narrowed to."""

    tab: str = "all"
    department_id: int | None = None
    level: int | None = None
    overdue: bool = False
    search: str = ""
    side: str = ""
    since: datetime | None = None  # moved after: 新到
    city: int | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    sort: str = ""  # key of SORTS; none: the most pressing first, of closed ones the last closed


def within(reach: Reach) -> QuerySet[models.Order]:
    """Return the orders that somebody may see."""
    if reach.department_id is not None:
        return models.Order.objects.filter(department_id=reach.department_id)
    return models.Order.objects.filter(region__range=reach.scope)


def tab_counts(reach: Reach) -> dict[str, int]:
    """Return how many orders each tab holds; more than keyset.MOST_COUNTED stand for more."""
    where, facts = "region BETWEEN $2 AND $3", list(reach.scope)
    if reach.department_id is not None:
        where, facts = "department_id = $2", [reach.department_id]
    values = [state.value for state in rules.State]
    found = keyset.how_many_each("orders_order", "state", values, where, *facts)
    return {tab: sum(found[state] for state in states) for tab, (_, states) in TABS.items()}


def overdue_count(reach: Reach, at: datetime) -> int:
    """Return how many open orders are past their deadline."""
    return within(reach).filter(due_at__lt=at).count()


def page(
    reach: Reach, chosen: Filter, *, at: datetime, after: str = "", size: int
) -> tuple[list[Line], str]:
    """Return one page of orders from a place on, and the place to go on from ("" at the end)."""
    found = _found(reach, chosen, at)
    shown, following = keyset.page(found, _order(chosen), after=after, size=size)
    return lines(shown, at), following


def how_many(reach: Reach, chosen: Filter, at: datetime) -> int:
    """Return how many orders a filter finds; one more than keyset.MOST_COUNTED stands for more."""
    return keyset.how_many(_found(reach, chosen, at))


def every(reach: Reach, chosen: Filter, at: datetime) -> Iterator[Line]:
    """Yield all the orders that a filter finds, as a list shows them."""
    found = _found(reach, chosen, at).order_by(*_order(chosen)).iterator(chunk_size=_AT_ONCE)
    for some in batched(found, _AT_ONCE):
        yield from lines(some, at)


_AT_ONCE = 500


def _order(chosen: Filter) -> tuple[str, str]:
    usual = ("-closed_at", "-pk") if chosen.tab == "closed" else ("due_at", "pk")
    return SORTS[chosen.sort][1] if chosen.sort in SORTS else usual


def _found(reach: Reach, chosen: Filter, at: datetime) -> QuerySet[models.Order]:
    found = within(reach)
    if chosen.tab == "closed":
        found = found.filter(closed_at__isnull=False)  # as its index has it
    elif chosen.tab != "all":
        found = found.filter(state__in=TABS[chosen.tab][1])
    if chosen.department_id is not None:
        found = found.filter(department_id=chosen.department_id)
    if chosen.level is not None:
        found = found.filter(level=chosen.level)
    if chosen.overdue:
        found = found.filter(due_at__lt=at)
    if text := chosen.search:
        found = found.filter(_searched(text, reach))
    if chosen.side:
        found = found.filter(track__kind=chosen.side, track__ended_at=None)
    if chosen.since is not None:
        found = found.filter(moved_at__gt=chosen.since)
    facts = {
        "city": chosen.city,
        "opened_at__gte": chosen.opened_from,
        "opened_at__lt": chosen.opened_until,
    }
    return found.filter(**{name: value for name, value in facts.items() if value is not None})


def _searched(text: str, reach: Reach) -> Q:
    """Return what a text finds: the beginning of a number, with or without its letters, or part of
    the name of an item or a department.
    """
    plain = text.upper().removeprefix(_LETTERS)
    if plain[:1].isdigit():
        first = f"{_LETTERS}{plain}"
        # as a range: LIKE is not looked up in an index below a policy
        return Q(number__gte=first, number__lt=f"{first}\uffff")
    near = city_range(reach.scope[0]) if reach.department_id is not None else reach.scope
    items, departments = directory.items_named(text, near), directory.departments_named(text, near)
    return Q(item_id__in=items) | Q(department_id__in=departments)


_LETTERS = "CP"


def find(text: str, reach: Reach, limit: int) -> list[tuple[int, str, str]]:
    """Return the newest orders that a text finds: id, number, and what and whom it is about."""
    found = within(reach).filter(_searched(text, reach)).order_by("-pk")[:limit]
    some = list(found.only("number", "item_id", "department_id"))
    items = directory.item_names({one.item_id for one in some})
    departments = directory.department_names({one.department_id for one in some})

    def about(one: models.Order) -> str:
        return f"{items.get(one.item_id, '')} {departments.get(one.department_id, '')}".strip()

    return [(one.pk, one.number, about(one)) for one in some]


def latest(
    reach: Reach, *, until: datetime, at: datetime, limit: int = 10, **of: int
) -> list[Line]:
    """Return the orders opened last about a department (`rated_department_id`), a window or an
    item, the newest first.
    """
    found = models.Order.objects.filter(region__range=reach.scope, opened_at__lt=until, **of)
    return lines(list(found.order_by("-opened_at")[:limit]), at)


def lines(orders: Sequence[models.Order], at: datetime) -> list[Line]:
    """Return orders with the names and ratings that a list shows, in four statements whatever their
    number.
    """
    sides: dict[int, list[Words]] = defaultdict(list)
    for order_id, kind in models.Track.objects.filter(
        order__in=[order.pk for order in orders], ended_at=None
    ).values_list("order_id", "kind"):
        sides[order_id].append(rules.SIDES[rules.Side(kind)])
    departments = directory.department_names({order.department_id for order in orders})
    items = directory.item_names({order.item_id for order in orders})
    ratings = evaluations.rated({order.evaluation_id for order in orders})
    return [
        Line(
            order.pk,
            order.number,
            rules.State(order.state),
            order.opened_at,
            order.due_at,
            *remaining(order.due_at, at),
            departments.get(order.department_id, ""),
            items.get(order.item_id, ""),
            ratings.get(order.evaluation_id),
            order.reopened,
            order.declined,
            tuple(sides[order.pk]),
            order.moved_at,
            order.provisional,
            order.lead_id is not None,
        )
        for order in orders
    ]


def one(reach: Reach, order_id: int) -> models.Order | None:
    """Return an order within reach."""
    return within(reach).filter(pk=order_id).first()


def timeline(order_id: int) -> list[StepLine]:
    """Return the steps of an order, oldest first."""
    steps = list(models.Step.objects.filter(order_id=order_id).order_by("at", "pk"))
    names = identity.names({step.by for step in steps})
    departments = directory.department_names(
        set(wholes(step.given.get("department", "") for step in steps))
    )
    return [
        StepLine(
            step.move,
            rules.says_of(step.move),
            step.at,
            names.get(step.by, "—"),
            _given(step.given, departments),
        )
        for step in steps
    ]


def _given(given: Mapping[str, str], departments: Mapping[int, str]) -> list[tuple[Words, str]]:
    shown = []
    for name, value in given.items():
        if name not in rules.Fact:
            continue
        fact = rules.Fact(name)
        chosen = rules.CHOICES.get(fact, {}).get(value)
        said = (
            departments.get(int(value), value)
            if fact is rules.Fact.DEPARTMENT
            else chosen.zh
            if chosen
            else value
        )
        shown.append((rules.FACTS[fact], said))
    return shown
