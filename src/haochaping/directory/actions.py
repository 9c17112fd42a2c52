"""Writing the directory: by hand, from tables, and by intake (as unconfirmed entries)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import models, queries, rules
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.db import Conversation, columns
from haochaping.kernel.errors import NotFound


@dataclass(frozen=True)
class DepartmentNamed:
    """A department as a service record names it."""

    uscc: str
    name: str
    region: int


@dataclass(frozen=True)
class ItemNamed:
    """An item as a service record names it."""

    code: str
    name: str
    uscc: str  # of the department that serves, which is not always the one in the code
    task_type: str


# The upsert changes nothing when the row is there; it only makes RETURNING unnecessary: the ids are
# read afterwards.
_ADD_DEPARTMENTS = """
INSERT INTO directory_department (uscc, name, region, confirmed)
SELECT uscc, name, region, false FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given (uscc,
  name, region)
 ORDER BY uscc ON CONFLICT (uscc) DO NOTHING
"""
_ADD_ITEMS = """
INSERT INTO directory_item (code, name, department_id, task_type, confirmed)
SELECT given.code, given.name, department.id, given.task_type, false
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS given (code, name, uscc, task_type)
  JOIN directory_department AS department ON department.uscc = given.uscc
 ORDER BY given.code ON CONFLICT (code) DO NOTHING
"""


def ensure_departments(*, named: Mapping[str, DepartmentNamed]) -> Conversation[Mapping[str, int]]:
    """Return the ids of departments by credit code, adding unknown ones as unconfirmed."""
    ids = yield from queries.department_ids(list(named))
    missing = [department for uscc, department in named.items() if uscc not in ids]
    if missing:
        yield _ADD_DEPARTMENTS, columns([(d.uscc, d.name[:120], d.region) for d in missing], 3)
        ids = yield from queries.department_ids(list(named))
    return ids


def ensure_items(*, named: Mapping[str, ItemNamed]) -> Conversation[Mapping[str, int]]:
    """Return the ids of items by code, adding unknown ones as unconfirmed.

    Their departments must exist.
    """
    ids = yield from queries.item_ids(list(named))
    missing = [item for code, item in named.items() if code not in ids]
    if missing:
        yield _ADD_ITEMS, columns([(i.code, i.name[:200], i.uscc, i.task_type) for i in missing], 4)
        ids = yield from queries.item_ids(list(named))
    return ids


@transaction.atomic
def set_photo(*, staff_id: int, data: bytes, by: int, at: datetime) -> None:
    """Keep the portrait of a member of staff; raises BadPhoto, NotFound or NotAllowed."""
    staff = models.Staff.objects.select_related("department").filter(pk=staff_id).first()
    if staff is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=staff.department.region)
    staff.photo, staff.photo_at = rules.portrait(data), at
    staff.save(update_fields=["photo", "photo_at"])
    audit.record(
        subject="staff",
        subject_id=staff.pk,
        verb="set_photo",
        details={},
        region=staff.department.region,
        by=by,
        at=at,
    )


@transaction.atomic
def save_rows(*, rows: Sequence[rules.Row], by: int, at: datetime) -> int:
    """Write rows that `rules.read_table` found good, adding or replacing by their code.

    Return their number.
    """
    for row in rows:
        _save[type(row)](row)
    if rows:
        audit.record(
            subject="directory",
            subject_id=0,
            verb="import",
            details={"kind": type(rows[0]).__name__, "rows": len(rows)},
            region=rows[0].scope_region,
            by=by,
            at=at,
        )
    return len(rows)


def _save_department(row: rules.DepartmentRow) -> None:
    models.Department.objects.update_or_create(
        uscc=row.uscc, defaults={"name": row.name, "region": row.region, "confirmed": True}
    )


def _save_hall(row: rules.HallRow) -> None:
    models.Hall.objects.update_or_create(
        code=row.code, defaults={"name": row.name, "region": row.region, "address": row.address}
    )


def _save_window(row: rules.WindowRow) -> None:
    hall, department = (
        models.Hall.objects.get(code=row.hall),
        models.Department.objects.get(uscc=row.department),
    )
    defaults = {
        "hall": hall,
        "number": row.number,
        "department": department,
        "opens": row.opens,
        "closes": row.closes,
        "in_use": True,
    }
    models.Window.objects.update_or_create(code=row.code, defaults=defaults)


def _save_staff(row: rules.StaffRow) -> None:
    department = models.Department.objects.get(uscc=row.department)
    window = models.Window.objects.get(code=row.window) if row.window else None
    models.Staff.objects.update_or_create(
        number=row.number, defaults={"name": row.name, "department": department, "window": window}
    )


def _save_item(row: rules.ItemRow) -> None:
    department = models.Department.objects.get(uscc=row.department)
    models.Item.objects.update_or_create(
        code=row.code,
        defaults={
            "name": row.name,
            "department": department,
            "task_type": row.task_type,
            "confirmed": True,
        },
    )


_save: Mapping[type, Callable[[Any], None]] = {
    rules.DepartmentRow: _save_department,
    rules.HallRow: _save_hall,
    rules.WindowRow: _save_window,
    rules.StaffRow: _save_staff,
    rules.ItemRow: _save_item,
}
