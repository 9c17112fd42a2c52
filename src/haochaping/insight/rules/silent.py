"""What the silent might say: figures are of those who rated, and most did not."""

import math
from dataclasses import dataclass

from haochaping.analytics.rules.counts import wilson


@dataclass(frozen=True)
class Corrected:
    """A share of good ratings for everybody who was served: the estimate with its 95 % interval,
    and what is possible at all without the sample (Manski 1990).
    """

    response: float
    share: float | None
    low: float
    high: float
    possible_low: float
    possible_high: float
    asked: int  # of the silent, how many the random sample reached


def correct(*, rated: int, good: int, silent: int, asked: int, good_asked: int) -> Corrected | None:
    """Return the share corrected for the silent by a random sample of them (Hansen and Hurwitz
    1946): r·p_R + (1 − r)·p_CB, with its variance; None where nobody was served.

    Counting silence as praise 默认好评 is no choice here and nowhere. Without anybody asked
    there is no estimate, only what is possible.
    """
    served = rated + silent
    if not served:
        return None
    r = rated / served
    p = good / rated if rated else 0.0
    possible = (r * p, r * p + 1 - r)
    if not asked:
        return Corrected(r, None, *possible, *possible, 0)
    q = good_asked / asked
    share = r * p + (1 - r) * q
    # Wilson's half widths stay honest where a share is 0 or 1
    halves = [
        part * (high - low) / 2
        for part, (low, high) in (
            (r, wilson(good, rated) if rated else (0.0, 0.0)),
            (1 - r, wilson(good_asked, asked)),
        )
    ]
    half = math.hypot(*halves)
    return Corrected(r, share, max(0.0, share - half), min(1.0, share + half), *possible, asked)
