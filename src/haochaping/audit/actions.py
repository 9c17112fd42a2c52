"""Writing the trail."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from haochaping.audit import models


def record(
    *,
    subject: str,
    subject_id: int,
    verb: str,
    details: Mapping[str, object],
    region: int,
    by: int,
    at: datetime,
) -> None:
    """Write down what was done, in the doer's own transaction."""
    models.Entry.objects.create(
        subject=subject,
        subject_id=subject_id,
        verb=verb,
        details=dict(details),
        region=region,
        by=by,
        at=at,
    )


def record_many(
    *, entries: Sequence[tuple[str, int, str, Mapping[str, object], int]], by: int, at: datetime
) -> None:
    """Write down many things at once: (subject, subject_id, verb, details, region) each."""
    models.Entry.objects.bulk_create(
        models.Entry(
            subject=subject,
            subject_id=subject_id,
            verb=verb,
            details=dict(details),
            region=region,
            by=by,
            at=at,
        )
        for subject, subject_id, verb, details, region in entries
    )


def note_retried(*, job_id: int, task: str, region: int, by: int, at: datetime) -> None:
    """Note that somebody had a background job run again that had been given up."""
    record(
        subject="platform",
        subject_id=job_id,
        verb="retry_job",
        details={"what": task},
        region=region,
        by=by,
        at=at,
    )
