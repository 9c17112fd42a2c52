"""Reading service records: as registered, with the last amendment laid over."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from haochaping.directory import queries as directory
from haochaping.feed.rules import Kind
from haochaping.kernel.crypto import Keyring, Unreadable
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotFound
from haochaping.kernel.ids import first_key
from haochaping.kernel.masking import mask_name, mask_number, mask_phone
from haochaping.kernel.numbers import identifier
from haochaping.kernel.sealed import Sealed
from haochaping.records import models, rules
from haochaping.regions import queries as regions

# big tables, cut by month (kernel/partitions.py), with their partition column
SEALED = (
    Sealed(
        "records_record",
        {"applicant_name": lambda _: "record.name", "phone": lambda _: "record.phone"},
        row=lambda row: row["id"],
    ),
    Sealed(
        "records_amendment",
        {"applicant_name": lambda _: "record.name", "phone": lambda _: "record.phone"},
        row=lambda row: row["record_id"],
        key=("record_id", "no"),
    ),
)
PARTITIONED = {"records_record": "id", "records_amendment": "record_id"}

# What other rooms' SQL may read of services and their numbers; PostgreSQL looks through both.
SERVICES = """(
  SELECT id, region, city, county, street, day, department_id, item_id, window_id, window_code,
         staff_id, origin, online, served_at, accepted_at, project_no, service_number,
         phone IS NOT NULL AS has_phone
    FROM records_record
)"""
# who was served: keyed numbers only
WHOM = """(
  SELECT id, city, day, window_id, origin, served_at, accepted_at, phone_index, cert_index
    FROM records_record
)"""
KEYS = "(SELECT project_no, service_number, record_id FROM records_key)"


def matching(given: str) -> str:
    """Return SQL for the service that a row names by `project_no` and `service_number`.

    To be joined LATERAL. `OFFSET 0` makes it an index look-up whatever the planner believes: as a
    plain join it was a hash join over the whole table on a site with some ten thousand services.
    """
    return f"""(
      SELECT id, region, city, county, street, day AS service_day, department_id, item_id,
             window_id, staff_id, origin, served_at, client_id AS registered_by
        FROM records_record WHERE id = (
          SELECT record_id FROM records_key
           WHERE (project_no, service_number) = ({given}.project_no, {given}.service_number)
        ) OFFSET 0
    )"""  # noqa: S608 - names of ours


def registered(facts: str) -> str:
    """Return SQL for the services among facts `(kind, ref)` of the feed: day, place, department,
    item, window, staff and party (1 a person, 2 an enterprise or another body).

    What a citizen scanned and our own tests are no denominator.
    """
    return f"""
      SELECT record.day, record.county, record.city, record.department_id, record.item_id,
             record.window_id, record.staff_id, {_PARTY} AS party
        FROM {facts} AS feed (kind, ref) CROSS JOIN LATERAL (
          SELECT * FROM records_record WHERE id = feed.ref OFFSET 0
        ) AS record
       WHERE feed.kind = {Kind.RECORD:d} AND record.origin = {rules.Origin.REGISTERED:d}
    """  # noqa: S608 - names of ours


_PARTY = "CASE WHEN record.applicant_kind = 1 THEN 1 ELSE 2 END"


def served_whom(given: str) -> str:
    """Return SQL, to be joined LATERAL, for who was served by a row's `id`: party, as above, and
    the blind index of the phone.
    """
    return f"""(
      SELECT {_PARTY} AS party, phone_index FROM records_record AS record
       WHERE record.id = {given}.id OFFSET 0
    )"""  # noqa: S608 - names of ours


def facts_of(since: str, until: str) -> str:
    """Return SQL for the facts `(kind, ref)` of services on the business days between two
    expressions: what a recount counts.
    """
    return (
        f"SELECT {Kind.RECORD:d} AS kind, id AS ref FROM records_record "  # noqa: S608
        f"WHERE day BETWEEN {since} AND {until}"
    )


def first_day() -> date | None:
    """Return the first business day that has a service."""
    first = models.Record.objects.order_by("pk").first()
    return first.day if first else None


@dataclass(frozen=True)
class Service:
    """A service as other rooms see it; the person is masked."""

    id: int
    project_no: str
    service_number: int
    service_name: str
    served_at: datetime
    region: int
    department_id: int
    item_id: int
    window_id: int | None
    window_code: str | None
    staff_id: int | None
    online: bool | None
    stage: int
    status: int
    origin: rules.Origin
    applicant: str
    phone: str
    registered_by: int | None  # the client system
    amended: int  # how many amendments there are


@dataclass(frozen=True)
class Change:
    """One amendment as the history shows it."""

    no: int
    at: datetime
    reason: str
    status: int
    service_name: str


def service(record_id: int) -> Service | None:
    """Return one service, None when there is none."""
    return services({record_id}).get(record_id)


def services(record_ids: set[int]) -> dict[int, Service]:
    """Return services by key, with names and phones masked."""
    latest = {
        row.record_id: row
        for row in models.Amendment.objects.filter(record_id__in=record_ids).order_by("no")
    }
    return {
        row.pk: _service(row, latest.get(row.pk))
        for row in models.Record.objects.filter(pk__in=record_ids)
    }


def _service(row: models.Record, last: models.Amendment | None) -> Service:
    keyring: Keyring = settings.KEYRING
    now = last or row
    return Service(
        id=row.pk,
        project_no=row.project_no,
        service_number=row.service_number,
        service_name=now.service_name,
        served_at=row.served_at,
        region=row.region,
        department_id=row.department_id,
        item_id=row.item_id,
        window_id=now.window_id,
        window_code=now.window_code,
        staff_id=now.staff_id,
        online=now.online,
        stage=row.stage,
        status=now.status,
        origin=rules.Origin(row.origin),
        applicant=mask_name(_name(now.applicant_name, row.pk)),
        phone=mask_phone(keyring.open(now.phone, "record.phone", row.pk)),
        registered_by=row.client_id,
        amended=last.no if last else 0,
    )


def history(record_id: int) -> list[Change]:
    """Return the amendments of a record, oldest first."""
    found = models.Amendment.objects.filter(record_id=record_id).order_by("no")
    return [
        Change(row.no, row.received_at, row.reason, row.status, row.service_name) for row in found
    ]


def key_of(project_no: str, service_number: int) -> int | None:
    """Return the key of a registered service, however its number is typed."""
    project_no = identifier(project_no) or project_no
    found = models.Key.objects.filter(project_no=project_no, service_number=service_number).first()
    return found.record_id if found else None


def keys_of_case(project_no: str) -> list[int]:
    """Return the keys of all services of a case, in the order of the services."""
    return list(
        models.Key.objects.filter(project_no=identifier(project_no) or project_no)
        .order_by("service_number")
        .values_list("record_id", flat=True)
    )


def keys_of_phone(
    phone: str,
    since: int,
    scope: tuple[int, int],
    window_ids: Iterable[int] | None = None,
    limit: int = 20,
) -> list[int]:
    """Return the keys of the latest services of a phone number within a range of regions and from a
    key on, newest first.
    """
    keyring: Keyring = settings.KEYRING
    found = models.Record.objects.filter(
        phone_index=keyring.blind(phone, "phone"), pk__gte=since, region__range=scope
    )
    if window_ids is not None:
        found = found.filter(window_id__in=window_ids)
    return list(found.order_by("-pk").values_list("pk", flat=True)[:limit])


def at_window(window_id: int, since: int, limit: int = 60) -> list[int]:
    """Return the keys of the latest services at a window from a key on, newest first."""
    return list(
        models.Record.objects.filter(window_id=window_id, pk__gte=since)
        .order_by("-pk")
        .values_list("pk", flat=True)[:limit]
    )


def phones_of(record_ids: set[int], until: datetime | None = None) -> dict[int, str]:
    """Return phone numbers in clear, for the sender of messages and for nobody else.

    With `until`, as they were known then: who amends a record after it was rated shall not be
    called or let in instead of the citizen.
    """
    keyring: Keyring = settings.KEYRING
    found = dict(
        models.Record.objects.filter(pk__in=record_ids, phone__isnull=False).values_list(
            "pk", "phone"
        )
    )
    found |= dict(
        models.Amendment.objects.filter(
            record_id__in=record_ids,
            phone__isnull=False,
            **({} if until is None else {"received_at__lte": until}),
        )
        .order_by("no")
        .values_list("record_id", "phone")
    )
    return {pk: keyring.open(phone, "record.phone", pk) or "" for pk, phone in found.items()}


@dataclass(frozen=True)
class Served:
    """What the page says about the service, so that the citizen knows what is rated."""

    item: str
    department: str
    place: str
    window: str
    hall: str
    staff: str
    staff_number: str
    number: str
    service: Service


def served(record_id: int) -> Served:
    """Describe the service behind a link; raises NotFound."""
    found = service(record_id)
    if found is None:
        raise NotFound
    window = (
        directory.window_facts({found.window_id}).get(found.window_id) if found.window_id else None
    )
    name, number = (
        directory.staff_labels({found.staff_id}).get(found.staff_id, ("", ""))
        if found.staff_id
        else ("", "")
    )
    return Served(
        item=directory.item_names({found.item_id}).get(found.item_id, found.service_name),
        department=directory.department_names({found.department_id}).get(found.department_id, ""),
        place=regions.tree().full_name(found.region),
        window=window.number if window else "",
        hall=window.hall if window else "",
        staff=name,
        staff_number=number,
        number=mask_number(found.project_no),
        service=found,
    )


def reachable(record_ids: Sequence[int], since: datetime) -> list[tuple[int, int, int]]:
    """Return id, region and item of those registered services that were given since then and have
    a phone.
    """
    found = models.Record.objects.filter(
        pk__in=record_ids, origin=rules.Origin.REGISTERED, phone__isnull=False, served_at__gt=since
    ).order_by("pk")
    return list(found.values_list("id", "region", "item_id"))


def numbers_of(project_nos: Collection[str]) -> dict[str, frozenset[int]]:
    """Return the service numbers that are known of each case."""
    found: dict[str, set[int]] = defaultdict(set)
    keys = models.Key.objects.filter(project_no__in=project_nos)
    for project_no, number in keys.values_list("project_no", "service_number"):
        found[project_no].add(number)
    return {project_no: frozenset(numbers) for project_no, numbers in found.items()}


def names_of(record_ids: Collection[int]) -> dict[int, set[str]]:
    """Return the names of applicants in clear, to be masked in what they wrote and for nothing
    else.
    """
    found: dict[int, set[str]] = defaultdict(set)
    first = models.Record.objects.filter(pk__in=record_ids, applicant_name__isnull=False)
    later = models.Amendment.objects.filter(record_id__in=record_ids, applicant_name__isnull=False)
    for pk, name in (
        *first.values_list("pk", "applicant_name"),
        *later.values_list("record_id", "applicant_name"),
    ):
        found[pk].add(_name(name, pk))
    return found


def _name(sealed: bytes | memoryview | None, record_id: int) -> str:
    keyring: Keyring = settings.KEYRING
    return rules.of_sealed(keyring.open(sealed, "record.name", record_id)).name


_COMPLETED = f"""
SELECT region - region % 100000000 AS city, count(*) AS n FROM records_record
 WHERE id >= $1 AND id < $2 AND origin = {rules.Origin.REGISTERED:d} GROUP BY 1
"""  # noqa: S608 - built from constants


def completed(since: datetime, until: datetime) -> dict[int, int]:
    """Return how many services each city registered that were completed between two moments: what a
    citizen scanned and our own tests are no denominator.
    """
    found = rows(_COMPLETED, first_key(since), first_key(until))
    return {row["city"]: row["n"] for row in found}


def readable() -> bool:
    """Say whether the site's secret opens what was sealed last; True when nothing was."""
    keyring: Keyring = settings.KEYRING
    sealed = models.Record.objects.filter(phone__isnull=False).order_by("-pk")
    phone, key = sealed.values_list("phone", "pk").first() or (None, 0)
    try:
        keyring.open(phone, "record.phone", key)
    except Unreadable:
        return False
    return True


def anything() -> bool:
    """Say whether any service was ever registered."""
    return models.Key.objects.exists()


_NAMED = {
    "windows": "window_id",
    "departments": "department_id",
    "items": "item_id",
    "staff": "staff_id",
}


def naming(kind: str, ids: Collection[int], since: datetime) -> set[int]:
    """Return which of these entries of a table of the directory a service since then names."""
    column = _NAMED.get(kind)
    if column is None:
        return set()
    found = models.Record.objects.filter(pk__gte=first_key(since), **{f"{column}__in": list(ids)})
    return set(found.values_list(column, flat=True).distinct())
