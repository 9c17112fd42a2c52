"""What orders announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LadderClimbed:
    """Orders have climbed a rung of the ladder.

    One announcement for all of a sweep's transaction, for there may be hundreds.
    """

    step_ids: list[int]


@dataclass(frozen=True)
class OrderMoved:
    """Something was done to an order; `state` is where it is now."""

    order_id: int
    step_id: int
    move: str
    state: str
