"""Of whom the levels may be told: of nobody who is one of a few, and of none whom others give
away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from haochaping.analytics.rules import Figures, Funnel
from haochaping.kernel.words import Words

SMALLEST_CELL = 10  # ratings of a unit: the levels of fewer could point at a person


EXCLUDED = {
    "erased": Words("依法删除", "erased"),
    "orphan": Words("仅镜像有", "from a mirror alone"),
    "probe": Words("巡检", "probes"),
    "too_few": Words("过少不公开", "too few to show"),
    "too_few_follow_ups": Words("追评过少不公开", "too few follow-ups to show"),
}  # why a leaf is no row of a day book


@dataclass(frozen=True)
class Published:
    """What is published on a day: figures, how far orders have come, and the days they cover."""

    figures: Figures
    funnel: Funnel
    since: date
    until: date


def hidden(numbers: Sequence[int], above: int | None = None, *, shown: bool = True) -> set[int]:
    """Return the places in a list of units, by how many ratings each has, of which no levels are
    told (trust design §1.3; docs/decisions/0021).

    Small ones are hidden, but for empty ones. Where the units make up one `above` of so many
    ratings, those hidden are together what that minus the others tells: so they are joined by the
    smallest of the others until they are no fewer than the smallest cell (complementary
    suppression); and likewise where it is itself hidden (not `shown`), for else they would tell it.
    """
    found = {place for place, number in enumerate(numbers) if 0 < number < SMALLEST_CELL}
    if above is None or sum(numbers) != above:
        return found  # what else lies in it nobody knows
    together = sum(numbers[place] for place in found)
    others = sorted((number, place) for place, number in enumerate(numbers) if place not in found)
    for number, place in others:
        if together >= SMALLEST_CELL or (shown and not together):
            break
        if number:
            found.add(place)
            together += number
    return found


def told_by_growth(new: Sequence[int], old: Sequence[int]) -> bool:
    """Say whether the levels of one look minus those of an earlier one, in whose place nothing was
    left out, are those of a few people.
    """
    differences = [now - was for now, was in zip(new, old, strict=True)]
    return 0 < sum(map(abs, differences)) < SMALLEST_CELL
