"""Services as other systems are told of them, many at once."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows
from haochaping.kernel.masking import mask_name
from haochaping.kernel.sealed import unwrapped
from haochaping.records import rules

_FACTS = """
SELECT first.id, first.project_no, first.service_number, first.region, first.department_id,
       first.item_id, first.served_at, first.applicant_kind,
       CASE WHEN last.no IS NULL THEN first.window_code ELSE last.window_code END AS window_code,
       CASE WHEN last.no IS NULL THEN first.staff_id ELSE last.staff_id END AS staff_id,
       CASE WHEN last.no IS NULL THEN first.status ELSE last.status END AS status,
       CASE WHEN last.no IS NULL THEN first.service_name ELSE last.service_name END AS service_name,
       CASE WHEN last.no IS NULL THEN first.accepted_at ELSE last.accepted_at END AS accepted_at,
       CASE WHEN last.no IS NULL THEN first.finished_at ELSE last.finished_at END AS finished_at,
       CASE WHEN last.no IS NULL THEN first.online ELSE last.online END AS online,
       CASE WHEN last.no IS NULL THEN first.applicant_name ELSE last.applicant_name END
         AS applicant,
       CASE WHEN last.no IS NULL THEN first.phone ELSE last.phone END AS phone,
       CASE WHEN last.no IS NULL THEN first.extra ELSE last.extra END #>> '{}' AS extra
  FROM records_record AS first
  LEFT JOIN (SELECT DISTINCT ON (record_id) * FROM records_amendment
              WHERE record_id = ANY($1::bigint[]) ORDER BY record_id, no DESC) AS last
         ON last.record_id = first.id
 WHERE first.id = ANY($1::bigint[])
"""
_ORIGINS = (
    "SELECT id, region, department_id, origin FROM records_record WHERE id = ANY($1::bigint[])"
)
COUNTED = frozenset({rules.Origin.REGISTERED, rules.Origin.SCANNED})


def to_tell(record_ids: Collection[int], *, personal: bool) -> dict[int, dict[str, Any]]:
    """Return the facts of services by key. Names are masked, phones and certificates left out
    unless `personal`: only for whom the office granted them.
    """
    keyring: Keyring = settings.KEYRING
    found = rows(_FACTS, list(record_ids)) if record_ids else []
    for row in found:
        person = rules.of_sealed(keyring.open(row["applicant"], "record.name", row["id"]))
        row["applicant"] = person.name if personal else mask_name(person.name)
        row["certificate_type"] = person.certificate_type if personal else ""
        row["cert_key"] = person.cert_key if personal else ""
        row["phone"] = keyring.open(row["phone"], "record.phone", row["id"]) if personal else ""
        row["phone"] = row["phone"] or ""
        extra = unwrapped(row.pop("extra"), rules.EXTRA) or {}
        row["project_type"] = str(extra.get(rules.PROJECT_TYPE, ""))
    return {row["id"]: row for row in found}


@dataclass(frozen=True)
class Origin:
    """Where a service belongs, and how it came to us."""

    region: int
    department_id: int
    origin: rules.Origin

    @property
    def counts(self) -> bool:
        """Whether it is a service that happened, and none that a test made."""
        return self.origin in COUNTED


def origins(record_ids: Collection[int]) -> dict[int, Origin]:
    """Return where services belong and how they came to us, by key."""
    found = rows(_ORIGINS, list(record_ids)) if record_ids else []
    return {
        row["id"]: Origin(row["region"], row["department_id"], rules.Origin(row["origin"]))
        for row in found
    }
