"""Reading the directory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from django.db.models import Count, QuerySet

from haochaping.directory import models
from haochaping.kernel.db import Conversation


@dataclass(frozen=True)
class WindowFacts:
    """What intake and screening need of a window."""

    id: int
    code: str
    number: str
    hall: str
    opens: time
    closes: time
    in_use: bool


_DEPARTMENTS = "SELECT id, uscc FROM directory_department WHERE uscc = ANY($1::text[])"
_ITEMS = "SELECT id, code FROM directory_item WHERE code = ANY($1::text[])"
_WINDOWS = "SELECT id, code FROM directory_window WHERE code = ANY($1::text[])"
_STAFF = "SELECT id, number FROM directory_staff WHERE number = ANY($1::text[])"


def department_ids(usccs: Sequence[str]) -> Conversation[Mapping[str, int]]:
    """Return the ids of departments by credit code; unknown ones are missing."""
    return {row["uscc"]: row["id"] for row in (yield _DEPARTMENTS, (list(usccs),))}


def item_ids(codes: Sequence[str]) -> Conversation[Mapping[str, int]]:
    """Return the ids of items by code; unknown ones are missing."""
    return {row["code"]: row["id"] for row in (yield _ITEMS, (list(codes),))}


def window_ids(codes: Sequence[str]) -> Conversation[Mapping[str, int]]:
    """Return the ids of windows by code; unknown ones are missing."""
    return {row["code"]: row["id"] for row in (yield _WINDOWS, (list(codes),))}


def staff_ids(numbers: Sequence[str]) -> Conversation[Mapping[str, int]]:
    """Return the ids of staff by number; unknown ones are missing."""
    return {row["number"]: row["id"] for row in (yield _STAFF, (list(numbers),))}


def departments(scope: tuple[int, int]) -> QuerySet[models.Department]:
    """Return the departments within a range of regions, in region order."""
    return models.Department.objects.filter(region__range=scope).order_by("region", "name")


def halls(scope: tuple[int, int]) -> QuerySet[models.Hall]:
    """Return the halls within a range of regions with `windows` counted."""
    return models.Hall.objects.filter(region__range=scope).annotate(windows=Count("window")).order_by("region", "name")


def windows(scope: tuple[int, int]) -> QuerySet[models.Window]:
    """Return the windows within a range of regions."""
    return models.Window.objects.filter(hall__region__range=scope).select_related("hall", "department").order_by("hall__region", "number")


def staff(scope: tuple[int, int]) -> QuerySet[models.Staff]:
    """Return the staff of departments within a range of regions."""
    return models.Staff.objects.filter(department__region__range=scope).select_related("department", "window").order_by("number")


def items(scope: tuple[int, int]) -> QuerySet[models.Item]:
    """Return the items of departments within a range of regions."""
    return models.Item.objects.filter(department__region__range=scope).select_related("department").order_by("code")


def department_names(ids: set[int]) -> dict[int, str]:
    """Return names by id."""
    return dict(models.Department.objects.filter(pk__in=ids).values_list("pk", "name"))


def item_names(ids: set[int]) -> dict[int, str]:
    """Return names by id."""
    return dict(models.Item.objects.filter(pk__in=ids).values_list("pk", "name"))


def staff_labels(ids: set[int]) -> dict[int, tuple[str, str]]:
    """Return name and number by id."""
    return {pk: (name, number) for pk, name, number in models.Staff.objects.filter(pk__in=ids).values_list("pk", "name", "number")}


def window_facts(ids: set[int]) -> dict[int, WindowFacts]:
    """Return what is known of windows, by id."""
    found = models.Window.objects.filter(pk__in=ids).select_related("hall")
    return {
        window.pk: WindowFacts(window.pk, window.code, window.number, window.hall.name, window.opens, window.closes, window.in_use)
        for window in found
    }


def known_codes() -> dict[str, dict[str, int]]:
    """Return the regions of departments, halls and windows by code: what an import may refer to."""
    return {
        "departments": dict(models.Department.objects.values_list("uscc", "region")),
        "halls": dict(models.Hall.objects.values_list("code", "region")),
        "windows": dict(models.Window.objects.values_list("code", "hall__region")),
    }
