"""Adding what intake names and nobody has entered: as unconfirmed entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from haochaping.directory import queries
from haochaping.kernel.db import Conversation, Row, columns


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
SELECT given.code, given.name, coalesce(department.successor_id, department.id), given.task_type,
       false
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


def ensure_items(*, named: Mapping[str, ItemNamed]) -> Conversation[Mapping[str, queries.Placed]]:
    """Return items by code, adding unknown ones as unconfirmed.

    Their departments must exist. One that is known by its code alone gets the name that came now.
    """
    known = yield from queries.item_rows(list(named))
    items = queries.placed(known)
    yield from _name(_NAME_ITEMS, known, {code: item.name[:200] for code, item in named.items()})
    missing = [item for code, item in named.items() if code not in items]
    if missing:
        yield _ADD_ITEMS, columns([(i.code, i.name[:200], i.uscc, i.task_type) for i in missing], 4)
        items = queries.placed((yield from queries.item_rows(list(named))))
    return items
