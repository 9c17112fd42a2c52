"""What ratings announce."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RatingReplaced:
    """A citizen has replaced a rating."""

    evaluation_id: int
    before: int
    level: int


@dataclass(frozen=True)
class WaitingEnded:
    """Ratings that a system handed in before their service do not count; its office is told."""

    client_id: int
    number: int
    at: datetime
