"""Connecting catalogues: by one person, started by another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from haochaping.identity import queries as identity
from haochaping.identity.rules import Right, SamePerson
from haochaping.kernel.crypto import Keyring
from haochaping.upstream import models, queries, rules
from haochaping.upstream.actions._source import locked, note


@dataclass(frozen=True)
class Agreed:
    """What is agreed about a catalogue."""

    name: str
    kind: str
    region: int
    url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    header: str = ""  # "Name: value"


@transaction.atomic
def connect(*, agreed: Agreed, by: int, at: datetime) -> int:
    """Note a catalogue and return its id. It is read once another person has started it; files may
    be uploaded at once. Raises BadSource or NotAllowed.
    """
    fine = agreed.name and agreed.kind in rules.KINDS
    if not fine or not (not agreed.url or agreed.url.startswith(("https://", "http://"))):
        raise rules.BadSource
    if agreed.header and ":" not in agreed.header:
        raise rules.BadSource
    identity.require(by, Right.KEEP_DIRECTORY, within=agreed.region)
    made = models.Source.objects.create(
        name=agreed.name,
        kind=agreed.kind,
        region=agreed.region,
        url=agreed.url,
        fields=dict(agreed.fields),
        complete=agreed.complete,
        changed_by=by,
        stopped_at=at,
    )
    if agreed.header:
        keyring: Keyring = settings.KEYRING
        made.secret = keyring.seal(agreed.header, queries.HEADER, made.pk)
        made.save(update_fields=["secret"])
    details = {"kind": agreed.kind, "url": agreed.url, "complete": agreed.complete}
    note(made, "connect", details, by, at)
    return made.pk


@transaction.atomic
def start(*, source_id: int, by: int, at: datetime) -> None:
    """Have a catalogue be read each night from now on; raises SamePerson for who connected or
    stopped it.
    """
    source = locked(source_id, by)
    if source.stopped_at is None or not source.url:
        return
    if by == source.changed_by:
        raise SamePerson
    source.stopped_at = None
    source.save(update_fields=["stopped_at"])
    note(source, "start", {}, by, at)


@transaction.atomic
def stop(*, source_id: int, by: int, at: datetime) -> None:
    """Read a catalogue no more; what waits to be decided stays."""
    source = locked(source_id, by)
    if source.stopped_at is None:
        source.stopped_at, source.changed_by = at, by
        source.save(update_fields=["stopped_at", "changed_by"])
        note(source, "stop", {}, by, at)
