"""Ratings that came before their service was registered.

They count from the moment the record arrives.
"""

from datetime import datetime

import msgspec
from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.evaluations import models, rules
from haochaping.evaluations.actions.intake import submit
from haochaping.identity import queries as identity
from haochaping.identity.rules import SYSTEM, Reach
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows, talk
from haochaping.records import queries as records

_ARRIVED = f"""
SELECT waiting.project_no, waiting.service_number, waiting.kind, waiting.parcel, waiting.client_id,
       waiting.low, waiting.high
  FROM evaluations_waiting AS waiting JOIN {records.KEYS} AS key USING (project_no, service_number)
 ORDER BY waiting.kind, waiting.since LIMIT $1 FOR UPDATE OF waiting SKIP LOCKED
"""  # noqa: S608 - built from constants


@transaction.atomic
def link_waiting(*, limit: int = 1000, by: int = SYSTEM, at: datetime) -> int:
    """Submit the ratings whose service has been registered since; return how many.

    What is refused now is written down.
    """
    keyring: Keyring = settings.KEYRING
    arrived = rows(_ARRIVED, limit)
    for row in arrived:
        rating = msgspec.json.decode(
            keyring.open(row["parcel"], "evaluation.waiting") or "", type=rules.Rating
        )
        (stored,) = talk(
            submit(
                ratings=[rating],
                client=identity.client(row["client_id"], Reach(row["low"], row["high"])),
            )
        )
        if stored.refusal is not None:
            details = {
                "project_no": rating.project_no,
                "service_number": rating.service_number,
                "code": stored.refusal.code,
            }
            audit.record(
                subject="evaluation",
                subject_id=0,
                verb="refuse_waiting",
                details=details,
                region=row["low"],
                by=by,
                at=at,
            )
        models.Waiting.objects.filter(
            project_no=rating.project_no, service_number=rating.service_number, kind=rating.kind
        ).delete()
    return len(arrived)
