"""What screening announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BadFollowUp:
    """A follow-up 追评 is bad, whatever the first rating was: it must be put right too."""

    evaluation_id: int


@dataclass(frozen=True)
class BadRatingCleared:
    """A bad rating is what it seems, or a person has released it: it must now be put right."""

    evaluation_id: int
