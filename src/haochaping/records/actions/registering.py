"""Registering services: one conversation for one record, a group, a batch and a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from haochaping.directory import actions as directory
from haochaping.directory import queries as places
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.identity.rules import Client
from haochaping.kernel import partitions
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import Conversation, columns, unnested
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.sealed import wrapped
from haochaping.kernel.words import Words
from haochaping.records import rules
from haochaping.regions.rules import place

_MAX_SALT = 8


class Outcome(StrEnum):
    """What became of a record or a rating that was handed in."""

    ACCEPTED = "accepted"  # stored now
    DUPLICATE = "duplicate"  # stored before with the same content
    CONFLICT = "conflict"  # stored before with other content


@dataclass(frozen=True)
class Stored:
    """The outcome for one record, and the key under which it is stored."""

    outcome: Outcome | None  # none when it was refused
    key: int
    refusal: Refusal | None = None


_COLUMNS = (
    ("id", "bigint"),
    ("project_no", "text"),
    ("service_number", "smallint"),
    ("region", "bigint"),
    ("city", "int"),
    ("county", "int"),
    ("street", "int"),
    ("department_id", "int"),
    ("item_id", "int"),
    ("window_id", "int"),
    ("window_code", "text"),
    ("staff_id", "int"),
    ("stage", "smallint"),
    ("status", "smallint"),
    ("online", "bool"),
    ("service_name", "text"),
    ("served_at", "timestamptz"),
    ("accepted_at", "timestamptz"),
    ("finished_at", "timestamptz"),
    ("applicant_kind", "smallint"),
    ("applicant_name", "bytea"),
    ("phone", "bytea"),
    ("phone_index", "bytea"),
    ("cert_index", "bytea"),
    ("extra", "text"),
    ("digest", "bigint"),
    ("origin", "smallint"),
)
_STORED = [name for name, _ in _COLUMNS if name != "extra"]

# Keys are inserted in key order so that overlapping groups of two processes wait for each other
# instead of deadlocking. A row that comes
# back without a record is either a key collision or was committed by somebody else a moment ago;
# asked again with the next salt, both end well.
REGISTER = f"""
WITH given AS (
  SELECT *, (SELECT record_id FROM records_key
    WHERE (project_no, service_number) = (given.project_no, given.service_number)) AS known,
         (SELECT true FROM records_record WHERE records_record.id = given.id) AS id_taken
    FROM {unnested(_COLUMNS)}
), fresh_key AS (
  INSERT INTO records_key (project_no, service_number, record_id)
  SELECT project_no, service_number, id FROM given WHERE id_taken IS NULL AND known IS NULL
   ORDER BY project_no, service_number ON CONFLICT DO NOTHING RETURNING record_id
), fresh AS (
  INSERT INTO records_record ({", ".join(_STORED)}, extra, day, client_id)
  SELECT {", ".join(_STORED)}, extra::jsonb, (served_at AT TIME ZONE 'Asia/Shanghai')::date,
    ${len(_COLUMNS) + 1}::int
    FROM given JOIN fresh_key ON fresh_key.record_id = given.id RETURNING id
), announced AS (
  {feed.announcement(kind=Kind.RECORD, facts="fresh")}
)
SELECT given.ord, fresh.id IS NOT NULL AS fresh, given.known AS record_id,
       (SELECT digest FROM records_record WHERE records_record.id = given.known) AS digest
  FROM given LEFT JOIN fresh ON fresh.id = given.id
"""  # noqa: S608 - built from constants


def register(*, records: Sequence[rules.Record], client: Client) -> Conversation[list[Stored]]:
    """Store records, each at most once; return an outcome for each in order.

    Departments and items not yet known are added unconfirmed; a client that names a confirmed one
    of another region is refused.
    """
    foreign = yield from _foreign(records, client)
    if foreign:
        refused = Stored(None, 0, rules.NotYourDepartment())
        kept = [one for one in records if one.given.department_code not in foreign]
        outcomes = iter((yield from _register(kept, client)) if kept else ())
        return [
            refused if one.given.department_code in foreign else next(outcomes) for one in records
        ]
    return (yield from _register(records, client))


def _foreign(records: Sequence[rules.Record], client: Client) -> Conversation[set[str]]:
    """Return the confirmed departments that lie outside a client's region: who works on others'
    services names no others' departments.
    """
    if client.departments:
        return set()
    codes = sorted({record.given.department_code for record in records})
    return {
        row["code"]
        for row in (yield from places.department_rows(codes))
        if row["confirmed"] and not client.reach.covers(row["region"])
    }


def _register(records: Sequence[rules.Record], client: Client) -> Conversation[list[Stored]]:
    departments = yield from directory.ensure_departments(named=_departments(records))
    items = yield from directory.ensure_items(named=_items(records))
    windows = yield from _placed(
        places.windows_placed, (record.given.window_code for record in records)
    )
    staff = yield from _placed(
        places.staff_placed, (record.given.staff_number for record in records)
    )
    refused = _refused(records, items)
    results: dict[int, Stored] = {}
    taken = [number for number in range(len(records)) if number not in refused]
    waiting, salt = _first_of_each(records, taken), 0
    repeats = [number for number in taken if number not in set(waiting)]
    while waiting:
        if salt > _MAX_SALT:
            raise RuntimeError("record keys collide without end")
        keys = {number: records[number].key(salt) for number in waiting}
        yield from partitions.ensure_for(keys.values())
        rows = [
            _row(keys[number], records[number], departments, items, windows, staff)
            for number in waiting
        ]
        for row in (yield REGISTER, [*columns(rows, len(_COLUMNS)), client.id]):
            number = waiting[row["ord"] - 1]
            if row["fresh"]:
                results[number] = Stored(Outcome.ACCEPTED, keys[number])
            elif row["digest"] is not None:
                outcome = _outcome(row["digest"], records[number])
                results[number] = Stored(outcome, row["record_id"])
        waiting, salt = [number for number in waiting if number not in results], salt + 1
    firsts = {records[number].natural_key: number for number in results}
    for number in repeats:
        first = firsts[records[number].natural_key]
        same = records[first].content == records[number].content
        results[number] = Stored(
            Outcome.DUPLICATE if same else Outcome.CONFLICT, results[first].key
        )
    results |= refused
    return [results[number] for number in range(len(records))]


def _refused(
    records: Sequence[rules.Record], items: Mapping[str, places.Placed]
) -> dict[int, Stored]:
    """Return those that name an item of another city's department."""
    return {
        number: Stored(None, 0, rules.NotYourItem())
        for number, record in enumerate(records)
        if not rules.may_name(record.region, items[record.given.item_code].region)
    }


def _first_of_each(records: Sequence[rules.Record], taken: Sequence[int]) -> list[int]:
    firsts: dict[str, int] = {}
    for number in taken:
        firsts.setdefault(records[number].natural_key, number)
    return list(firsts.values())


def _outcome(stored: int, record: rules.Record) -> Outcome:
    """Compare with what is stored; what was stored before digests were keyed (0) is taken as it."""
    same = stored in (0, _keyring().fingerprint(record.content))
    return Outcome.DUPLICATE if same else Outcome.CONFLICT


def _departments(records: Sequence[rules.Record]) -> dict[str, directory.DepartmentNamed]:
    return {
        record.given.department_code: directory.DepartmentNamed(
            record.given.department_code,
            record.given.department_name or record.given.department_code,
            record.region,
        )
        for record in records
    }


def _items(records: Sequence[rules.Record]) -> dict[str, directory.ItemNamed]:
    return {
        record.given.item_code: directory.ItemNamed(
            record.given.item_code,
            record.given.item_name or record.given.item_code,
            record.given.department_code,
            rules.task_type(record.given.task_type),
        )
        for record in records
    }


def _placed(
    question: Callable[[Sequence[str]], Conversation[Mapping[str, places.Placed]]],
    codes: Iterable[str],
) -> Conversation[Mapping[str, places.Placed]]:
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    return (yield from question(sorted(wanted)))


def _row(
    key: int,
    record: rules.Record,
    departments: Mapping[str, int],
    items: Mapping[str, places.Placed],
    windows: Mapping[str, places.Placed],
    staff: Mapping[str, places.Placed],
) -> tuple[object, ...]:
    given, where, keyring = record.given, place(record.region), _keyring()
    person = given.applicant
    return (
        key,
        given.project_no,
        given.service_number,
        where.region,
        where.city,
        where.county,
        where.street,
        departments[given.department_code],
        items[given.item_code].id,
        _at_hand(windows.get(given.window_code), record),
        given.window_code or None,
        _at_hand(staff.get(given.staff_number), record),
        given.stage,
        given.status,
        given.online,
        given.service_name,
        record.served_at,
        record.accepted_at,
        record.finished_at,
        person.kind,
        keyring.seal(rules.sealed_text(person), "record.name", key),
        keyring.seal(person.phone, "record.phone", key),
        keyring.blind(person.phone, "phone"),
        keyring.blind(person.cert_key, "cert"),
        wrapped(given.extra, rules.EXTRA) if given.extra else None,
        keyring.fingerprint(record.content),
        record.origin,
    )


def _at_hand(one: places.Placed | None, record: rules.Record) -> int | None:
    """Return the id of a window or a member of staff of the record's own city; a code that another
    city uses is kept as it was given and stands for nobody there.
    """
    within = one is not None and one.region is not None and rules.serves(one.region, record.region)
    return one.id if one is not None and within else None


_NOW = f"""
SELECT given.ord, key.record_id, record.region, record.stage, record.served_at,
       record.digest AS first_digest, item.code AS item_code, department.uscc AS department_code,
       latest.no, latest.digest, record.client_id
  FROM unnest($1::text[], $2::smallint[]) WITH ORDINALITY AS given (project_no, service_number, ord)
  JOIN records_key AS key USING (project_no, service_number)
  JOIN records_record AS record ON record.id = key.record_id
  JOIN {places.ITEMS} AS item ON item.id = record.item_id
  JOIN {places.DEPARTMENTS} AS department ON department.id = record.department_id
  LEFT JOIN records_amendment AS latest
    ON latest.record_id = record.id
   AND latest.no = (
     SELECT max(no) FROM records_amendment WHERE records_amendment.record_id = record.id
   )
"""  # noqa: S608 - built from constants
_AMENDED = (
    *(
        ("record_id", "bigint"),
        ("no", "smallint"),
        ("region", "bigint"),
        ("status", "smallint"),
        ("service_name", "text"),
    ),
    *(
        ("accepted_at", "timestamptz"),
        ("finished_at", "timestamptz"),
        ("window_id", "int"),
        ("window_code", "text"),
        ("staff_id", "int"),
    ),
    *(
        ("online", "bool"),
        ("applicant_name", "bytea"),
        ("phone", "bytea"),
        ("phone_index", "bytea"),
        ("extra", "text"),
        ("reason", "text"),
    ),
    ("digest", "bigint"),
)
AMEND = f"""
WITH amended AS (
INSERT INTO records_amendment ({", ".join(name for name, _ in _AMENDED if name != "extra")}, extra,
  client_id)
SELECT {", ".join(name for name, _ in _AMENDED if name != "extra")}, extra::jsonb,
  ${len(_AMENDED) + 1}::int FROM {unnested(_AMENDED)}
 ORDER BY record_id ON CONFLICT (record_id, no) DO NOTHING RETURNING record_id AS id
), announced AS (
  {feed.announcement(kind=Kind.AMENDED, facts="amended")}
)
SELECT id FROM amended
"""  # noqa: S608 - built from constants


class AmendedMeanwhile(Conflict):
    """Somebody else amended the record at the same moment."""

    code = "amended_meanwhile"
    says = Words("该办件刚被更正过，请重试。", "The record was amended a moment ago; try again.")


def amend(*, record: rules.Record, reason: str, client: Client) -> Conversation[Stored]:
    """Write what became of a service beside its record, which stays as it was.

    Only who registered it may, or whom a grant lets. The same content again is a duplicate. Raises
    refusals.
    """
    given = record.given
    found = yield _NOW, ([given.project_no], [given.service_number])
    if not found:
        raise rules.RecordUnknown
    (now,) = found
    if not client.owns(now["client_id"]):
        raise rules.NotYours
    if tuple(now[name] for name in _FIXED) != (
        record.region,
        given.department_code,
        given.item_code,
        record.served_at,
        given.stage,
    ):
        raise rules.NotAmendable
    stored = now["digest"] if now["no"] else now["first_digest"]
    if _keyring().fingerprint(record.content) == stored:
        return Stored(Outcome.DUPLICATE, now["record_id"])
    windows = yield from _placed(places.windows_placed, [given.window_code])
    staff = yield from _placed(places.staff_placed, [given.staff_number])
    # neither department nor item can be amended, so their ids are not asked for
    nobody, nothing = {given.department_code: 0}, {given.item_code: places.Placed(0, None)}
    values = _row(now["record_id"], record, nobody, nothing, windows, staff)
    row = dict(zip((name for name, _ in _COLUMNS), values, strict=True))
    row |= {"record_id": now["record_id"], "no": (now["no"] or 0) + 1, "reason": reason}
    amended = columns([[row[name] for name, _ in _AMENDED]], len(_AMENDED))
    if not (yield AMEND, [*amended, client.id]):
        raise AmendedMeanwhile
    return Stored(Outcome.ACCEPTED, now["record_id"])


_FIXED = ("region", "department_code", "item_code", "served_at", "stage")  # name the service


def _keyring() -> Keyring:
    keyring: Keyring = settings.KEYRING
    return keyring
