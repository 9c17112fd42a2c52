"""What a citizen is told of a rating's place in the ledger, and the proof to take away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from haochaping.evaluations import queries as evaluations
from haochaping.feed.rules import Kind
from haochaping.ledger import queries as ledger
from haochaping.ledger.rules import Leaf
from haochaping.proofs import rules
from haochaping.proofs.queries.facts import Opened, facts_of, found, known, opened_at, record_of


@dataclass(frozen=True)
class Standing:
    """How a rating stands in the ledger. Nothing of it says how good the rating was."""

    no: int | None  # of its leaf; None: it waits for one
    log: str = ""
    entered_at: datetime | None = None
    signed_at: datetime | None = None  # of the checkpoint that covers it
    witnessed_at: datetime | None = None
    size: int = 0
    frozen: bool = False

    @property
    def proved(self) -> bool:
        """Whether a proof can be taken away now."""
        return self.signed_at is not None


def standing(evaluation_id: int) -> Standing:
    """Return how a rating stands in the ledger."""
    leaf = next(iter(known(Kind.RATING, [evaluation_id])), None)
    if leaf is None:
        return Standing(None)
    log = next(one for one in ledger.logs() if one.pk == leaf.log_id)
    cover = ledger.covering(log.pk, leaf.no)
    if cover is None:
        return Standing(leaf.no, log.origin, leaf.at, frozen=bool(log.frozen))
    return Standing(
        leaf.no,
        log.origin,
        leaf.at,
        cover.signed_at,
        cover.cosigned_at,
        cover.size,
        frozen=bool(log.frozen),
    )


def promise_of(evaluation_id: int, at: datetime) -> str | None:
    """Return a signed promise that a rating will have its leaf, as soon as the rating is committed:
    a note with the signatures of its leaf's log, or of the newest where it waits for one. None once
    it was erased, and while that log is frozen, not made yet or without keys here: then nothing is
    signed.
    """
    rating = evaluations.rated({evaluation_id}).get(evaluation_id)
    leaf = next(iter(known(Kind.RATING, [evaluation_id])), None)
    logs = [one for one in ledger.logs() if not one.name.startswith(ledger.AUDIT)]
    log = next(
        (one for one in reversed(logs) if (leaf.log_id == one.pk if leaf else not one.successor)),
        None,
    )
    if rating is None or log is None or (leaf is not None and leaf.sealed is None):
        return None
    if log.frozen or not ledger.secrets_of(log.name):
        return None
    text = rules.promise(log.origin, rating.receipt, rating.received_at)
    return ledger.sign(log, text, at).whole


def proof_of(evaluation_id: int, what: Kind = Kind.RATING) -> str | None:
    """Return the whole proof of a rating, its follow-up or what replaced it, as a `.tlog-proof`
    file with what opens its leaf: it shows whoever holds it how the rating was. None where it
    cannot be proved yet, or was erased.
    """
    leaf = next(iter(known(what, [evaluation_id])), None)
    fact = found({what: [evaluation_id]}).get((what, evaluation_id))
    if leaf is None or fact is None or leaf.sealed is None:
        return None
    opening = _opening(leaf, fact)
    if leaf.leaf != Leaf.SUBMITTED:
        body = ledger.bodies(leaf.log_id, [leaf.no])[leaf.no]
        opening |= {"leaf": leaf.leaf, "changes": body[34:].hex()}
    return ledger.prove(leaf.log_id, leaf.no, msgspec.json.encode(opening, order="sorted"))


def _opening(leaf: Opened, fact: Any) -> dict[str, Any]:
    salt, row_salt = leaf.salts
    return {"salt": salt.hex(), "record": record_of(leaf.what, fact, row_salt)}


def rated_leaves(log_id: int, begin: int, end: int) -> list[int]:
    """Return the numbers of the leaves of ratings and follow-ups from one to before another."""
    bodies = enumerate(ledger.entries(log_id, begin, end), begin)
    return [no for no, body in bodies if body[1] == Leaf.SUBMITTED]


def openings_of(log_id: int, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Return what opens leaves of ratings, by number: salt and record, or that it was erased, or
    that nothing opens it: a leaf that came back from a mirror alone.
    """
    leaves = opened_at(log_id, numbers)
    facts, told = facts_of(leaves), dict[int, dict[str, Any]]()
    for one in leaves:
        fact = facts.get((one.what, one.ref))
        if one.sealed is None:
            told[one.no] = {"erased": True}
        elif fact is not None:
            told[one.no] = _opening(one, fact)
    return [{"no": no, **told.get(no, {"orphan": True})} for no in numbers]


def is_erased(evaluation_id: int) -> bool:
    """Say whether what opens the leaf of a rating was destroyed."""
    return any(one.sealed is None for one in known(Kind.RATING, [evaluation_id]))
