"""Steps of orders as the ledger commits to them: what was done and when, nobody's words, and
nothing that changes later, such as who is in charge.
"""

from collections.abc import Sequence
from typing import Any

from haochaping.kernel.db import rows

_STEPS = """
SELECT step.id, step.order_id, orders.number AS order_number, step.move, step.state, step.at
  FROM orders_step AS step JOIN orders_order AS orders ON orders.id = step.order_id
 WHERE {} ORDER BY step.id
"""
_OF_ORDERS = _STEPS.format("step.order_id = ANY($1::bigint[])")
_BY_KEY = _STEPS.format("step.id = ANY($1::bigint[])")


def steps_of(order_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return every step of these orders."""
    return rows(_OF_ORDERS, list(order_ids)) if order_ids else []


def steps_to_commit(step_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return these steps."""
    return rows(_BY_KEY, list(step_ids)) if step_ids else []
