"""What orders announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OrderMoved:
    """An order went from one state to another."""

    order_id: int
    move: str
    state: str
