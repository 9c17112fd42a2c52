"""Reading service records."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from haochaping.kernel.crypto import Keyring
from haochaping.kernel.masking import mask_name, mask_phone
from haochaping.records import models


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
    applicant: str
    phone: str


def service(record_id: int) -> Service | None:
    """Return one service, None when there is none."""
    return services({record_id}).get(record_id)


def services(record_ids: set[int]) -> dict[int, Service]:
    """Return services by key, with names and phones masked."""
    keyring: Keyring = settings.KEYRING
    return {
        row.pk: Service(
            id=row.pk,
            project_no=row.project_no,
            service_number=row.service_number,
            service_name=row.service_name,
            served_at=row.served_at,
            region=row.region,
            department_id=row.department_id,
            item_id=row.item_id,
            window_id=row.window_id,
            window_code=row.window_code,
            staff_id=row.staff_id,
            online=row.online,
            stage=row.stage,
            applicant=mask_name(keyring.open(row.applicant_name, "record.name")),
            phone=mask_phone(keyring.open(row.phone, "record.phone")),
        )
        for row in models.Record.objects.filter(pk__in=record_ids)
    }


def key_of(project_no: str, service_number: int) -> int | None:
    """Return the key of a registered service."""
    found = models.Key.objects.filter(project_no=project_no, service_number=service_number).first()
    return found.record_id if found else None
