"""Of whom the levels may be told: of nobody who is one of a few, and of none whom others give
away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

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
    salt: str = ""  # without it, whoever tries all figures would find those of a few by the digest


class Part(NamedTuple):
    """A unit among those in one above: how many it has, and how many of these lie in that one."""

    n: int
    inside: int
    hidden: bool = False  # already
    known: bool = False  # it was told before: hiding it now hides nothing


def left_over(parts: Sequence[Part], above: int) -> int:
    """Return of how many people the unit above minus the parts that are shown tells: those of the
    hidden, those that no part has, and those that a part has from elsewhere.
    """
    shown = [one for one in parts if not one.hidden]
    elsewhere = sum(one.n - one.inside for one in shown)
    return abs(above - sum(one.inside for one in shown)) + elsewhere


def is_few(left: int, *, shown: bool) -> bool:
    """Say whether what is left over points at people: a few, or, below a unit that is itself hidden
    (not `shown`), nobody, for then the parts are that.
    """
    return left < SMALLEST_CELL and (left > 0 or not shown)


def hidden(parts: Sequence[Part], above: int | None = None, *, shown: bool = True) -> set[int]:
    """Return the places in a list of units of which no levels are told (trust design §1.3;
    docs/decisions/0021).

    Small ones are hidden, but for empty ones. What the one `above` minus the others tells must be
    of no few: so the smallest of the others are hidden with them until it is not (complementary
    suppression), whatever else lies in the one above.
    """
    now = [one._replace(hidden=one.hidden or 0 < one.n < SMALLEST_CELL) for one in parts]
    others = sorted((one.n, no) for no, one in enumerate(now) if not (one.hidden or one.known))
    for number, no in others if above is not None else ():
        if not is_few(left_over(now, above or 0), shown=shown):
            break
        if number:
            now[no] = now[no]._replace(hidden=True)
    return {no for no, one in enumerate(now) if one.hidden}


def told_by_growth(new: Sequence[int], old: Sequence[int]) -> bool:
    """Say whether the levels of one look minus those of an earlier one, in whose place nothing was
    left out, are those of a few people.
    """
    differences = [now - was for now, was in zip(new, old, strict=True)]
    return 0 < sum(map(abs, differences)) < SMALLEST_CELL
