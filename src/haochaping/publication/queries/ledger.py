"""The ledger and its day books as everybody may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from django.conf import settings

from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.kernel.words import Words
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import ED25519, parse_vkey
from haochaping.proofs import queries as proofs
from haochaping.proofs.actions import COMING
from haochaping.proofs.rules import share_found
from haochaping.publication.rules import EXCLUDED
from haochaping.regions import queries as regions


@dataclass(frozen=True)
class Ledger:
    """A log as everybody may see it."""

    name: str
    origin: str
    audit: bool
    published: int
    signed_at: datetime | None
    frozen: bool
    successor: str  # the log that goes on in its place, where it was given up
    witnessed: tuple[int, datetime] | None  # how far enough witnesses signed, and when
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
        after = log.successor.name if log.successor else ""
        frozen = bool(log.frozen) and not after
        seen = logs.witnessed(log.pk)
        told = (log.name, log.origin, audit, log.published, signed, frozen, after, seen)
        found.append(Ledger(*told, logs.vkeys(log)))
    found.reverse()
    return sorted(found, key=lambda one: one.audit)


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
class MonthBook:
    """A closed month: what comes again of what its days told of wider places."""

    log: str
    month: str
    rows: int
    withheld: int  # cells of which nothing is told, for a few of their ratings were erased
    proved: bool


def month_books() -> list[MonthBook]:
    """Return the closed months, the newest first."""
    by_id = {log.pk: log for log in logs.logs()}
    found = []
    for one in proofs.months():
        log, said = by_id[one.log_id], msgspec.json.decode(one.statement)
        withheld = len(said["withheld"])
        proved = proofs.path_of(log, one.month, "tlog-proof").exists()
        found.append(MonthBook(log.name, one.month, said["book"]["rows"], withheld, proved))
    return found


@dataclass(frozen=True)
class Asked:
    """The denominators of a closed day, as its statement says: sums from the first day on, and by
    city (code and name, completed, asked by SMS, reached by it, rated).
    """

    day: date
    services: int
    rated: int
    cities: Sequence[tuple[int, str, int, int, int, int]]


def asked() -> Asked | None:
    """Return the denominators of the last closed day; None where no statement has them."""
    for day in proofs.days()[:1]:
        told = msgspec.json.decode(day.statement)["invitations"]
        if "services_so_far" in told:
            tree = regions.tree()
            cities = [
                (
                    int(one["city"]),
                    tree.name(int(one["city"])),
                    *(one[name] for name in ("completed", "asked", "delivered", "rated")),
                )
                for one in told["cities"]
            ]
            return Asked(day.day, told["services_so_far"], told["rated_so_far"], cities)
    return None


@dataclass(frozen=True)
class Terminals:
    """How the terminals at windows count, as the statement of a closed day says: from the first day
    on, and since the day before.
    """

    day: date
    devices: int
    received: int
    missing: int
    restarts: int
    newly_received: int
    newly_missing: int


def terminals() -> Terminals | None:
    """Return the counters of the last closed day; None where no statement has any."""
    said = [msgspec.json.decode(day.statement) for day in proofs.days()[:4]]
    said = [one for one in said if "terminals" in one]
    if not said:
        return None
    last, before = said[0]["terminals"], {"received": 0, "missing": 0}
    earlier = [one["terminals"] for one in said if one["day"] < said[0]["day"]]
    before = earlier[0] if earlier else before
    return Terminals(
        date.fromisoformat(said[0]["day"]),
        **last,
        newly_received=last["received"] - before["received"],
        newly_missing=last["missing"] - before["missing"],
    )


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
class Sampled:
    """What an auditor's sample of a day found."""

    at: datetime
    no: int
    day: date
    auditor: str
    leaves: int
    wrong: int
    share: float  # of altered ratings that a sample of this size would have met with 95 %


def samples() -> list[Sampled]:
    """Return what was said of the last audit samples."""
    found = []
    for one in proofs.said_of("sampled"):
        said = msgspec.json.decode(one.said)
        told = said["auditor"], said["leaves"], said["wrong"], share_found(said["leaves"])
        found.append(Sampled(one.at, one.no, date.fromisoformat(said["day"]), *told))
    return found


@dataclass(frozen=True)
class Shopped:
    """A sealed list of an auditor: announced only, or what became of its ratings (level, planned,
    missing, altered).
    """

    at: datetime
    no: int
    auditor: str
    levels: Sequence[tuple[int, int, int, int]] | None

    @property
    def wrong(self) -> bool:
        """Say whether a rating of the list is missing or altered."""
        return any(missing or altered for _, _, missing, altered in self.levels or ())


_SHOWN, _EVER = 50, 10_000  # lists: nobody pushes a bad one off the page by announcing others


def shopped() -> list[Shopped]:
    """Return the last sealed lists, with what became of those that were opened."""
    opened = {
        msgspec.json.decode(one.said)["sha256"]: one for one in proofs.said_of("shopped", _EVER)
    }
    found = []
    for one in proofs.said_of("canary_list", _SHOWN):
        said = msgspec.json.decode(one.said)
        told = opened.get(said["sha256"])
        if told is None:
            found.append(Shopped(one.at, one.no, said["auditor"], None))
            continue
        result = msgspec.json.decode(told.said)
        levels = [
            (int(level), number, *(result[name].get(level, 0) for name in ("missing", "altered")))
            for level, number in sorted(result["planned"].items())
        ]
        found.append(Shopped(told.at, told.no, said["auditor"], levels))
    return found


@dataclass(frozen=True)
class Said:
    """What was said in public because it could not be put back."""

    at: datetime
    reason: str


def coming_keys() -> list[str]:
    """Return the keys of next year's log, once they are made."""
    said = proofs.last_said(COMING)
    told = msgspec.json.decode(said.said) if said else {}
    begun = told and logs.log_named(str(told["year"])) is not None
    return [] if begun else list(told.get("keys", ()))


def witness_keys() -> tuple[list[str], int]:
    """Return the keys of the witnesses that are asked, and how many of them must have signed."""
    parts = [one.split() for one in settings.LEDGER_WITNESSES.split(",")]
    found = [part[1] for part in parts if len(part) > 1]
    return found, min(settings.LEDGER_ENOUGH, len(found))


def restatements() -> list[Said]:
    """Return the restatements, the newest first."""
    found = proofs.restatements()
    return [Said(one.at, msgspec.json.decode(one.said)["reason"]) for one in found]
