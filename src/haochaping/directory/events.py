"""What the directory asks the rooms above it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class WhoNames:
    """Which of these entries of a table somebody names: answered by sets of ids."""

    kind: str  # key of rules.TABLES
    ids: Collection[int]
    at: datetime
