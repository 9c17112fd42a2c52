"""The facts that leaves commit to, and whether they still are what was committed to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings

from haochaping.evaluations import queries as evaluations
from haochaping.feed import queries as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.crypto import Keyring, Unreadable
from haochaping.kernel.db import rows
from haochaping.kernel.ids import first_key, receipt_number
from haochaping.kernel.sealed import Sealed
from haochaping.ledger import queries as ledger
from haochaping.ledger.rules import ELSEWHERE, Leaf
from haochaping.orders import queries as orders
from haochaping.proofs import models, rules
from haochaping.proofs.queries.days import texts_between

CONTEXT = "proofs.salts"  # of what is sealed in an opening


@dataclass(frozen=True)
class Opened:
    """A leaf and what opens it."""

    log_id: int
    no: int
    leaf: int
    what: int
    ref: int
    sealed: bytes | None
    at: datetime

    @property
    def told(self) -> str:
        """Return what people call the fact: receipt or other number, and leaf."""
        kind = Leaf(self.leaf).name.lower()
        name = self.ref if self.what == Kind.ORDER else receipt_number(self.ref)
        return f"{kind} {name} (leaf {self.no})"

    @property
    def salts(self) -> tuple[bytes, bytes]:
        """Return salt A, of the commitment, and salt B, of the row in the day book.

        Raises Unreadable where they were altered or moved.
        """
        keyring: Keyring = settings.KEYRING
        plain = keyring.open(self.sealed, CONTEXT, f"{self.log_id}/{self.no}") or ""
        both = bytes.fromhex(plain)
        return both[: rules.SALT], both[rules.SALT :]


_OPENED = """
SELECT log_id, no, leaf, what, ref, salts AS sealed, at FROM proofs_opening
 WHERE log_id = $1 AND no >= $2 AND no < $3 ORDER BY no
"""
_OPENED_AT = """
SELECT log_id, no, leaf, what, ref, salts AS sealed, at FROM proofs_opening
 WHERE log_id = $1 AND no = ANY($2::bigint[]) ORDER BY no
"""
_OF_FACTS = """
SELECT log_id, no, leaf, what, ref, salts AS sealed, at FROM proofs_opening
 WHERE what = $1 AND ref = ANY($2::bigint[]) ORDER BY log_id, no
"""


def opened(log_id: int, begin: int, end: int) -> list[Opened]:
    """Return the openings of leaves from a number to before another."""
    return [Opened(**row) for row in rows(_OPENED, log_id, begin, end)]


def opened_at(log_id: int, numbers: Sequence[int]) -> list[Opened]:
    """Return the openings of some leaves."""
    return [Opened(**row) for row in rows(_OPENED_AT, log_id, list(numbers))]


def known(what: int, refs: Sequence[int]) -> list[Opened]:
    """Return the openings of facts of a kind."""
    return [Opened(**row) for row in rows(_OF_FACTS, what, list(refs))] if refs else []


def numbers_of(log_id: int, what: int, refs: Sequence[int]) -> dict[int, int]:
    """Return the leaves of facts of a kind in a log by reference."""
    return {one.ref: one.no for one in known(what, refs) if one.log_id == log_id}


def found(wanted: Mapping[int, Sequence[int]]) -> dict[tuple[int, int], Any]:
    """Return what the facts are that are asked for by kind; what is not there is left out."""
    facts: dict[tuple[int, int], Any] = {}
    for kind, read in (
        (Kind.RATING, evaluations.to_commit),
        (Kind.FOLLOW_UP, evaluations.follow_ups_to_commit),
        (Kind.REPLACED, evaluations.replacements_to_commit),
        (Kind.ORDER, orders.steps_to_commit),
    ):
        facts |= {(kind, row["id"]): row for row in read(wanted.get(kind, ()))}
    aside = evaluations.verdicts_to_commit(wanted.get(Kind.SET_ASIDE, ()))
    facts |= {(Kind.SET_ASIDE, key): key for key in aside}
    again = evaluations.verdicts_to_commit(wanted.get(Kind.RESTORED, ()))
    return facts | {(Kind.RESTORED, key): key for key, restored in again.items() if restored}


def facts_of(openings: Iterable[Opened]) -> dict[tuple[int, int], Any]:
    """Return what the facts of leaves are now, by kind and reference (`found`)."""
    wanted: dict[int, list[int]] = {}
    for one in openings:
        wanted.setdefault(one.what, []).append(one.ref)
    return found(wanted)


def record_of(kind: int, fact: Any, row_salt: bytes) -> dict[str, object]:
    """Return the record that is committed to."""
    if kind in (Kind.RATING, Kind.FOLLOW_UP):
        return rules.of_rating(fact, follow_up=kind == Kind.FOLLOW_UP, salt=row_salt)
    if kind == Kind.REPLACED:
        return rules.of_replacement(fact)
    if kind == Kind.ORDER:
        return rules.of_step(fact)
    return rules.of_verdict(fact, taken_back=kind == Kind.RESTORED)


def altered(openings: Sequence[Opened]) -> list[Opened]:
    """Return the openings of what is no longer what its leaf commits to, but for what was admitted
    in public; and those that open nothing, though no leaf says that they were erased.
    """
    private = [one for one in openings if one.what in rules.LEAVES]
    held = [one for one in private if one.sealed is not None]
    facts, bodies = facts_of(held), _bodies(held)
    wrong = [
        one
        for one in held
        if not _same(one, facts.get((one.what, one.ref)), bodies.get((one.log_id, one.no)))
    ]
    wrong += _emptied([one for one in private if one.sealed is None])
    known = _admitted() if wrong else {}
    return [one for one in wrong if not _is_known(known, one.log_id, one.no)]


type _Known = Mapping[int, Sequence[Collection[int]]]  # leaves by log


def _admitted() -> _Known:
    """Return the leaves of which leaves of restatements, and not their rows alone, say that they
    are altered or came back from a mirror.
    """
    found: dict[int, list[Collection[int]]] = {}
    said = list(models.Restatement.objects.all())
    for log_id in {one.log_id for one in said}:
        mine = [one for one in said if one.log_id == log_id]
        bodies = ledger.bodies(log_id, [one.no for one in mine])
        for one in mine:
            if bodies.get(one.no, b"")[2:34] == rules.public(one.said.encode()):
                told = msgspec.json.decode(one.said)
                found.setdefault(log_id, []).append(set(told.get("leaves", ())))
                found[log_id].append(range(told.get("from", 0), told.get("to", 0)))
    return found


def _is_known(known: _Known, log_id: int, no: int) -> bool:
    return any(no in some for some in known.get(log_id, ()))


def is_admitted(log_id: int, begin: int, end: int) -> bool:
    """Say whether it was said in public that leaves from a number to before another were altered,
    or came back from a mirror.
    """
    return any(begin <= no < end for some in _admitted().get(log_id, ()) for no in some)


_ERASED = "SELECT log_id, no FROM proofs_opening WHERE leaf = $1"


def _emptied(openings: Sequence[Opened]) -> list[Opened]:
    """Return the openings without salts of which no leaf says that they were erased: one in their
    own log, or, of a log that ended, one in a later log that names no leaf.
    """
    if not openings:
        return []
    wanted: dict[int, list[int]] = {}
    for row in rows(_ERASED, Leaf.ERASED):
        wanted.setdefault(row["log_id"], []).append(row["no"])
    named, elsewhere = set[tuple[int, int]](), 0
    for log_id, numbers in wanted.items():
        for body in ledger.bodies(log_id, numbers).values():
            changed = int.from_bytes(body[34:42])
            elsewhere += changed == ELSEWHERE
            named.add((log_id, changed))
    bare = [one for one in openings if (one.log_id, one.no) not in named]
    return bare if len(bare) > elsewhere else []


_UNOPENED = f"""
SELECT leaf.no FROM {ledger.LEAVES} AS leaf
 WHERE leaf.log_id = $1 AND leaf.no >= $2 AND leaf.no < $3 AND leaf.kind = ANY($4::int[])
   AND NOT EXISTS (SELECT FROM proofs_opening AS known
                    WHERE known.log_id = leaf.log_id AND known.no = leaf.no)
 ORDER BY leaf.no
"""  # noqa: S608 - built from constants


def unopened(log_id: int, begin: int, end: int) -> list[int]:
    """Return the leaves of facts, from a number to before another, that nothing opens, but for what
    was admitted in public: somebody removed what did.
    """
    kinds = sorted({int(kind) for kind in rules.LEAVES.values()})
    bare = [row["no"] for row in rows(_UNOPENED, log_id, begin, end, kinds)]
    known = _admitted() if bare else {}
    return [no for no in bare if not _is_known(known, log_id, no)]


_PUBLIC = f"""
SELECT leaf.no FROM {ledger.LEAVES} AS leaf
 WHERE leaf.log_id = $1 AND leaf.no >= $2 AND leaf.no < $3 AND leaf.kind = ANY($4::int[])
"""  # noqa: S608 - built from constants


def silent(log_id: int, begin: int, end: int) -> list[int]:
    """Return the leaves that everybody may read, from a number to before another, of which no row
    says what they commit to, but for what was admitted in public: somebody removed or rewrote it.
    """
    there = rows(_PUBLIC, log_id, begin, end, [int(kind) for kind in _PUBLIC_KINDS])
    if not there:
        return []
    texts = texts_between(log_id, begin, end)
    wrong = [
        no
        for no, body in ledger.bodies(log_id, [row["no"] for row in there]).items()
        if no not in texts or body[2:34] != rules.public(texts[no].encode())
    ]
    known = _admitted() if wrong else {}
    return sorted(no for no in wrong if not _is_known(known, log_id, no))


_PUBLIC_KINDS = (
    Leaf.INVITED,
    Leaf.STATEMENT,
    Leaf.DAYBOOK,
    Leaf.KEY,
    Leaf.CANARY,
    Leaf.RESTATEMENT,
)


def _bodies(openings: Iterable[Opened]) -> dict[tuple[int, int], bytes]:
    """Return the leaves of openings."""
    wanted: dict[int, list[int]] = {}
    for one in openings:
        wanted.setdefault(one.log_id, []).append(one.no)
    return {
        (log_id, no): body
        for log_id, numbers in wanted.items()
        for no, body in ledger.bodies(log_id, numbers).items()
    }


def _same(one: Opened, fact: Any, body: bytes | None) -> bool:
    if fact is None or body is None or (isinstance(fact, dict) and not fact.get("fits", True)):
        return False
    try:
        salt, row_salt = one.salts
    except (Unreadable, ValueError):
        return False
    return rules.commitment(salt, record_of(one.what, fact, row_salt)) == body[2:34]


_GONE = " UNION ALL ".join(
    f"""
(SELECT known.what, known.ref FROM proofs_opening AS known
  WHERE known.what = {kind:d} AND known.salts IS NOT NULL
    AND NOT EXISTS (SELECT FROM {keys} AS fact WHERE fact.id = known.ref)
  LIMIT 1000)"""  # noqa: S608 - built from constants
    for kind, keys in evaluations.KEYS.items()
)


def gone() -> list[Opened]:
    """Return the openings of ratings, and of what befell them, that are there no more, but for what
    was admitted.
    """
    refs: dict[int, list[int]] = {}
    for row in rows(_GONE):
        refs.setdefault(row["what"], []).append(row["ref"])
    return [one for what, some in refs.items() for one in altered(known(what, some))]


# What waits for its leaf may be much, and the planner does not know how much: EXCEPT hashes or
# sorts it, where NOT EXISTS became a loop within a loop.
_STRANGERS = " UNION ALL ".join(
    f"""
(SELECT id FROM (
   SELECT fact.id FROM {keys} AS fact
    WHERE fact.id >= $1 AND age(fact.xmin) <= $2
      AND NOT EXISTS (SELECT FROM proofs_opening AS known
                       WHERE known.what = {kind:d} AND known.ref = fact.id)
   EXCEPT SELECT ref FROM {feed.uncovered_refs("ledger", kind)} AS coming
   EXCEPT SELECT ref FROM {feed.aside_refs("ledger", kind)} AS aside
 ) AS bare LIMIT 20)"""  # noqa: S608 - built from constants
    for kind, keys in evaluations.KEYS.items()
)
EVER = 2**31 - 1  # transactions


def strangers(transactions: int = EVER, since: datetime | None = None) -> list[str]:
    """Return the receipts of ratings, and of what befell ratings, that no leaf knows and that do
    not wait for one (what our reader of the feed could not take has an alarm of its own): somebody
    put them there beside every door. Of all there are, or of what was written within so many
    transactions about services since a moment.
    """
    first = -(2**63) if since is None else first_key(since)
    return [receipt_number(row["id"]) for row in rows(_STRANGERS, first, transactions)]


_GUARDED = [
    "evaluations_evaluation%",
    "evaluations_followup%",
    "evaluations_replacement",
    "evaluations_setaside",
    "evaluations_restored",
    "ledger_entry",
    "proofs_opening",
    "proofs_day",
    "proofs_invited",
    "proofs_said",
    "proofs_restatement",
]
_COUNTERS = """
SELECT coalesce(sum(n_tup_upd + n_tup_del), 0)::bigint AS changed,
       coalesce(sum(pg_relation_filenode(relid)::bigint), 0)::bigint AS files,
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
  FROM pg_stat_user_tables WHERE relname LIKE ANY($1::text[])
"""


@dataclass(frozen=True)
class Counters:
    """How often rows were changed that never change, by PostgreSQL's own count, which a trigger
    has it write down at once (site/access.sql); `files` is another once a table was emptied at one
    stroke, which no count tells. Whatever is committed from here on has a number from `oldest` on,
    the first transaction that still runs; `next` is the number of the next.
    """

    changed: int
    files: int
    oldest: int
    next: int


def counters() -> Counters:
    """Return the counters; one statement, for it is asked every few seconds."""
    return Counters(**rows(_COUNTERS, _GUARDED)[0])


def own_transaction() -> int | None:
    """Return the number of the transaction that asks, where it has one."""
    (row,) = rows("SELECT pg_current_xact_id_if_assigned()::text::bigint AS no")
    number: int | None = row["no"]
    return number


_WRITTEN = """
SELECT known.what, known.ref
  FROM unnest($2::bigint[], $3::bigint[]) AS log (id, begin)
  JOIN proofs_opening AS known ON known.log_id = log.id AND known.no >= log.begin
 WHERE age(known.xmin) <= $1
"""
LATELY = 200_000  # leaves


def suspects(transactions: int, since: datetime | None = None) -> list[Opened]:
    """Return the openings of whatever was written within so many transactions: ratings, what befell
    them, and openings themselves; of services since a moment only, and of the last leaves, where
    one is given.
    """
    first = -(2**63) if since is None else first_key(since)
    begins = {log.pk: 0 if since is None else log.size - LATELY for log in ledger.logs()}
    refs: dict[int, set[int]] = {}
    for kind, key in evaluations.written_since(transactions, first):
        refs.setdefault(kind, set()).add(key)
    for row in rows(_WRITTEN, transactions, list(begins), list(begins.values())):
        refs.setdefault(row["what"], set()).add(row["ref"])
    return [one for what, some in refs.items() for one in known(what, sorted(some))]


SEALED = (
    Sealed(
        "proofs_opening",
        {"salts": lambda _: CONTEXT},
        row=lambda row: f"{row['log_id']}/{row['no']}",
        key=("log_id", "no"),
    ),
)
