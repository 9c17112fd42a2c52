"""Writing the trail."""

from collections.abc import Mapping
from datetime import datetime

from haochaping.audit import models


def record(*, subject: str, subject_id: int, verb: str, details: Mapping[str, object], region: int, by: int, at: datetime) -> None:
    """Write down what was done, in the doer's own transaction."""
    models.Entry.objects.create(subject=subject, subject_id=subject_id, verb=verb, details=dict(details), region=region, by=by, at=at)
