"""What a service record 办件服务记录 must be, and how it is written in the national field names."""

from haochaping.records.rules.national import from_national
from haochaping.records.rules.record import (
    Applicant,
    BadRecord,
    Given,
    Origin,
    Record,
    Stage,
    Status,
    accept,
    accept_reason,
    check_key,
    natural_key,
    plain_text,
    task_type,
)
