"""The supervision board 督办看板, what belongs to one order, and texts and rules that offices
keep.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from haochaping.audit import queries as audit
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity import queries as identity
from haochaping.identity.queries import Person
from haochaping.identity.rules import Reach
from haochaping.kernel.errors import NotFound
from haochaping.orders import models, rules
from haochaping.orders.queries.lists import within
from haochaping.regions.rules import county_of

CARDS_FOR = timedelta(days=90)


@dataclass
class Row:
    """One department or region on the board. Cards are those of the last 90 days."""

    name: str
    open: int = 0
    overdue: int = 0
    urged: int = 0
    yellow: int = 0
    red: int = 0
    returned: int = 0
    objections: int = 0
    upheld_objections: int = 0
    reopened: int = 0
    replied: int = 0


@dataclass(frozen=True)
class Board:
    """The supervision board.

    Departments, regions, what waits for a decision, the latest reveals of phone numbers.
    """

    departments: Sequence[Row]
    regions: Sequence[tuple[int, Row]]
    waiting: Mapping[rules.Side, int] = field(default_factory=dict)


_STEPS = {verb: row.board for verb, row in rules.ROWS.items() if row.board}


def board(reach: Reach, at: datetime) -> Board:
    """Return the board of everything within reach, in five statements."""
    since = at - CARDS_FOR
    rows: dict[int, Row] = {}
    places: dict[int, Row] = {}
    orders = within(reach)
    counted = orders.values("department_id", "region").annotate(
        open=Count("pk", filter=~Q(state=rules.State.CLOSED)),
        overdue=Count("pk", filter=Q(due_at__lt=at)),
        replied=Count("pk", filter=Q(replied_at__isnull=False, opened_at__gte=since)),
        set_aside=Count("pk", filter=Q(set_aside=True, opened_at__gte=since)),
    )
    for found in counted:
        for row in _rows(rows, places, found["department_id"], found["region"]):
            row.open += found["open"]
            row.overdue += found["overdue"]
            row.replied += found["replied"]
            row.upheld_objections += found["set_aside"]
    steps = models.Step.objects.filter(move__in=_STEPS, at__gte=since, order__in=orders)
    for taken in steps.values("order__department_id", "order__region", "move").annotate(
        n=Count("pk")
    ):
        for row in _rows(rows, places, taken["order__department_id"], taken["order__region"]):
            setattr(row, _STEPS[taken["move"]], getattr(row, _STEPS[taken["move"]]) + taken["n"])
    names = directory.department_names(set(rows))
    for department_id, row in rows.items():
        row.name = names.get(department_id, "—")
    speaking = [
        row
        for row in rows.values()
        if row.open or row.urged or row.returned or row.objections or row.reopened
    ]
    ranked = sorted(speaking, key=lambda row: (-row.red, -row.yellow, -row.overdue, -row.open))
    return Board(ranked, sorted(places.items()), waiting(reach))


def waiting(reach: Reach) -> dict[rules.Side, int]:
    """Return how many tracks of each kind are open beside the orders within reach."""
    found = (
        models.Track.objects.filter(ended_at=None, order__in=within(reach))
        .values("kind")
        .annotate(n=Count("pk"))
    )
    return {rules.Side(track["kind"]): track["n"] for track in found}


def _rows(
    rows: dict[int, Row], places: dict[int, Row], department_id: int, region: int
) -> tuple[Row, Row]:
    return rows.setdefault(department_id, Row("")), places.setdefault(county_of(region), Row(""))


@dataclass(frozen=True)
class Look:
    """Somebody looked at a citizen's number: who, at what order (none: for a call in hand), why."""

    at: datetime
    by: str
    order: str
    order_id: int
    reason: str


def looks(reach: Reach, at: datetime) -> list[Look]:
    """Return the latest reveals of phone numbers within reach, for whoever supervises."""
    entries = list(
        audit.latest(reach.scope, verb="reveal_phone").filter(
            subject__in=("order", "call"), at__gte=at - CARDS_FOR
        )[:50]
    )
    names = identity.names({entry.by for entry in entries})
    numbers = dict(
        models.Order.objects.filter(
            pk__in={entry.subject_id for entry in entries if entry.subject == "order"}
        ).values_list("pk", "number")
    )
    return [
        Look(
            entry.at,
            names.get(entry.by, "—"),
            numbers.get(entry.subject_id, "") if entry.subject == "order" else "",
            entry.subject_id,
            str(entry.details.get("reason", "")),
        )
        for entry in entries
    ]


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


def attachments(order_id: int) -> list[models.Attachment]:
    """Return the files of an order without their contents."""
    return list(models.Attachment.objects.filter(order_id=order_id).defer("data").order_by("pk"))


def attachment(reach: Reach, order_id: int, attachment_id: int) -> models.Attachment | None:
    """Return a clean file of an order within reach."""
    return models.Attachment.objects.filter(
        pk=attachment_id, order_id=order_id, order__in=within(reach), verdict="clean"
    ).first()


def waiting_files() -> list[int]:
    """Return the files that the virus scanner has not seen."""
    return list(
        models.Attachment.objects.filter(verdict="waiting")
        .order_by("pk")
        .values_list("pk", flat=True)[:50]
    )


def contents(attachment_id: int) -> bytes:
    """Return the bytes of a file, for the scanner."""
    return bytes(models.Attachment.objects.values_list("data", flat=True).get(pk=attachment_id))


def templates(person: Person) -> QuerySet[models.Template]:
    """Return the texts that somebody's own office writes often."""
    return models.Template.objects.filter(
        department_id=person.department_id, region=person.region, retired_at=None
    ).order_by("fact", "title")


def dispatch_rules(scope: tuple[int, int]) -> QuerySet[models.Rule]:
    """Return the dispatch rules within a range of regions."""
    return models.Rule.objects.filter(region__range=scope, retired_at=None).order_by("region", "pk")


def old_calendar(scope: tuple[int, int]) -> int:
    """Return how many open orders have a provisional deadline."""
    return (
        models.Order.objects.filter(region__range=scope, provisional=True)
        .exclude(state=rules.State.CLOSED)
        .count()
    )


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
