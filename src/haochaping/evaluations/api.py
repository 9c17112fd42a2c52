"""The rating's face to systems: POST /api/v1/evaluations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from haochaping.evaluations import actions, rules
from haochaping.indicators.rules import Indicator
from haochaping.kernel.ids import receipt_number

Given = rules.Given


def check(given: Given, catalogue: Mapping[int, Indicator], at: datetime) -> rules.Rating:
    """Apply the rules that need no record; raises BadRating."""
    return rules.accept(given, catalogue, at)


def answer(stored: actions.Stored) -> tuple[int, dict[str, Any]]:
    """Return status and body for what became of a rating."""
    if stored.outcome is rules.Outcome.ACCEPTED and stored.key is not None:
        return 201, {"outcome": stored.outcome, "receipt": receipt_number(stored.key)}
    if stored.outcome is rules.Outcome.WAITING:
        return 202, {"outcome": stored.outcome}
    if stored.refusal is not None or stored.key is None:
        refusal = stored.refusal or rules.AlreadyRated()
        return refusal.status, refusal.problem()
    return 200, {"outcome": stored.outcome, "receipt": receipt_number(stored.key)}
