"""What ratings announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RatingReplaced:
    """A citizen has replaced a rating."""

    evaluation_id: int
    before: int
    level: int
