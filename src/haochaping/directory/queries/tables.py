"""What an import may refer to, what is there already, and what waits to be confirmed."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, QuerySet, Value

from haochaping.directory import models, rules
from haochaping.kernel.errors import NotFound
from haochaping.regions import queries as regions

# of each table: the model, the column with the code of a row, and where the row's region is
OWNED: Mapping[str, tuple[type[Model], str, str]] = {
    "departments": (models.Department, "uscc", "region"),
    "halls": (models.Hall, "code", "region"),
    "windows": (models.Window, "code", "hall__region"),
    "staff": (models.Staff, "number", "department__region"),
    "items": (models.Item, "code", "department__region"),
}


# how the fields of a row are read from its table
_FACTS: Mapping[str, Mapping[str, str]] = {
    "departments": {"name": "name", "region": "region"},
    "halls": {"name": "name", "region": "region", "address": "address"},
    "windows": {
        "hall": "hall__code",
        "number": "number",
        "department": "department__uscc",
        "opens": "opens",
        "closes": "closes",
    },
    "staff": {"name": "name", "department": "department__uscc", "window": "window__code"},
    "items": {"name": "name", "department": "department__uscc", "task_type": "task_type"},
}


@dataclass(frozen=True)
class There:
    """A row of a table as it is now: its region decides who may change it."""

    id: int
    region: int
    facts: Mapping[str, str]


def there(kind: str, codes: Sequence[str]) -> dict[str, There]:
    """Return the rows of a table that are there, by code, and lock them."""
    model, code, _ = OWNED[kind]
    rows: QuerySet[Any] = QuerySet(model).select_for_update(of=("self",))
    found = rows.filter(**{f"{code}__in": codes})
    return dict(entries(kind, found))


def entry(kind: str, key: int, covers: Callable[[int], bool]) -> tuple[str, There]:
    """Return the code of one row and the row; raises NotFound where it lies outside."""
    for code, row in entries(kind, QuerySet(OWNED[kind][0]).filter(pk=key)):
        if covers(row.region):
            return code, row
    raise NotFound


def rows_of(kind: str, found: QuerySet[Any]) -> Iterator[dict[str, str]]:
    """Yield rows of a table as a file holds them, by column."""
    for code, row in entries(kind, found):
        yield {rules.TABLES[kind].columns[0]: code, **row.facts}


def entries(kind: str, found: QuerySet[Any]) -> Iterator[tuple[str, There]]:
    """Yield rows of a table with their codes."""
    _, code, region = OWNED[kind]
    for row in found.values_list("pk", code, region, *_FACTS[kind].values()).iterator():
        facts = {
            name: "" if value is None else str(value)
            for name, value in zip(_FACTS[kind], row[3:], strict=True)
        }
        yield row[1], There(row[0], row[2], facts)


def choices(scope: tuple[int, int], column: str) -> list[tuple[str, str]]:
    """Return code and name of what a column may refer to within a range of regions."""
    if column == "department":
        found = models.Department.objects.filter(region__range=scope, closed_on=None)
        return list(found.order_by("name").values_list("uscc", "name")[:_OFFERED])
    if column == "hall":
        halls = models.Hall.objects.filter(region__range=scope, closed_on=None)
        return list(halls.order_by("name").values_list("code", "name")[:_OFFERED])
    windows = models.Window.objects.filter(hall__region__range=scope).order_by("hall", "number")
    named = windows.values_list("code", "hall__name", "number")[:_OFFERED]
    return [(code, f"{hall} {number}") for code, hall, number in named]


_OFFERED = 2000  # of a list to choose from; a code that is not in it may be typed


def in_use(window_id: int) -> bool:
    """Say whether a window is in use."""
    return models.Window.objects.filter(pk=window_id, in_use=True).exists()


def hours_to_confirm(scope: tuple[int, int]) -> QuerySet[models.HoursChange]:
    """Return new hours of windows within a range of regions that wait for a second person."""
    return (
        models.HoursChange.objects.filter(region__range=scope, decided_at=None)
        .select_related("window__hall")
        .order_by("pk")
    )


def closings_to_confirm(scope: tuple[int, int]) -> QuerySet[models.Closing]:
    """Return what waits for a second person to be closed or opened within a range of regions."""
    found = models.Closing.objects.filter(region__range=scope, decided_at=None)
    return found.select_related("successor").order_by("pk")


def to_confirm(scope: tuple[int, int], *, besides: int) -> Mapping[str, int]:
    """Return how many changes of each table wait for a second person within a range of regions,
    those not counted that one person has proposed.
    """
    hours = hours_to_confirm(scope).exclude(proposed_by=besides).order_by()
    closings = closings_to_confirm(scope).exclude(proposed_by=besides).order_by()
    kinds = closings.values_list("kind").union(hours.values_list(Value("windows")), all=True)
    return Counter(kind for (kind,) in kinds)


def names_of(kind: str, keys: Collection[int]) -> dict[int, str]:
    """Return the names of entries of a table by id."""
    return dict(QuerySet(OWNED[kind][0]).filter(pk__in=keys).values_list("pk", "name"))


@dataclass(frozen=True)
class Closed:
    """Since when an entry is closed, who does its work, and whether a change of that waits."""

    on: date | None
    successor: str
    waits: bool


def closed(kind: str, key: int) -> Closed:
    """Return it for an entry of a table in rules.CLOSED."""
    row: Any = QuerySet(OWNED[kind][0]).get(pk=key)
    waits = models.Closing.objects.filter(kind=kind, entry_id=key, decided_at=None).exists()
    follows = getattr(row, "successor", None)
    return Closed(row.closed_on, follows.name if follows else "", waits)


def known(kind: str, *, covers: Callable[[int], bool]) -> rules.Known:
    """Return what an import of a table may refer to: regions, and departments, halls and windows by
    code; and what of that table is there already.
    """
    model, code, region = OWNED[kind]
    return rules.Known(
        regions=regions.tree().resolve,
        covers=covers,
        departments=dict(models.Department.objects.values_list("uscc", "region")),
        halls=dict(models.Hall.objects.values_list("code", "region")),
        windows=dict(models.Window.objects.values_list("code", "hall__region")),
        there=dict(QuerySet(model).values_list(code, region)),
    )


def imports_to_undo(
    kind: str, covers: Callable[[int], bool], at: datetime, limit: int = 5
) -> list[models.Import]:
    """Return the last imports of a table that can be undone, within somebody's place."""
    found = models.Import.objects.filter(kind=kind, undone_at=None, at__gte=at - rules.UNDO)
    found = found.exclude(rows=[]).defer("rows").order_by("-at")
    return [one for one in found[:50] if covers(one.low) and covers(one.high)][:limit]
