"""What the catalogue tells the rooms above, in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from haochaping.indicators.rules import Entry


@dataclass(frozen=True)
class EditionPublished:
    """A version of the catalogue came into force: from now on citizens are asked by it."""

    number: int
    entries: Sequence[Entry]
    at: datetime
