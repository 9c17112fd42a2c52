"""Writing the directory: by hand, and from tables."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import events, models, queries, rules
from haochaping.directory.actions import undoing
from haochaping.directory.actions.windows import hours_kept
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel import outbox
from haochaping.kernel.errors import NotAllowed, NotFound


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

    Whoever writes must hold both where a row goes and where the row of that code is now; raises
    NotAllowed else, and nothing is written. New hours of a window that is there are proposed only.
    Return the number of rows.
    """
    if not rows:
        return 0
    reach, kind = identity.reach(by, Right.KEEP_DIRECTORY), rules.kind_of(rows[0])
    table = rules.TABLES[kind]
    there = queries.there(kind, [table.code_of(row) for row in rows])
    entries: list[tuple[str, int, str, Mapping[str, object], int]] = []
    done: list[tuple[rules.Row, queries.There | None]] = []
    for row in rows:
        now = there.get(table.code_of(row))
        if not all(map(reach.covers, {row.scope_region, now.region if now else row.scope_region})):
            raise NotAllowed
        kept = row
        if now is not None:
            kept = hours_kept(row=row, now=now, by=by, at=at)
            entries += _changed(kind, kept, now)
        save_row(row=kept)
        _take_along(kept, now)
        done.append((kept, now))
    if len(rows) > 1:
        undoing.keep_import(rows=done, by=by, at=at)
        for region, number in Counter(row.scope_region for row in rows).items():
            entries.append(("directory", 0, "import", {"kind": kind, "rows": number}, region))
    elif not there:
        code = table.code_of(rows[0])
        entries.append(("directory", 0, "add", {"kind": kind, "code": code}, rows[0].scope_region))
    audit.record_many(entries=entries, by=by, at=at)
    return len(rows)


def _take_along(row: rules.Row, now: queries.There | None) -> None:
    """Have codes, devices and shifts go with a hall or a window to another region."""
    if now is None or now.region == row.scope_region:
        return
    if isinstance(row, rules.HallRow):
        outbox.ask(events.Moved("halls", [now.id], row.region))
        within = models.Window.objects.filter(hall=now.id).values_list("pk", flat=True)
        outbox.ask(events.Moved("windows", list(within), row.region))
    elif isinstance(row, rules.WindowRow):
        outbox.ask(events.Moved("windows", [now.id], row.scope_region))


def _changed(
    kind: str, row: rules.Row, now: queries.There
) -> list[tuple[str, int, str, Mapping[str, object], int]]:
    """Return what the trail says of a row that was there: in its region, before and after."""
    after = {name: str(getattr(row, name)) for name in now.facts}
    differs = [name for name, value in now.facts.items() if after[name] != value]
    if not differs:
        return []
    shown = [name for name in differs if (kind, name) != ("staff", "name")]  # a person's
    details = {
        "kind": kind,
        "code": rules.TABLES[kind].code_of(row),
        "fields": differs,
        "before": {name: now.facts[name] for name in shown},
        "after": {name: after[name] for name in shown},
    }
    return [("directory", now.id, "change", details, now.region)]


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


def save_row(*, row: rules.Row) -> None:
    """Write one row as it is."""
    _save[type(row)](row)


_save: Mapping[type, Callable[[Any], None]] = {
    rules.DepartmentRow: _save_department,
    rules.HallRow: _save_hall,
    rules.WindowRow: _save_window,
    rules.StaffRow: _save_staff,
    rules.ItemRow: _save_item,
}
