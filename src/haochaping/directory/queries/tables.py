"""What an import may refer to, what is there already, and what waits to be confirmed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from haochaping.directory import models, rules
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
    model, code, region = OWNED[kind]
    rows: QuerySet[Any, tuple[Any, ...]] = (
        QuerySet(model)
        .select_for_update(of=("self",))
        .filter(**{f"{code}__in": codes})
        .values_list("pk", code, region, *_FACTS[kind].values())
    )
    return {
        row[1]: There(
            row[0],
            row[2],
            {
                name: "" if value is None else str(value)
                for name, value in zip(_FACTS[kind], row[3:], strict=True)
            },
        )
        for row in rows
    }


def hours_to_confirm(scope: tuple[int, int]) -> QuerySet[models.HoursChange]:
    """Return new hours of windows within a range of regions that wait for a second person."""
    return (
        models.HoursChange.objects.filter(region__range=scope, decided_at=None)
        .select_related("window__hall")
        .order_by("pk")
    )


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
