"""What every action for a catalogue begins and ends with."""

from collections.abc import Mapping
from datetime import datetime

from haochaping.audit import actions as audit
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound
from haochaping.upstream import models


def locked(source_id: int, by: int) -> models.Source:
    """Return a catalogue that somebody may act on, locked; raises NotFound or NotAllowed."""
    found = models.Source.objects.select_for_update().filter(pk=source_id).first()
    if found is None:
        raise NotFound
    identity.require(by, Right.KEEP_DIRECTORY, within=found.region)
    return found


def note(
    source: models.Source, verb: str, details: Mapping[str, object], by: int, at: datetime
) -> None:
    """Write down in the audit trail what was done about a catalogue."""
    audit.record(
        subject="upstream",
        subject_id=source.pk,
        verb=verb,
        details={"name": source.name, **details},
        region=source.region,
        by=by,
        at=at,
    )
