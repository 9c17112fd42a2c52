"""Days that are closed, and the cells of their books."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from haochaping.directory import queries as directory
from haochaping.ledger import queries as ledger
from haochaping.proofs import models
from haochaping.proofs.rules import DEPARTMENT, canonical, invited_said, public
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, parent_of, scope


def days() -> list[models.Day]:
    """Return every closed day, the newest first."""
    return list(models.Day.objects.order_by("-day", "-log_id"))


def restatements() -> list[models.Restatement]:
    """Return what was said in public, the newest first."""
    return list(models.Restatement.objects.order_by("-at"))


def last_said(kind: str) -> models.Said | None:
    """Return what was said last of a kind in a leaf for everybody."""
    return models.Said.objects.filter(kind=kind).order_by("-at").first()


def last_day(log_id: int) -> models.Day | None:
    """Return the last closed day of a log."""
    return models.Day.objects.filter(log_id=log_id).order_by("-day").first()


def day_of(log_id: int, day: str) -> models.Day | None:
    """Return a closed day of a log by its date as text; None where it is none."""
    try:
        return models.Day.objects.filter(log_id=log_id, day=date.fromisoformat(day)).first()
    except ValueError:
        return None


def is_said(kind: str, part: str) -> bool:
    """Say whether a leaf for everybody says something of a kind in which a text occurs."""
    return models.Said.objects.filter(kind=kind, said__contains=part).exists()


def statements(kind: str) -> list[dict[str, Any]]:
    """Return all that leaves for everybody say of a kind, of what their leaves commit to."""
    there = models.Said.objects.filter(kind=kind).values_list("no", "said")
    found = [(no, msgspec.json.decode(said)) for no, said in there]
    return [said for no, said in found if said_at(no, said) is not None]


def said_of(kind: str, limit: int = 5) -> list[models.Said]:
    """Return what was said last of a kind in leaves for everybody, the newest first."""
    return list(models.Said.objects.filter(kind=kind).order_by("-at")[:limit])


def path_of(log: ledger.Log, day: date | str, kind: str) -> Path:
    """Return where a file of a day or a month lies: `rows`, `json`, `csv`, `said` (of days alone)
    or `tlog-proof`.
    """
    return ledger.folder(log.name) / "daybook" / f"{day}.{kind}"


def committed_files(statement: Mapping[str, Any]) -> list[str]:
    """Return the names of the files beside a day's own to which its statement commits: the names of
    its cells and the rules by which it was closed. Days with the same ones share them.
    """
    digests = {
        "cells-{}.json": statement.get("cells_sha256"),
        "rules-{}.txt": statement["rules"].get("sha256"),
    }
    return [name.format(sha256[:16]) for name, sha256 in digests.items() if sha256]


def is_itself(path: Path) -> bool:
    """Say whether such a file holds what it is called after."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return path.stem.partition("-")[2] == hashlib.sha256(data).hexdigest()[:16]


def row_holds(log: ledger.Log, day: models.Day) -> bool:
    """Say whether the row of a closed day is what its leaf commits to."""
    told = msgspec.json.decode(day.statement)
    entered = ledger.bodies(log.pk, [day.no]).get(day.no, b"")
    return entered[2:34] == public(day.statement.encode()) and _row_of(told) == _row_of_day(day)


def book_holds(log: ledger.Log, day: models.Day) -> bool:
    """Say whether row and files of a closed day are those that its statement commits to."""
    told = msgspec.json.decode(day.statement)
    if not row_holds(log, day):
        return False
    try:
        rows, table, said = (path_of(log, day.day, kind).read_bytes() for kind in _COMMITTED)
        texts = path_of(log, day.day, "said").read_bytes() if "said_sha256" in told else b""
    except OSError:
        return False
    if "said_sha256" in told and hashlib.sha256(texts).hexdigest() != told["said_sha256"]:
        return False
    folder = ledger.folder(log.name) / "daybook"
    if not all(is_itself(folder / name) for name in committed_files(told)):
        return False
    return (
        said == day.statement.encode()
        and hashlib.sha256(rows).hexdigest() == told["daybook"]["sha256"]
        and hashlib.sha256(table).hexdigest() == told["table_sha256"]
    )


_COMMITTED = "rows", "csv", "json"


def _row_of(statement: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what the row of a day holds by its statement."""
    log, book = statement["log"], statement["daybook"]
    return statement["day"], log["from"], log["to"], book["rows"], book["root"]


def _row_of_day(day: models.Day) -> tuple[object, ...]:
    return str(day.day), day.begin, day.end, day.rows, bytes(day.root).hex()


def texts_between(log_id: int, begin: int, end: int) -> dict[int, str]:
    """Return what the leaves from a number to before another say that everybody may read: batches
    of services, statements, keys and rules, tests of the channels, restatements.
    """
    within = {"log_id": log_id, "no__gte": begin, "no__lt": end}
    texts = dict(models.Said.objects.filter(**within).values_list("no", "said"))
    texts |= restated_between(log_id, begin, end)
    texts |= dict(models.Day.objects.filter(**within).values_list("no", "statement"))
    for one in models.Invited.objects.filter(**within):
        texts[one.no] = invited_said(one.services, bytes(one.root)).decode()
    return dict(sorted(texts.items()))


def path_to(department: int, region: int) -> tuple[int, ...]:
    """Return the cells that a rating of a department falls into, the finest first."""
    found = [DEPARTMENT + department]
    while region and region != PROVINCE_OF_THE_PLATFORM:
        found.append(region)
        region = parent_of(region) or 0
    return (*found, PROVINCE_OF_THE_PLATFORM)


def cells() -> dict[str, Any]:
    """Return the names of all cells, for who reads a book: by number, with the one above."""
    tree = regions.tree()
    found: dict[str, Any] = {
        str(code): {"name": tree.name(code), "above": str(parent_of(code) or "")}
        for code in sorted(tree.names)
    }
    for one in directory.departments(scope(PROVINCE_OF_THE_PLATFORM)):
        found[str(DEPARTMENT + one.pk)] = {"name": one.name, "above": str(one.region)}
    return found


def restated_between(log_id: int, begin: int, end: int) -> dict[int, str]:
    """Return what was said in public between two leaves because it could not be put back."""
    found = models.Restatement.objects.filter(log_id=log_id, no__gte=begin, no__lt=end)
    return dict(found.order_by("no").values_list("no", "said"))


def index_holds(log: ledger.Log) -> bool:
    """Say whether the list of days that everybody reads names closed days of a log and no others:
    all but those whose proof waits for its checkpoint or for witnesses.
    """
    closed = models.Day.objects.filter(log_id=log.pk)
    proved = {str(day) for day in closed.exclude(proved_at=None).values_list("day", flat=True)}
    known = {str(day) for day in closed.values_list("day", flat=True)}
    path = ledger.folder(log.name) / "daybook" / "index.json"
    try:
        named = set(msgspec.json.decode(path.read_bytes(), type=list[str]))
    except FileNotFoundError:
        return not proved
    except (OSError, msgspec.MsgspecError):
        return False
    return proved <= named <= known


def said_at(no: int, said: Mapping[str, object]) -> int | None:
    """Return the log whose leaf of a number says this to everybody; None where none does."""
    text = canonical(said)
    for log_id in models.Said.objects.filter(no=no, said=text.decode()).values_list(
        "log_id", flat=True
    ):
        if ledger.bodies(log_id, [no]).get(no, b"")[2:34] == public(text):
            return log_id
    return None
