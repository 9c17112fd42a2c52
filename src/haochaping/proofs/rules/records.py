"""What is committed to of each kind of fact: canonical records, and the leaf they become."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from haochaping.feed.rules import Kind
from haochaping.kernel.ids import receipt_number
from haochaping.ledger.rules import Leaf
from haochaping.proofs.rules.commitments import text_digest

LEAVES: Mapping[Kind, Leaf] = {
    Kind.RATING: Leaf.SUBMITTED,
    Kind.FOLLOW_UP: Leaf.SUBMITTED,
    Kind.REPLACED: Leaf.REPLACED,
    Kind.SET_ASIDE: Leaf.INVALIDATED,
    Kind.RESTORED: Leaf.INVALIDATED,
    Kind.ORDER: Leaf.ORDER,
}
SET_ASIDE, TAKEN_BACK = 1, 0  # reasons of an invalidation


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _said(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "receipt": receipt_number(row["id"]),
        "channel": row["channel"],
        "level": row["level"],
        "codes": sorted(row["codes"]),
        "text_sha256": text_digest(row["words"]),
    }


def of_rating(row: Mapping[str, Any], *, follow_up: bool, salt: bytes) -> dict[str, object]:
    """Return the record of a rating, first or follow-up; `salt` is that of its row in the book."""
    return {
        **_said(row),
        "v": 1,
        "kind": "follow_up" if follow_up else "rating",
        "region": str(row["region"]),
        "department": row["department_id"],
        "item": row["item_id"],
        "window": row["window_id"] or 0,
        "origin": row["origin"],
        "rated_at": _moment(row["rated_at"]),
        "received_at": _moment(row["received_at"]),
        "row_salt": salt.hex(),
    }


def of_replacement(row: Mapping[str, Any]) -> dict[str, object]:
    """Return the record of what a citizen put in place of a rating."""
    told = {"v": 1, "kind": "replacement", "before": row["before"], "at": _moment(row["at"])}
    return {**_said(row), **told}


def of_verdict(key: int, *, taken_back: bool) -> dict[str, object]:
    """Return the record of a rating's being set aside, or taken in again."""
    kind = "restored" if taken_back else "set_aside"
    return {"v": 1, "kind": kind, "receipt": receipt_number(key)}


def of_step(row: Mapping[str, Any]) -> dict[str, object]:
    """Return the record of a step of an order."""
    return {
        "v": 1,
        "kind": "order",
        "order": row["order_number"],
        "step": row["id"],
        "move": row["move"],
        "state": row["state"],
        "at": _moment(row["at"]),
    }
