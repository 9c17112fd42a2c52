"""The logs in the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from haochaping.kernel.db import rows
from haochaping.ledger import models, rules
from haochaping.ledger.queries.files import in_files

type Log = models.Log
AUDIT = "audit-"  # how the names of the audit trail's logs begin


def names(year: int) -> tuple[str, str]:
    """Return the names of the logs of a year: that of ratings and that of the audit trail."""
    return str(year), f"{AUDIT}{year}"


def logs() -> list[models.Log]:
    """Return every log, the oldest first."""
    return list(models.Log.objects.order_by("pk"))


def log_named(name: str) -> models.Log | None:
    """Return a log by its name."""
    return models.Log.objects.filter(name=name).first()


_ENTRIES = """
SELECT body FROM ledger_entry WHERE log_id = $1 AND no >= $2 AND no < $3 ORDER BY no
"""
_AT_ONCE = 1 << 14  # entries


def entries(log_id: int, begin: int, end: int) -> Iterator[bytes]:
    """Yield the leaves of a log from a number to before another."""
    for start in range(begin, end, _AT_ONCE):
        for row in rows(_ENTRIES, log_id, start, min(end, start + _AT_ONCE)):
            yield bytes(row["body"])


_BODIES = "SELECT no, body FROM ledger_entry WHERE log_id = $1 AND no = ANY($2::bigint[])"
EVERY = 2**62  # leaves
_REWRITTEN = """
SELECT leaf.log_id, leaf.no
  FROM ledger_log AS log
  JOIN ledger_entry AS leaf ON leaf.log_id = log.id AND leaf.no >= log.size - $2
 WHERE age(leaf.xmin) <= $1
"""


def bodies(log_id: int, numbers: Sequence[int]) -> dict[int, bytes]:
    """Return some leaves of a log by number."""
    return {row["no"]: bytes(row["body"]) for row in rows(_BODIES, log_id, list(numbers))}


def written_since(transactions: int, last: int) -> dict[int, set[int]]:
    """Return the bundles of each log of whose so many last leaves some were written within so many
    transactions.
    """
    found: dict[int, set[int]] = {}
    for row in rows(_REWRITTEN, transactions, last):
        found.setdefault(row["log_id"], set()).add(row["no"] // rules.WIDTH)
    return found


def frontier(log: models.Log) -> list[bytes]:
    """Return the frontier of a log as it was committed with its leaves (`rules.extend`)."""
    held = bytes(log.frontier)
    return [held[place : place + rules.HASH] for place in range(0, len(held), rules.HASH)]


def root_at(log_id: int, size: int) -> bytes:
    """Return the root of a log at a size, counted anew from the leaves in the database."""
    return rules.root(map(rules.leaf_hash, entries(log_id, 0, size)))


def root_of(log: models.Log, size: int) -> bytes:
    """Return the root of a log at a size: from the published files where these reach so far, which
    takes no time, else counted anew.
    """
    if size > log.published:
        return root_at(log.pk, size)
    return rules.root_of(rules.frontier_at(size, in_files(log.name, log.published)))


@dataclass(frozen=True)
class Covering:
    """The signed checkpoint that covers a leaf first, and how it stands."""

    size: int
    note: str
    signed_at: datetime
    cosigned_at: datetime | None


def covering(log_id: int, no: int) -> Covering | None:
    """Return the last signed checkpoint of a log that covers a leaf: of those that enough witnesses
    have signed, where there is one.
    """
    signed = models.Checkpoint.objects.filter(
        log_id=log_id, signed_at__isnull=False, size__gt=no
    ).order_by("-size")
    last = signed.filter(cosigned_at__isnull=False).first() or signed.first()
    if last is None or last.signed_at is None:
        return None
    return Covering(last.size, last.note, last.signed_at, last.cosigned_at)


def last_signed(log: models.Log) -> tuple[int, bytes]:
    """Return the size and root of the last checkpoint that a log signed, by whomever witnessed: 0
    and nothing where it signed none.
    """
    signed = models.Checkpoint.objects.filter(log=log, signed_at__isnull=False).order_by("-size")
    last = signed.first()
    return (last.size, bytes(last.root)) if last else (0, b"")


def witnessed(log_id: int) -> tuple[int, datetime] | None:
    """Return the size of the last checkpoint that enough witnesses signed, and since when; None
    where none did.
    """
    signed = models.Checkpoint.objects.filter(log_id=log_id, cosigned_at__isnull=False)
    last = signed.order_by("-size").values_list("size", "cosigned_at").first()
    return (last[0], last[1]) if last and last[1] else None


def uncosigned_since(log_id: int) -> datetime | None:
    """Return since when there is a signed checkpoint that too few witnesses have signed, none after
    it; None where they have signed the last.
    """
    signed = models.Checkpoint.objects.filter(log_id=log_id, signed_at__isnull=False)
    last = signed.filter(cosigned_at__isnull=False).order_by("-size").first()
    waiting = signed.filter(size__gt=last.size if last else 0).order_by("size")
    return waiting.values_list("signed_at", flat=True).first()


def prove(log_id: int, no: int, extra: bytes = b"") -> str | None:
    """Return the proof that a leaf is in a log, as a `.tlog-proof` file; None where no checkpoint
    covers it yet. Raises OSError or ValueError where the files are not whole.
    """
    found = covering(log_id, no)
    if found is None:
        return None
    name = models.Log.objects.values_list("name", flat=True).get(pk=log_id)
    path = rules.inclusion(no, found.size, in_files(name, found.size))
    return rules.Proof(no, tuple(path), found.note, extra).text


# numbers and kinds of all leaves, for who compares them with numbers of its own in one statement
LEAVES = "(SELECT log_id, no, get_byte(body, 1) AS kind FROM ledger_entry)"
