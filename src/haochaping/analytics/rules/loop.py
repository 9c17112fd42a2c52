"""The loop of orders in numbers."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Loop:
    """Orders of a period: those opened in it and how far they have come; those whose answer was
    due in it (`due…`), and those whose call-back was (`call_due…`). A rate's denominator is what
    was due, whatever has become of it.
    """

    opened: int = 0
    dispatched: int = 0
    verified: int = 0
    upheld: int = 0
    rectified: int = 0
    replied: int = 0
    called: int = 0
    reached: int = 0
    satisfied: int = 0
    closed: int = 0
    reopened: int = 0
    returned: int = 0
    extended: int = 0
    objected: int = 0
    objections_upheld: int = 0
    due: int = 0
    due_verified: int = 0
    due_replied: int = 0
    due_replied_in_time: int = 0
    due_upheld: int = 0
    due_rectified: int = 0
    due_rectified_in_time: int = 0
    call_due: int = 0
    call_due_called: int = 0
    call_due_reached: int = 0
    call_due_satisfied: int = 0

    @property
    def due_true(self) -> int:
        """Orders due but for those found untrue: who verifies nothing gains nothing."""
        return self.due - (self.due_verified - self.due_upheld)

    def __add__(self, other: "Loop") -> "Loop":
        return Loop(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def quantile(buckets: Iterable[tuple[int, int]], share: float, width: float) -> float | None:
    """Return the minutes within which this share of stretches was over; None without any.

    `buckets` are (number, count), bucket b holding lengths of width^b up to width^(b + 1) minutes:
    the answer is its geometric middle, right to half a bucket (2.5 % for a width of 1.05).
    """
    ordered = sorted(buckets)
    total = sum(n for _, n in ordered)
    passed = 0
    for bucket, n in ordered:
        passed += n
        if n and passed >= share * total:
            return float(width ** (bucket + 0.5))
    return None
