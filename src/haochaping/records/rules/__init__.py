"""What a service record 办件服务记录 must be, and how it is written in the national field names."""

from haochaping.records.rules.given import (
    Applicant,
    BadRecord,
    Given,
    NotAmendable,
    NotYourDepartment,
    NotYourItem,
    NotYours,
    Origin,
    OutsideScope,
    RecordUnknown,
    Stage,
    Status,
    of_sealed,
    sealed_text,
)
from haochaping.records.rules.national import COLUMNS, PROJECT_TYPE, from_national
from haochaping.records.rules.record import (
    EXTRA,
    Record,
    accept,
    accept_reason,
    check_key,
    may_name,
    natural_key,
    plain_text,
    serves,
    task_type,
)
