"""Reading the directory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Model, Q, QuerySet

from haochaping.directory import models
from haochaping.kernel.db import Conversation, Row
from haochaping.kernel.errors import NotFound
from haochaping.kernel.words import chinese

# level and basic code of a local item: zeros mark what no catalogue knows (domain §7)
GENERAL_ITEM = f"{3}{0:012d}"

# What other rooms' SQL may read of departments and items.
DEPARTMENTS = "(SELECT id, uscc, name, region FROM directory_department)"
ITEMS = "(SELECT id, code, name FROM directory_item)"
# those that are open, of what is looked at in figures (`still_open`)
OPEN = {
    "window_id": "(SELECT own.id FROM directory_window AS own JOIN directory_hall AS hall "
    "ON hall.id = own.hall_id WHERE own.in_use AND hall.closed_on IS NULL)",
    "item_id": "(SELECT id FROM directory_item WHERE closed_on IS NULL)",
}


# what is handed in for a department that was succeeded belongs to the one that took over
_DEPARTMENTS = """
SELECT coalesce(follows.id, named.id) AS id, named.uscc AS code, named.confirmed,
       named.name = named.uscc AS nameless, coalesce(follows.region, named.region) AS region
  FROM directory_department AS named
  LEFT JOIN directory_department AS follows ON follows.id = named.successor_id
 WHERE named.uscc = ANY($1::text[])
"""
_ITEMS = """
SELECT item.id, code, item.name = code AS nameless,
       CASE WHEN item.confirmed AND department.confirmed THEN region END AS region
  FROM directory_item AS item
  JOIN directory_department AS department ON department.id = department_id
 WHERE code = ANY($1::text[])
"""
_WINDOWS = """
SELECT one.id, one.code, hall.region
  FROM directory_window AS one JOIN directory_hall AS hall ON hall.id = hall_id
 WHERE one.code = ANY($1::text[])
"""
_STAFF = """
SELECT one.id, number AS code, region
  FROM directory_staff AS one
  JOIN directory_department AS department ON department.id = department_id
 WHERE number = ANY($1::text[])
"""


class Placed(NamedTuple):
    """Something of the directory by its id, and the region it lies in; None where nobody has
    confirmed whose it is.
    """

    id: int
    region: int | None


def department_ids(usccs: Sequence[str]) -> Conversation[Mapping[str, int]]:
    """Return the ids of departments by credit code; unknown ones are missing."""
    return {row["code"]: row["id"] for row in (yield from department_rows(usccs))}


def department_rows(usccs: Sequence[str]) -> Conversation[Sequence[Row]]:
    """Return id, credit code, region, `confirmed` and whether the code is all the name there is
    (`nameless`).
    """
    return (yield _DEPARTMENTS, (list(usccs),))


def item_rows(codes: Sequence[str]) -> Conversation[Sequence[Row]]:
    """Return id, code, whether the code stands in place of a name (`nameless`), and the region of
    the department whose it is, where both are confirmed.
    """
    return (yield _ITEMS, (list(codes),))


def placed(rows: Sequence[Row]) -> Mapping[str, Placed]:
    """Return what rows name, by code."""
    return {row["code"]: Placed(row["id"], row["region"]) for row in rows}


def windows_placed(codes: Sequence[str]) -> Conversation[Mapping[str, Placed]]:
    """Return windows by code; unknown ones are missing."""
    return placed((yield _WINDOWS, (list(codes),)))


def staff_placed(numbers: Sequence[str]) -> Conversation[Mapping[str, Placed]]:
    """Return staff by number; unknown ones are missing."""
    return placed((yield _STAFF, (list(numbers),)))


def still_open[M: Model](found: QuerySet[M]) -> QuerySet[M]:
    """Return those of departments, halls, windows, staff or items that are not closed."""
    if found.model is models.Window:
        return found.filter(in_use=True, hall__closed_on=None)
    return found.filter(closed_on=None)


def now(department_id: int) -> int:
    """Return the department that does the work of one: itself, or who has succeeded it."""
    found = models.Department.objects.filter(pk=department_id).values_list(
        "successor_id", flat=True
    )
    return found.first() or department_id


# by which fields each list may be sorted, upwards or downwards; what hundreds of thousands have is
# sorted by an index or not at all
SORTED: Mapping[str, tuple[str, ...]] = {
    "departments": ("name", "uscc", "region"),
    "halls": ("name", "code", "region", "windows"),
    "windows": ("number", "hall__name", "department__name", "opens"),
    "staff": ("name", "number", "department__name", "window__number"),
    "items": ("code",),
}


def departments(scope: tuple[int, int]) -> QuerySet[models.Department]:
    """Return the departments within a range of regions, in region order."""
    return models.Department.objects.filter(region__range=scope).order_by("region", "name")


def halls(scope: tuple[int, int]) -> QuerySet[models.Hall]:
    """Return the halls within a range of regions with `windows` counted."""
    return (
        models.Hall.objects.filter(region__range=scope)
        .annotate(windows=Count("window"))
        .order_by("region", "name")
    )


def windows(scope: tuple[int, int]) -> QuerySet[models.Window]:
    """Return the windows within a range of regions."""
    return (
        models.Window.objects.filter(hall__region__range=scope)
        .select_related("hall", "department")
        .order_by("hall", "number")
    )


def halls_of_windows(scope: tuple[int, int]) -> dict[int, int]:
    """Return the hall of each window, those that are closed too."""
    found = models.Window.objects.filter(hall__region__range=scope)
    return dict(found.values_list("pk", "hall_id"))


def windows_named(text: str, scope: tuple[int, int]) -> QuerySet[models.Window]:
    """Return the windows within a range of regions whose number or hall holds a text."""
    return windows(scope).filter(Q(number__icontains=text) | Q(hall__name__icontains=text))


def staff(scope: tuple[int, int]) -> QuerySet[models.Staff]:
    """Return the staff of departments within a range of regions."""
    return (
        models.Staff.objects.defer("photo")
        .filter(department__region__range=scope)
        .select_related("department", "window")
        .order_by("number")
    )


def items(scope: tuple[int, int]) -> QuerySet[models.Item]:
    """Return the items of departments within a range of regions."""
    return (
        models.Item.objects.filter(department__region__range=scope)
        .select_related("department")
        .order_by("code")
    )


def departments_named(text: str, scope: tuple[int, int]) -> list[int]:
    """Return the departments whose name holds a text, within a range of regions; a thousand at
    most.
    """
    found = departments(scope).filter(name__icontains=text)
    return list(found.values_list("pk", flat=True)[:_NAMED])


def items_named(text: str, scope: tuple[int, int]) -> list[int]:
    """Return the items whose name or code holds a text, within a range of regions; a thousand at
    most.
    """
    found = items(scope).filter(Q(name__icontains=text) | Q(code__startswith=text))
    return list(found.values_list("pk", flat=True)[:_NAMED])


_NAMED = 1_000


def department_names(ids: set[int]) -> dict[int, str]:
    """Return names by id."""
    return dict(models.Department.objects.filter(pk__in=ids).values_list("pk", "name"))


def usccs(ids: set[int]) -> dict[int, str]:
    """Return the credit codes of departments by id."""
    return dict(models.Department.objects.filter(pk__in=ids).values_list("pk", "uscc"))


def departments_by_code(codes: Collection[str]) -> dict[str, str]:
    """Return the names of departments by credit code; codes that nobody has are left out."""
    found = models.Department.objects.filter(uscc__in=codes) if codes else ()
    return {one.uscc: one.name for one in found}


def items_by_code(codes: Collection[str]) -> dict[str, int]:
    """Return the ids of open items by code; codes that nobody has are left out."""
    found = still_open(models.Item.objects.filter(code__in=codes))
    return dict(found.values_list("code", "pk"))


def departments_seen(among: Collection[int] | None = None) -> dict[int, tuple[str, int]]:
    """Return name and region of departments that one may see, by id: of all, or of those with
    these ids.
    """
    found = models.Department.objects.values_list("pk", "name", "region")
    if among is not None and len(among) < _MANY:
        found = found.filter(pk__in=among)
    return {key: (name, region) for key, name, region in found}


_MANY = 500  # ids that are sent cost more than departments that are read


def department_regions(ids: set[int]) -> dict[int, int]:
    """Return the regions of departments by id."""
    return dict(models.Department.objects.filter(pk__in=ids).values_list("pk", "region"))


def item_names(ids: set[int]) -> dict[int, str]:
    """Return names by id."""
    return dict(models.Item.objects.filter(pk__in=ids).values_list("pk", "name"))


def item_labels(ids: set[int]) -> dict[int, tuple[str, str, str]]:
    """Return code, name and kind of items by id."""
    found = models.Item.objects.filter(pk__in=ids)
    labels = found.values_list("pk", "code", "name", "task_type")
    return {pk: (code, name, kind) for pk, code, name, kind in labels}


def department_labels(ids: set[int]) -> dict[int, tuple[str, str]]:
    """Return credit code and name of departments by id."""
    found = models.Department.objects.filter(pk__in=ids).values_list("pk", "uscc", "name")
    return {pk: (uscc, name) for pk, uscc, name in found}


def staff_names(department_id: int) -> list[str]:
    """Return the names of a department's staff."""
    found = models.Staff.objects.filter(department=department_id).values_list("name", flat=True)
    return [name for name in found if name]


def staff_by_number(scope: tuple[int, int]) -> dict[str, int]:
    """Return the ids of whoever works within a range of regions, by number."""
    return dict(still_open(staff(scope)).values_list("number", "pk"))


def staff_labels(ids: set[int]) -> dict[int, tuple[str, str]]:
    """Return name and number by id."""
    return {
        pk: (name, number)
        for pk, name, number in models.Staff.objects.filter(pk__in=ids).values_list(
            "pk", "name", "number"
        )
    }


def photo(staff_id: int) -> bytes | None:
    """Return the portrait of a member of staff who works here."""
    there = still_open(models.Staff.objects.filter(pk=staff_id))
    found = there.values_list("photo", flat=True).first()
    return bytes(found) if found else None


def window_of_code(code: str) -> models.Window | None:
    """Return a window by its code."""
    return models.Window.objects.select_related("hall").filter(code=code).first()


def codes_of(department_id: int | None, window_id: int | None) -> tuple[str, str]:
    """Return the credit code of a department and the code of a window; nothing for none."""
    departments = models.Department.objects.filter(pk=department_id or 0).values_list(
        "uscc", flat=True
    )
    windows = models.Window.objects.filter(pk=window_id or 0).values_list("code", flat=True)
    return departments.first() or "", windows.first() or ""


def items_of(department_ids: set[int]) -> QuerySet[models.Item]:
    """Return the items of departments, in the order of their names."""
    return models.Item.objects.filter(department__in=department_ids).order_by("name")


def departments_of_windows(window_ids: Sequence[int]) -> set[int]:
    """Return the departments that serve at these windows."""
    return set(
        models.Window.objects.filter(pk__in=window_ids).values_list("department_id", flat=True)
    )


@dataclass(frozen=True)
class ServiceNames:
    """The codes and names with which a service at a place is registered."""

    uscc: str
    department: str
    item_code: str
    item: str
    window_code: str
    staff_number: str


def service_names(
    *, item_id: int | None, window_id: int | None, staff_id: int | None
) -> ServiceNames:
    """Return codes and names of an item and, where known, of the window and the person there.

    Without an item, the window's general one.
    """
    window = (
        models.Window.objects.select_related("department").filter(pk=window_id).first()
        if window_id
        else None
    )
    staff_number = (
        models.Staff.objects.filter(pk=staff_id).values_list("number", flat=True).first()
        if staff_id
        else None
    )
    at = (window.code if window else "", staff_number or "")
    if item_id is None:
        if window is None:
            raise NotFound
        uscc = window.department.uscc
        item_code, item = f"{uscc}{GENERAL_ITEM}", chinese("窗口服务（未登记事项）")
        return ServiceNames(uscc, window.department.name, item_code, item, *at)
    known = models.Item.objects.select_related("department").get(pk=item_id)
    department = known.department
    return ServiceNames(department.uscc, department.name, known.code, known.name, *at)


def anything() -> bool:
    """Say whether any department is known."""
    return models.Department.objects.exists()
