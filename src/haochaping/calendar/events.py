"""What the calendar asks the rooms above."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HowManyProvisional:
    """How many deadlines within a range of regions are provisional 暂定, is asked."""

    low: int
    high: int
