"""The supervision board."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from haochaping.audit import queries as audit
from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.rules import Reach
from haochaping.orders import queries as orders
from haochaping.orders.rules import Side
from haochaping.regions.rules import county_of

CARDS_FOR = timedelta(days=90)


@dataclass
class Row:
    """One department or region on the board. Cards are those of the last 90 days."""

    name: str
    open: int = 0
    overdue: int = 0
    urged: int = 0
    yellow: int = 0
    red: int = 0
    returned: int = 0
    objections: int = 0
    upheld_objections: int = 0
    reopened: int = 0
    replied: int = 0

    def add(self, of: str, number: int) -> None:
        """Count something."""
        setattr(self, of, getattr(self, of) + number)

    @classmethod
    def total(cls, rows: Sequence[Self]) -> Self:
        """Return the sum of rows."""
        whole = cls("")
        for row in rows:
            for of in ("open", "overdue", "urged", "yellow", "red", "returned"):
                whole.add(of, getattr(row, of))
        return whole


@dataclass(frozen=True)
class Board:
    """The supervision board.

    Departments, regions, what waits for a decision, the latest reveals of phone numbers.
    """

    departments: Sequence[Row]
    regions: Sequence[tuple[int, Row]]
    waiting: dict[Side, int] = field(default_factory=dict)


def board(reach: Reach, at: datetime) -> Board:
    """Return the board of everything within reach, in five statements."""
    rows: dict[int, Row] = {}
    places: dict[int, Row] = {}
    for count in orders.counts(reach, at - CARDS_FOR, at):
        rows.setdefault(count.department_id, Row("")).add(count.of, count.number)
        places.setdefault(county_of(count.region), Row("")).add(count.of, count.number)
    names = directory.department_names(set(rows))
    for department_id, row in rows.items():
        row.name = names.get(department_id, "—")
    speaking = [
        row
        for row in rows.values()
        if row.open or row.urged or row.returned or row.objections or row.reopened
    ]
    ranked = sorted(speaking, key=lambda row: (-row.red, -row.yellow, -row.overdue, -row.open))
    return Board(ranked, sorted(places.items()), orders.waiting(reach))


@dataclass(frozen=True)
class Look:
    """Somebody looked at a citizen's number: who, at what order (none: for a call in hand), why."""

    at: datetime
    by: str
    order: str
    order_id: int
    reason: str


def looks(reach: Reach, at: datetime) -> list[Look]:
    """Return the latest reveals of phone numbers within reach, for whoever supervises."""
    entries = list(
        audit.latest(reach.scope, audit.Asked(verb="reveal_phone", since=at - CARDS_FOR)).filter(
            subject__in=("order", "call")
        )[:50]
    )
    names = identity.names({entry.by for entry in entries})
    numbers = orders.numbers_of({entry.subject_id for entry in entries if entry.subject == "order"})
    return [
        Look(
            entry.at,
            names.get(entry.by, "—"),
            numbers.get(entry.subject_id, "") if entry.subject == "order" else "",
            entry.subject_id,
            str(entry.details.get("reason", "")),
        )
        for entry in entries
    ]
