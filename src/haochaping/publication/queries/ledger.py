"""The ledger and its day books as everybody may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.kernel.words import Words
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import ED25519, parse_vkey
from haochaping.proofs import queries as proofs
from haochaping.publication.rules import EXCLUDED


@dataclass(frozen=True)
class Ledger:
    """A log as everybody may see it."""

    name: str
    origin: str
    audit: bool
    published: int
    signed_at: datetime | None
    frozen: bool
    keys: Sequence[str]

    @property
    def common_keys(self) -> Sequence[str]:
        """Return the verifier keys that the world's programs know."""
        return [key for key in self.keys if parse_vkey(key)[1] == ED25519]


def ledgers() -> list[Ledger]:
    """Return the logs, the newest of ratings first."""
    found = []
    for log in logs.logs():
        cover = logs.covering(log.pk, log.published - 1)
        signed, audit = cover.signed_at if cover else None, log.name.startswith(logs.AUDIT)
        told = (log.name, log.origin, audit, log.published, signed, bool(log.frozen))
        found.append(Ledger(*told, logs.vkeys(log)))
    return sorted(found, key=lambda one: (one.audit, -int(one.name.removeprefix(logs.AUDIT))))


@dataclass(frozen=True)
class DayBook:
    """A closed day."""

    log: str
    day: date
    services: int
    entered: int
    rows: int
    excluded: Sequence[tuple[Words, int]]
    proved: bool


def day_books(limit: int = 60) -> list[DayBook]:
    """Return the last closed days, the newest first."""
    names = {log.pk: log.name for log in logs.logs()}
    found = []
    for day in proofs.days()[:limit]:
        said = msgspec.json.decode(day.statement)
        excluded = [(EXCLUDED[why], number) for why, number in said["excluded"].items()]
        entered, services = said["leaves"].get("01", 0), said["invitations"]["services"]
        told = (names[day.log_id], day.day, services, entered, day.rows, excluded)
        found.append(DayBook(*told, day.proved_at is not None))
    return found


@dataclass(frozen=True)
class Tested:
    """What the last tests of the channels found, as the ledger holds it."""

    at: datetime
    no: int
    tested: int
    failed: Sequence[tuple[Words, Sequence[int]]]


def tested() -> Tested | None:
    """Return the last tests of the channels."""
    last = proofs.last_said("canary")
    if last is None:
        return None
    said = msgspec.json.decode(last.said)
    failed = [(CHANNELS[Channel[name.upper()]], levels) for name, levels in said["failed"].items()]
    return Tested(last.at, last.no, said["tested"], failed)


@dataclass(frozen=True)
class Said:
    """What was said in public because it could not be put back."""

    at: datetime
    reason: str


def restatements() -> list[Said]:
    """Return the restatements, the newest first."""
    found = proofs.restatements()
    return [Said(one.at, msgspec.json.decode(one.said)["reason"]) for one in found]
