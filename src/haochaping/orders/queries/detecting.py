"""What detectors of gaming read of orders that are closed."""

import zlib
from datetime import datetime

from haochaping.orders import models
from haochaping.orders.rules import State, Verb


def closed_since(
    scope: tuple[int, int], since: datetime
) -> list[tuple[int, int, float, int, int, int]]:
    """Return of each order closed since a moment: the department that was rated, the rating's key,
    when it was closed (seconds), whether it ended as untrue or with its objection upheld, whether
    the citizen was called, and a number of the last reply's words (0: none).
    """
    found = models.Order.objects.filter(
        region__range=scope, state=State.CLOSED, closed_at__gte=since
    ).order_by("pk")
    replies = dict(
        models.Step.objects.filter(order__in=found, move=Verb.REPLY)
        .order_by("pk")
        .values_list("order_id", "given")
    )
    return [
        (
            order.rated_department_id,
            order.evaluation_id,
            order.closed_at.timestamp() if order.closed_at else 0.0,
            int(order.set_aside or order.upheld is False),
            int(order.satisfaction is not None),
            _number(replies.get(order.pk, {}).get("reply", "")),
        )
        for order in found
    ]


def _number(words: str) -> int:
    return zlib.crc32(words.encode()) if words else 0
