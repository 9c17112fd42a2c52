"""What screening announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BadRatingCleared:
    """A bad rating is what it seems, or a person has released it: it must now be put right."""

    evaluation_id: int
