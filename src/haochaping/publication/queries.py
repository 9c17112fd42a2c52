"""What may be shown to everybody.

Counts of a period, never of a single rating, and nothing from cells that are too small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from haochaping.analytics import queries as analytics
from haochaping.analytics import rules
from haochaping.kernel.words import Words
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import ED25519, parse_vkey
from haochaping.proofs import queries as proofs
from haochaping.publication.rules import EXCLUDED, suppressed
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope

DAYS = 30


@dataclass(frozen=True)
class Line:
    """A place as everybody may see it; a level is None where its cell is blanked."""

    name: str
    counts: rules.Counts
    levels: tuple[int | None, ...]

    @property
    def whole(self) -> bool:
        """Whether no cell is blanked."""
        return None not in self.levels


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

    @staticmethod
    def ed25519(key: str) -> bool:
        """Say whether a verifier key is one that the world's programs know."""
        return parse_vkey(key)[1] == ED25519


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
class Said:
    """What was said in public because it could not be put back."""

    at: datetime
    reason: str


def restatements() -> list[Said]:
    """Return the restatements, the newest first."""
    found = proofs.restatements()
    return [Said(one.at, msgspec.json.decode(one.said)["reason"]) for one in found]


def period(today: date) -> tuple[date, date]:
    """Return the first and last day of what is published on a day: thirty days that are over."""
    return today - timedelta(days=DAYS), today - timedelta(days=1)


def figures_before(today: date) -> rules.Figures:
    """Return the province's figures of the thirty days before a day."""
    return analytics.figures(scope(PROVINCE_OF_THE_PLATFORM), *period(today))


def by_city(figures: rules.Figures) -> list[Line]:
    """Return each city and the province's own services in code order, small cells blanked."""
    tree = regions.tree()
    cities = [code // 10**6 for code in [PROVINCE_OF_THE_PLATFORM, *tree.cities()]]
    found = [(tree.name(city), figures.by_city.get(city, rules.Counts())) for city in cities]
    shown = [(name, counts) for name, counts in found if counts.total or counts.services]
    blank = suppressed([counts.levels for _, counts in shown])
    return [
        Line(
            name,
            counts,
            tuple(
                None if (row, column) in blank else count
                for column, count in enumerate(counts.levels)
            ),
        )
        for row, (name, counts) in enumerate(shown)
    ]
