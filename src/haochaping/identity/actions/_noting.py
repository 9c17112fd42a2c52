"""What every action about a client ends with."""

from collections.abc import Mapping
from datetime import datetime

from haochaping.audit import actions as audit
from haochaping.identity import models


def record_key(
    owner: models.ApiClient, verb: str, details: Mapping[str, object], by: int, at: datetime
) -> None:
    """Write down what was done about a client and its keys."""
    audit.record(
        subject="api_key",
        subject_id=owner.pk,
        verb=verb,
        details=details,
        region=owner.region,
        by=by,
        at=at,
    )
