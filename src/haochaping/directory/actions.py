"""Writing the directory: by hand, from tables, and by intake (as unconfirmed entries)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import models, queries, rules
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Right, SamePerson
from haochaping.kernel.db import Conversation, Row, columns
from haochaping.kernel.errors import NotAllowed, NotFound


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


_NAME_DEPARTMENTS = """
UPDATE directory_department SET name = given.name
  FROM unnest($1::text[], $2::text[]) AS given (code, name)
 WHERE directory_department.uscc = given.code AND directory_department.name = given.code
"""
_NAME_ITEMS = """
UPDATE directory_item SET name = given.name
  FROM unnest($1::text[], $2::text[]) AS given (code, name)
 WHERE directory_item.code = given.code AND directory_item.name = given.code
"""


def _name(sql: str, known: Sequence[Row], names: Mapping[str, str]) -> Conversation[None]:
    """Give those a name that have had their code in its place."""
    named = [
        (row["code"], names[row["code"]])
        for row in known
        if row["nameless"] and names[row["code"]] != row["code"]
    ]
    if named:
        yield sql, columns(sorted(named), 2)


def ensure_departments(*, named: Mapping[str, DepartmentNamed]) -> Conversation[Mapping[str, int]]:
    """Return the ids of departments by credit code, adding unknown ones as unconfirmed.

    One that is known by its code alone gets the name that came now.
    """
    known = yield from queries.department_rows(list(named))
    ids: Mapping[str, int] = {row["code"]: row["id"] for row in known}
    names = {uscc: department.name[:120] for uscc, department in named.items()}
    yield from _name(_NAME_DEPARTMENTS, known, names)
    missing = [department for uscc, department in named.items() if uscc not in ids]
    if missing:
        yield _ADD_DEPARTMENTS, columns([(d.uscc, d.name[:120], d.region) for d in missing], 3)
        ids = yield from queries.department_ids(list(named))
    return ids


def ensure_items(*, named: Mapping[str, ItemNamed]) -> Conversation[Mapping[str, int]]:
    """Return the ids of items by code, adding unknown ones as unconfirmed.

    Their departments must exist. One that is known by its code alone gets the name that came now.
    """
    known = yield from queries.item_rows(list(named))
    ids: Mapping[str, int] = {row["code"]: row["id"] for row in known}
    yield from _name(_NAME_ITEMS, known, {code: item.name[:200] for code, item in named.items()})
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
    for row in rows:
        now = there.get(table.code_of(row))
        if not all(map(reach.covers, {row.scope_region, now.region if now else row.scope_region})):
            raise NotAllowed
        kept = row
        if now is not None:
            kept = _hours_kept(row, now, by, at)
            entries += _changed(kind, kept, now)
        _save[type(row)](kept)
    if len(rows) > 1:
        for region, number in Counter(row.scope_region for row in rows).items():
            entries.append(("directory", 0, "import", {"kind": kind, "rows": number}, region))
    elif not there:
        code = table.code_of(rows[0])
        entries.append(("directory", 0, "add", {"kind": kind, "code": code}, rows[0].scope_region))
    audit.record_many(entries=entries, by=by, at=at)
    return len(rows)


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


def _hours_kept(row: rules.Row, now: queries.There, by: int, at: datetime) -> rules.Row:
    """Propose new hours of a window, and return its row with those that hold."""
    if not isinstance(row, rules.WindowRow):
        return row
    opens, closes = (time.fromisoformat(now.facts[name]) for name in ("opens", "closes"))
    if (row.opens, row.closes) == (opens, closes):
        return row
    change = models.HoursChange.objects.create(
        window_id=now.id,
        region=now.region,
        was_opens=opens,
        was_closes=closes,
        opens=row.opens,
        closes=row.closes,
        proposed_by=by,
        proposed_at=at,
    )
    _record_hours(change, "propose_hours", by, at)
    if by == SYSTEM:
        decide_hours(change_id=change.pk, approve=True, by=SYSTEM, at=at)
        return row
    return replace(row, opens=opens, closes=closes)


@transaction.atomic
def set_in_use(*, window_id: int, in_use: bool, by: int, at: datetime) -> None:
    """Close a window, or open it again: ratings from a closed one wait for a person. Raises
    NotFound or NotAllowed.
    """
    window = models.Window.objects.select_for_update(of=("self",)).select_related("hall")
    found = window.filter(pk=window_id).first()
    if found is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=found.hall.region)
    if found.in_use == in_use:
        return
    found.in_use = in_use
    found.save(update_fields=["in_use"])
    audit.record(
        subject="window",
        subject_id=window_id,
        verb="open" if in_use else "close",
        details={"code": found.code},
        region=found.hall.region,
        by=by,
        at=at,
    )


@transaction.atomic
def decide_hours(*, change_id: int, approve: bool, by: int, at: datetime) -> None:
    """Put new hours of a window in force, or drop them.

    Another person than the proposer must do it: hours decide which ratings are held. Raises
    SamePerson, NotFound or NotAllowed.
    """
    change = (
        models.HoursChange.objects.select_for_update()
        .select_related("window")
        .filter(pk=change_id, decided_at=None)
        .first()
    )
    if change is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=change.region)
    if approve and by == change.proposed_by and by != SYSTEM:
        raise SamePerson
    window = change.window
    change.was_opens, change.was_closes = window.opens, window.closes
    change.decided_by, change.decided_at, change.approved = by, at, approve
    change.save(update_fields=["was_opens", "was_closes", "decided_by", "decided_at", "approved"])
    if approve:
        window.opens, window.closes = change.opens, change.closes
        window.save(update_fields=["opens", "closes"])
    _record_hours(change, "change_hours" if approve else "reject_hours", by, at)


def _record_hours(change: models.HoursChange, verb: str, by: int, at: datetime) -> None:
    details = {
        "before": f"{change.was_opens:%H:%M}-{change.was_closes:%H:%M}",
        "after": f"{change.opens:%H:%M}-{change.closes:%H:%M}",
    }
    audit.record(
        subject="window",
        subject_id=change.window_id,
        verb=verb,
        details=details,
        region=change.region,
        by=by,
        at=at,
    )


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


_save: Mapping[type, Callable[[Any], None]] = {
    rules.DepartmentRow: _save_department,
    rules.HallRow: _save_hall,
    rules.WindowRow: _save_window,
    rules.StaffRow: _save_staff,
    rules.ItemRow: _save_item,
}
