"""Months that are closed: what leaves say of them, and whether their files say the same."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import QuerySet

from haochaping.ledger import queries as ledger
from haochaping.proofs import models
from haochaping.proofs.queries.days import committed_files, is_itself, path_of
from haochaping.proofs.rules import public

MONTH_BOOK = "monthbook"  # the kind of a month's statement among what leaves say to everybody


@dataclass(frozen=True)
class Month:
    """A closed month of a log."""

    log_id: int
    no: int  # of the statement's leaf
    month: str  # 2026-11
    statement: str  # canonical JSON


def months() -> list[Month]:
    """Return every closed month, the newest first."""
    return _months(models.Said.objects.all())


def months_of(log_id: int) -> list[Month]:
    """Return the closed months of a log, the newest first."""
    return _months(models.Said.objects.filter(log_id=log_id))


def _months(among: QuerySet[models.Said]) -> list[Month]:
    return [
        Month(one.log_id, one.no, msgspec.json.decode(one.said)["month"], one.said)
        for one in among.filter(kind=MONTH_BOOK).order_by("-at", "-no")
    ]


def month_holds(log: ledger.Log, month: Month) -> bool:
    """Say whether the files of a closed month are those that its leaf commits to."""
    entered = ledger.bodies(log.pk, [month.no]).get(month.no, b"")
    told = msgspec.json.decode(month.statement)
    folder = path_of(log, month.month, "json").parent
    try:
        rows, table, said = (path_of(log, month.month, kind).read_bytes() for kind in _FILES)
    except OSError:
        return False
    return (
        entered[2:34] == public(said)
        and said == month.statement.encode()
        and hashlib.sha256(rows).hexdigest() == told["book"]["sha256"]
        and hashlib.sha256(table).hexdigest() == told["table_sha256"]
        and all(is_itself(folder / name) for name in committed_files(told))
    )


_FILES = "rows", "csv", "json"


def months_listed(log: ledger.Log, closed: Sequence[Month], at: datetime) -> bool:
    """Say whether the list of months that everybody reads names closed months and no others: all
    but those whose proof is missing, or was written a moment ago.
    """
    settled = at.timestamp() - _SETTLED
    proved = {one.month for one in closed if _written_before(log, one.month, settled)}
    try:
        path = path_of(log, "months", "json")
        named = set(msgspec.json.decode(path.read_bytes(), type=list[str]))
    except FileNotFoundError:
        return not proved
    except (OSError, msgspec.MsgspecError):
        return False
    return proved <= named <= {one.month for one in closed}


_SETTLED = 3600  # seconds: whoever was killed between a proof and the list writes it by then


def _written_before(log: ledger.Log, month: str, when: float) -> bool:
    try:
        return path_of(log, month, "tlog-proof").stat().st_mtime < when
    except OSError:
        return False
