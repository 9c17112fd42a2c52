"""Places of the directory, whatever they are: windows, halls, items, departments, staff."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.functions import Substr

from haochaping.directory import models
from haochaping.kernel.words import chinese


@dataclass(frozen=True)
class Place:
    """A place of the directory, whatever it is, as a QR code or a device needs it."""

    id: int
    title: str
    hall: str
    department: str
    region: int
    window_ids: tuple[int, ...] = ()
    department_id: int | None = None
    staff_id: int | None = None
    item_id: int | None = None
    hall_id: int | None = None  # in which a window stands


def places(kind: str, ids: Sequence[int]) -> list[Place]:
    """Describe windows, halls, items, departments or staff by id."""
    found = _PLACES.get(kind)
    return found(ids) if found is not None else []


def _windows(ids: Sequence[int]) -> list[Place]:
    found = models.Window.objects.filter(pk__in=ids).select_related("hall", "department")
    return [
        Place(
            id=row.pk,
            title=chinese(f"{row.number} 号窗口"),
            hall=row.hall.name,
            department=row.department.name,
            region=row.hall.region,
            window_ids=(row.pk,),
            department_id=row.department_id,
            hall_id=row.hall_id,
        )
        for row in found
    ]


def _halls(ids: Sequence[int]) -> list[Place]:
    windows: dict[int, list[int]] = {}
    for pk, hall in models.Window.objects.filter(hall__in=ids).values_list("pk", "hall_id"):
        windows.setdefault(hall, []).append(pk)
    return [
        Place(
            id=row.pk,
            title=row.name,
            hall=row.name,
            department="",
            region=row.region,
            window_ids=tuple(windows.get(row.pk, ())),
        )
        for row in models.Hall.objects.filter(pk__in=ids)
    ]


def _items(ids: Sequence[int]) -> list[Place]:
    return [
        Place(
            id=row.pk,
            title=row.name,
            hall="",
            department=row.department.name,
            region=row.department.region,
            department_id=row.department_id,
            item_id=row.pk,
        )
        for row in models.Item.objects.filter(pk__in=ids).select_related("department")
    ]


def _departments(ids: Sequence[int]) -> list[Place]:
    return [
        Place(
            id=row.pk,
            title=row.name,
            hall="",
            department=row.name,
            region=row.region,
            department_id=row.pk,
        )
        for row in models.Department.objects.filter(pk__in=ids)
    ]


def _staff(ids: Sequence[int]) -> list[Place]:
    found = models.Staff.objects.filter(pk__in=ids).select_related("department", "window__hall")
    return [
        Place(
            id=row.pk,
            title=chinese(f"{row.name}（工号 {row.number}）"),
            hall=row.window.hall.name if row.window else "",
            department=row.department.name,
            region=row.department.region,
            window_ids=(row.window_id,) if row.window_id else (),
            department_id=row.department_id,
            staff_id=row.pk,
        )
        for row in found
    ]


def owners(
    windows: Collection[int], staff: Collection[int], departments: Collection[int]
) -> dict[tuple[str, int], tuple[int, int]]:
    """Return region and department of windows, staff and departments, by kind and id."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for kind, rows in (
        ("window", _owned(models.Window, windows, "hall__region", "department_id")),
        ("staff", _owned(models.Staff, staff, "department__region", "department_id")),
        ("department", _owned(models.Department, departments, "region", "pk")),
    ):
        found |= {(kind, key): (region, department) for key, region, department in rows}
    return found


def _owned(
    model: type[Model], keys: Collection[int], region: str, department: str
) -> QuerySet[Any, Any]:
    return model._default_manager.filter(pk__in=keys).values_list("pk", region, department)  # noqa: SLF001


def alike(item_ids: Sequence[int], scope: tuple[int, int]) -> list[list[int]]:
    """Return the items within a range of regions that are the same matter as some, matter by
    matter: of one basic code (characters 20–31 of the implementation code, domain §4), those of
    the range that were asked for among them.
    """
    codes = models.Item.objects.filter(pk__in=item_ids).values_list("code", flat=True)
    return list(of_basis(sorted({code[19:31] for code in codes}), scope).values())


def of_basis(bases: Sequence[str], scope: tuple[int, int]) -> dict[str, list[int]]:
    """Return the items of each basic code within a range of regions."""
    found = (
        models.Item.objects.filter(department__region__range=scope)
        .annotate(basis=Substr("code", 20, 12))
        .filter(basis__in=bases)
        .order_by("pk")
    )
    by_basis: dict[str, list[int]] = {}
    for pk, basis in found.values_list("pk", "basis"):
        by_basis.setdefault(basis, []).append(pk)
    return by_basis


def bases(item_ids: Sequence[int]) -> list[tuple[str, str]]:
    """Return basic code and name of items, in the order given, each code once."""
    named = {
        pk: (code[19:31], name)
        for pk, code, name in models.Item.objects.filter(pk__in=item_ids).values_list(
            "pk", "code", "name"
        )
    }
    found = dict(named[pk] for pk in reversed(item_ids) if pk in named)
    return [(code, found[code]) for code in reversed(found)]


def matters(scope: tuple[int, int], search: str, limit: int = 60) -> list[tuple[int, str]]:
    """Return one item of each matter within a range of regions whose name holds a word."""
    found = (
        models.Item.objects.filter(department__region__range=scope, name__contains=search)
        .annotate(basis=Substr("code", 20, 12))
        .order_by("basis", "pk")
        .values_list("basis", "pk", "name")
    )
    first: dict[str, tuple[int, str]] = {}
    for basis, pk, name in found[:5000]:
        first.setdefault(basis, (pk, name))
    return sorted(first.values(), key=lambda pair: pair[1])[:limit]


_PLACES: Mapping[str, Callable[[Sequence[int]], list[Place]]] = {
    "window": _windows,
    "hall": _halls,
    "item": _items,
    "department": _departments,
    "staff": _staff,
}
