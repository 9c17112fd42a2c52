"""What identity tells the rooms above it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class KeyMade:
    """One person has made a key for a system that runs: others of the office hear of it."""

    client_id: int
    region: int
    name: str
    at: datetime
