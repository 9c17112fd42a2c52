"""What belongs to one order, and what the supervision board counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count as Number
from django.db.models import Q, QuerySet

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity.rules import Reach
from haochaping.kernel.errors import NotFound
from haochaping.orders import models, rules
from haochaping.orders.queries.lists import within

# what other rooms' SQL may read of orders; PostgreSQL looks through it
ORDERS = """(
  SELECT id, region, city, department_id, state, upheld, satisfaction, opened_at, replied_at, due_at
    FROM orders_order
)"""


def put_right(limit: int, order_id: int | None = None) -> list[models.Order]:
    """Return closed orders that were found true and put right to the citizen's satisfaction, the
    newest first, or one alone where it is such an order.
    """
    closed = _upheld(order_id).filter(state=rules.State.CLOSED)
    satisfied = closed.filter(satisfaction=rules.Satisfaction.SATISFIED)
    return list(satisfied.order_by("-closed_at")[:limit])


def found_true(limit: int, order_id: int | None = None) -> list[models.Order]:
    """Return orders that were found true, however far they are and whoever is satisfied, the newest
    first, or one alone where it is such an order.
    """
    return list(_upheld(order_id).order_by("-opened_at")[:limit])


def _upheld(order_id: int | None) -> QuerySet[models.Order]:
    found = models.Order.objects.filter(upheld=True, set_aside=False, lead=None)
    return found if order_id is None else found.filter(pk=order_id)


def related(order: models.Order, reach: Reach) -> list[models.Order]:
    """Return other orders of the same window, or of the same item and department, of the last half
    year.
    """
    same = Q(item_id=order.item_id, rated_department_id=order.rated_department_id)
    if order.window_id is not None:
        same |= Q(window_id=order.window_id)
    recent = (
        within(reach)
        .filter(same, opened_at__gte=order.opened_at - timedelta(days=180))
        .exclude(pk=order.pk)
    )
    return list(recent.order_by("-opened_at")[:8])


def old_calendar(scope: tuple[int, int]) -> int:
    """Return how many open orders have a provisional deadline."""
    return models.Order.objects.filter(
        region__range=scope, provisional=True, closed_at=None
    ).count()


def may_undo(order_id: int, by: int, at: datetime) -> str | None:
    """Return the move that somebody may take back now."""
    last = models.Step.objects.filter(order_id=order_id).order_by("-at", "-pk").first()
    fits = (
        last is not None
        and bool(last.before)
        and last.by == by
        and at - last.at <= rules.UNDO_WITHIN
    )
    return last.move if last is not None and fits else None


def followers(order: models.Order) -> list[models.Order]:
    """Return the orders that follow a lead."""
    return list(models.Order.objects.filter(lead=order).order_by("pk"))


def briefly(order_id: int) -> models.Order | None:
    """Return an order whoever asks: for the rooms above, never for a page."""
    return models.Order.objects.filter(pk=order_id).first()


def step(step_id: int) -> tuple[models.Order, models.Step] | None:
    """Return a step and its order, for the rooms above."""
    found = models.Step.objects.select_related("order").filter(pk=step_id).first()
    return (found.order, found) if found is not None else None


def id_of(number: str, scope: tuple[int, int]) -> int:
    """Return the id of an order by its number within a range of regions; raises NotFound."""
    found = (
        models.Order.objects.filter(number=number, region__range=scope)
        .values_list("pk", flat=True)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def described(order: models.Order) -> dict[str, str]:
    """Return what a city's system needs to work on an order: never who rated."""
    rating = evaluations.rated({order.evaluation_id})[order.evaluation_id]
    windows = directory.window_facts({order.window_id}) if order.window_id else {}
    window = windows.get(order.window_id) if order.window_id else None
    return {
        "level": str(order.level),
        "codes": ",".join(str(code) for code, _ in rating.codes),
        "words": rating.words,
        "item": directory.item_names({order.item_id}).get(order.item_id, ""),
        "department": directory.usccs({order.rated_department_id}).get(
            order.rated_department_id, ""
        ),
        "region": str(order.region),
        "window": f"{window.hall} {window.number}" if window else "",
        "opened_at": order.opened_at.isoformat(),
    }


def climbs_at(order_id: int) -> datetime | None:
    """Return when an order reaches its next rung of the ladder."""
    return models.Order.objects.filter(pk=order_id).values_list("climb_at", flat=True).first()


_CARDS = {verb: row.board for verb, row in rules.ROWS.items() if row.board}


@dataclass(frozen=True)
class Count:
    """How many orders of a department and region are or were something."""

    department_id: int
    region: int
    of: str  # open, overdue, replied, upheld_objections, or the board's word for a step
    number: int


def counts(reach: Reach, since: datetime, at: datetime) -> list[Count]:
    """Return what the supervision board counts within reach: in two statements."""
    orders = within(reach)
    lately = orders.filter(Q(closed_at=None) | Q(opened_at__gte=since))
    standing = lately.values("department_id", "region").annotate(
        open=Number("pk", filter=~Q(state=rules.State.CLOSED)),
        overdue=Number("pk", filter=Q(due_at__lt=at)),
        replied=Number("pk", filter=Q(replied_at__isnull=False, opened_at__gte=since)),
        upheld_objections=Number("pk", filter=Q(set_aside=True, opened_at__gte=since)),
    )
    found = [
        Count(row["department_id"], row["region"], of, row[of])
        for row in standing
        for of in ("open", "overdue", "replied", "upheld_objections")
    ]
    steps = models.Step.objects.filter(move__in=_CARDS, at__gte=since, order__in=orders)
    taken = steps.values("order__department_id", "order__region", "move").annotate(n=Number("pk"))
    return found + [
        Count(row["order__department_id"], row["order__region"], _CARDS[row["move"]], row["n"])
        for row in taken
    ]


def waiting(reach: Reach) -> dict[rules.Side, int]:
    """Return how many tracks of each kind are open beside the orders within reach."""
    found = models.Track.objects.filter(ended_at=None, order__in=within(reach))
    counted = found.values("kind").annotate(n=Number("pk"))
    return {rules.Side(track["kind"]): track["n"] for track in counted}


def numbers_of(order_ids: Collection[int]) -> dict[int, str]:
    """Return the numbers of orders by id."""
    return dict(models.Order.objects.filter(pk__in=order_ids).values_list("pk", "number"))


def of_rating(evaluation_id: int) -> models.Order | None:
    """Return the order of a rating."""
    return models.Order.objects.filter(evaluation_id=evaluation_id).first()


def last_steps(order_id: int) -> dict[str, models.Step]:
    """Return the last step of each verb."""
    steps = models.Step.objects.filter(order_id=order_id).order_by("at", "pk")
    return {step.move: step for step in steps}


def measures_of(order_ids: Collection[int]) -> dict[int, str]:
    """Return what was done last to put orders right, by order."""
    steps = models.Step.objects.filter(order_id__in=order_ids, move=rules.Verb.RECTIFY)
    return {
        step.order_id: str(step.given.get(rules.Fact.MEASURES, ""))
        for step in steps.order_by("at", "pk")
    }


def times(order_id: int, verb: rules.Verb) -> int:
    """Return how often something happened to an order."""
    return models.Step.objects.filter(order_id=order_id, move=verb).count()
