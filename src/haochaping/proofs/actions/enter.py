"""Entering facts into the ledger, in the order in which they were committed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import batched
from secrets import token_bytes
from typing import Any

from django.conf import settings
from django.db import transaction

from haochaping.evaluations import queries as evaluations
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import one_at_a_time, rows
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import CHANGES, ELSEWHERE, Leaf, leaf, root
from haochaping.orders import queries as orders
from haochaping.proofs import models, queries, rules
from haochaping.proofs.queries.facts import CONTEXT

READER = "ledger"  # our name on the feed
_OPEN = """
INSERT INTO proofs_opening (log_id, no, leaf, what, ref, salts, at)
SELECT $1, no, leaf, what, ref, salts, $2
  FROM unnest($3::bigint[], $4::smallint[], $5::smallint[], $6::bigint[], $7::bytea[])
    AS given (no, leaf, what, ref, salts)
"""
_AT_ONCE = 5_000  # facts of one append
_STAY = frozenset((Kind.RATING, Kind.FOLLOW_UP, Kind.REPLACED))  # what no door ever removes
_NAMED = 5  # of what is gone, in the reason


def follow(*, at: datetime) -> int:
    """Enter what is new on the feed; return how many facts."""
    return feed.follow(name=READER, effect=lambda facts: enter(facts=facts, at=at), limit=200)


@transaction.atomic
def enter(*, facts: Sequence[tuple[int, int]], at: datetime) -> None:
    """Commit to facts, each once: a leaf for each, and its opening beside it, in the transaction
    that moves the cursor.
    """
    one_at_a_time("enter")  # whoever else enters the same facts finds that they are there
    log = ledger.open_log(name=logs.names(business_day(at).year)[0], at=at)
    enter_into(log_id=log.pk, facts=_expanded(facts), at=at)
    services = [ref for kind, ref in facts if kind == Kind.RECORD]
    if services:
        _invited(log.pk, services, at)


def enter_into(*, log_id: int, facts: Sequence[tuple[int, int]], at: datetime) -> None:
    """Commit in a log to facts that get a leaf of their own and have none."""
    for some in batched(facts, _AT_ONCE):
        _enter(log_id, some, at)


def _expanded(facts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the facts that get a leaf of their own, none twice: an order that has changed stands
    for its steps.
    """
    moved = [ref for kind, ref in facts if kind == Kind.ORDER]
    steps: dict[int, list[int]] = {}
    for step in orders.steps_of(sorted(set(moved))):
        steps.setdefault(step["order_id"], []).append(step["id"])
    found: dict[tuple[int, int], None] = {}
    for kind, ref in facts:
        if kind == Kind.ORDER:
            found |= dict.fromkeys((kind, step) for step in steps.get(ref, ()))
        elif kind in rules.LEAVES:
            found[kind, ref] = None
    return list(found)


def _by_kind(facts: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for kind, ref in facts:
        found.setdefault(kind, []).append(ref)
    return found


def _enter(log_id: int, facts: Sequence[tuple[int, int]], at: datetime) -> None:
    """Append the leaves of facts that have none."""
    wanted = _by_kind(facts)
    there = {(kind, one.ref) for kind, some in wanted.items() for one in queries.known(kind, some)}
    found = queries.found(wanted)
    fresh = [fact for fact in facts if fact in found and fact not in there]
    known = found.keys() | there
    gone = [ref for kind, ref in facts if kind in _STAY and (kind, ref) not in known]
    # what was acknowledged, and somebody removed or rewrote before it had a leaf, or invented
    unlike = evaluations.unlike_handed_in(_by_kind(fresh))
    for refs, what in ((gone, "gone before they were entered"), (unlike, "not what was handed in")):
        if refs:
            some = ", ".join(receipt_number(ref) for ref in refs[:_NAMED])
            ledger.freeze(log_id=log_id, reason=f"{what}: {some}", at=at)
    firsts = [fact for fact in fresh if rules.LEAVES[Kind(fact[0])] not in CHANGES]
    _append(log_id, firsts, found, {}, at)
    changes = [fact for fact in fresh if rules.LEAVES[Kind(fact[0])] in CHANGES]
    if changes:
        rated = queries.numbers_of(log_id, Kind.RATING, [ref for _, ref in changes])
        _append(log_id, changes, found, rated, at)


def _append(
    log_id: int,
    facts: Sequence[tuple[int, int]],
    found: Mapping[tuple[int, int], Any],
    rated: Mapping[int, int],
    at: datetime,
) -> None:
    """Append a leaf for each fact and keep what opens it; `rated` are the leaves that are changed,
    by rating.
    """
    bodies, salts = [], []
    for kind, ref in facts:
        both = token_bytes(2 * rules.SALT)
        record = queries.record_of(kind, found[kind, ref], both[rules.SALT :])
        which = rules.LEAVES[Kind(kind)]
        changed = rated.get(ref, ELSEWHERE) if which in CHANGES else None
        reason = rules.SET_ASIDE if kind == Kind.SET_ASIDE else rules.TAKEN_BACK
        commitment = rules.commitment(both[: rules.SALT], record)
        bodies.append(leaf(which, commitment, changed, reason))
        salts.append(both)
    first = ledger.append(log_id=log_id, entries=bodies)
    keyring: Keyring = settings.KEYRING
    opened = [
        (no, body[1], kind, ref, keyring.seal(both.hex(), CONTEXT, f"{log_id}/{no}"))
        for no, (body, (kind, ref), both) in enumerate(
            zip(bodies, facts, salts, strict=True), first
        )
    ]
    if opened:
        rows(_OPEN, log_id, at, *(list(column) for column in zip(*opened, strict=True)))


def _invited(log_id: int, services: Sequence[int], at: datetime) -> None:
    """Enter how many services could be rated from now on: ratings cannot exceed them (trust design
    §1.6).
    """
    if queries.known(Kind.RECORD, services[:1]):
        return
    over = root(rules.keyed(token_bytes(rules.SALT), services))
    say_invited(log_id=log_id, first=services[0], services=len(services), over=over, at=at)


def say_invited(*, log_id: int, first: int, services: int, over: bytes, at: datetime) -> None:
    """Enter that so many services could be rated, by the root over their keyed numbers."""
    said = rules.invited_said(services, over)
    fact = (Kind.RECORD, first)
    no = state_event(log_id=log_id, kind=Leaf.INVITED, data=said, fact=fact, at=at)
    models.Invited.objects.create(log_id=log_id, no=no, services=services, root=over)


@transaction.atomic
def state(*, said: Mapping[str, object], kind: Leaf, at: datetime) -> int:
    """Enter a record that everybody may see into the log of the year, and keep it to be shown;
    return the leaf's number.
    """
    log = ledger.open_log(name=logs.names(business_day(at).year)[0], at=at)
    return state_into(log_id=log.pk, said=said, kind=kind, at=at)


def state_into(*, log_id: int, said: Mapping[str, object], kind: Leaf, at: datetime) -> int:
    """Enter such a record into a log; return the leaf's number."""
    data = rules.canonical(said)
    no = state_event(log_id=log_id, kind=kind, data=data, at=at)
    facts = {"kind": str(said["kind"]), "said": data.decode(), "at": at}
    models.Said.objects.create(log_id=log_id, no=no, **facts)
    return no


def state_keys(*, log_id: int, keys: Sequence[str], at: datetime) -> int:
    """Enter the new verifier keys of a log: the checkpoint over the leaf is signed with the old
    ones and the new.
    """
    said = {"v": 1, "kind": "keys", "keys": list(keys), "at": at.isoformat()}
    return state_into(log_id=log_id, said=said, kind=Leaf.KEY, at=at)


def prepare_year(*, at: datetime) -> bool:
    """Make next year's keys in December, and say so in a leaf of this year's log, which whoever has
    pinned this year's key believes; say whether that was done now.
    """
    day = business_day(at)
    if day.month != _LAST_MONTH or queries.is_said(COMING, f'"year":{day.year + 1}'):
        return False
    origin, keys = ledger.prepare(name=logs.names(day.year + 1)[0], at=at)
    said = {"v": 1, "kind": COMING, "year": day.year + 1, "origin": origin, "keys": list(keys)}
    state(said={**said, "at": at.isoformat()}, kind=Leaf.KEY, at=at)
    return True


_LAST_MONTH = 12
COMING = "next_keys"


def state_rules(*, name: str, number: int, rules_: object, at: datetime) -> int:
    """Enter the digest of a version of rules that came into force, as everybody may read them."""
    sha256 = hashlib.sha256(rules.canonical({"rules": rules_})).hexdigest()
    said = {"v": 1, "kind": "rules", "name": name, "number": number, "sha256": sha256}
    return state(said={**said, "at": at.isoformat()}, kind=Leaf.KEY, at=at)


def state_event(
    *, log_id: int, kind: Leaf, data: bytes, fact: tuple[int, int] = (0, 0), at: datetime
) -> int:
    """Enter something that everybody may see, perhaps about a fact of the feed; return the number
    of its leaf.
    """
    no = ledger.append(log_id=log_id, entries=[leaf(kind, rules.public(data))])
    what, ref = fact
    models.Opening.objects.create(log_id=log_id, no=no, leaf=kind, what=what, ref=ref, at=at)
    return no
