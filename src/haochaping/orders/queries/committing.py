"""Steps of orders as the ledger commits to them (what was done and when, nobody's words, nothing
that changes later, such as who is in charge), and as partners are told of them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from haochaping.evaluations import queries as evaluations
from haochaping.kernel.db import rows
from haochaping.orders import models

_STEPS = """
SELECT step.id, step.order_id, orders.number AS order_number, orders.evaluation_id AS record,
       step.move, step.state, step.at
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


_MADE = """
SELECT id, order_id FROM orders_step WHERE at >= $1 AND at < $2 ORDER BY id
"""


def steps_made(since: datetime, until: datetime) -> dict[int, int]:
    """Return the steps made from a moment to before another, each with its order."""
    return {row["id"]: row["order_id"] for row in rows(_MADE, since, until)}


_WRITTEN = ("finding", "measures", "reply")


def steps_to_tell(step_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return these steps as partners are told of them: what was found, done and replied, masked for
    whoever must not know who rated.
    """
    steps = models.Step.objects.filter(pk__in=step_ids).select_related("order").order_by("pk")
    found = [_told(step) for step in steps]
    written = [(row, name) for row in found for name in _WRITTEN if row[name]]
    masked = evaluations.masked_all([(row["record"], row[name]) for row, name in written])
    for (row, name), text in zip(written, masked, strict=True):
        row[name] = text
    return found


def _told(step: models.Step) -> dict[str, Any]:
    given = {name: str(step.given.get(name, "")) for name in (*_WRITTEN, "satisfaction")}
    return {
        "id": step.pk,
        "record": step.order.evaluation_id,
        "order_number": step.order.number,
        "move": step.move,
        "state": step.state,
        "at": step.at,
        **given,
    }
