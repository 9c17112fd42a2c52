"""What a citizen is told of a rating's place in the ledger, and the proof to take away."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from haochaping.feed.rules import Kind
from haochaping.ledger import queries as ledger
from haochaping.proofs.queries.facts import found, known, record_of


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


def proof_of(evaluation_id: int) -> str | None:
    """Return the whole proof of a rating as a `.tlog-proof` file, with what opens its leaf: it
    shows whoever holds it how the rating was. None where it cannot be proved yet, or was erased.
    """
    leaf = next(iter(known(Kind.RATING, [evaluation_id])), None)
    fact = found({Kind.RATING: [evaluation_id]}).get((Kind.RATING, evaluation_id))
    if leaf is None or fact is None or leaf.sealed is None:
        return None
    salt, row_salt = leaf.salts
    record = record_of(Kind.RATING, fact, row_salt)
    opening = {"salt": salt.hex(), "record": record}
    return ledger.prove(leaf.log_id, leaf.no, msgspec.json.encode(opening, order="sorted"))
