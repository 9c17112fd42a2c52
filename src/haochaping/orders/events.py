"""What orders announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrderMoved:
    """Something was done to an order; `state` is where it is now."""

    order_id: int
    step_id: int
    move: str
    state: str
