"""Which entries of the directory any service or rating names."""

from collections.abc import Collection

from haochaping.analytics import models

_COUNTED = {
    "windows": (models.WindowWhole, "window_id"),
    "departments": (models.DepartmentWhole, "department_id"),
    "items": (models.ItemWhole, "item_id"),
    "staff": (models.StaffMonth, "staff_id"),
}


def named(kind: str, ids: Collection[int]) -> set[int]:
    """Return which of these entries of a table of the directory are counted anywhere."""
    if kind not in _COUNTED:
        return set()
    counted, column = _COUNTED[kind]
    found = counted.objects.filter(**{f"{column}__in": ids})  # type: ignore[attr-defined]
    return set(found.values_list(column, flat=True))
