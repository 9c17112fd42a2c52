"""What policies ask the rooms above, which answer in the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from haochaping.kernel.words import Words


@dataclass(frozen=True)
class WouldChange:
    """What would this proposed policy change? Answered with Affected, the most pressing first."""

    policy_id: int
    at: datetime


@dataclass(frozen=True)
class Affected:
    """Something under way whose deadline a policy would move, as the preview shows it."""

    address: str  # of its page
    number: str
    state: Words
    due_at: datetime | None
    new_due_at: datetime | None
    pressing: str  # how near the new deadline is: the name of its look
    remaining: Words


@dataclass(frozen=True)
class PolicyApproved:
    """A policy that gives what is under way its limits came into force.

    Answered with the number of deadlines that were moved.
    """

    policy_id: int
    by: int
    at: datetime
