"""What exchange announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HotlineAnswered:
    """A city's 12345 system asked for something, and the answer waits to be said to it."""

    hotline_id: int
