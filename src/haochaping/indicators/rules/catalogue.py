"""Indicators 评价指标: which codes exist, and what a rating's codes must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from haochaping.kernel.words import Words

LEVELS: Mapping[int, Words] = {
    5: Words("非常满意", "Very satisfied"),
    4: Words("满意", "Satisfied"),
    3: Words("基本满意", "Fairly satisfied"),
    2: Words("不满意", "Dissatisfied"),
    1: Words("非常不满意", "Very dissatisfied"),
}
BAD = (1, 2)  # 差评: must be put right


class Applies(StrEnum):
    """Where a code makes sense.

    The national table has no such mark; this is our reading (domain §2.3).
    """

    BOTH = "both"
    ONLINE = "online"
    ON_SITE = "onsite"


@dataclass(frozen=True)
class Indicator:
    """One code: its first digit is the level it belongs to.

    Retired codes stay resolvable and are no longer offered.
    """

    code: int
    says: Words
    core: bool  # shown first; the others fold under 更多
    applies: Applies
    version: int
    in_force: bool

    @property
    def level(self) -> int:
        """The level, 5…1."""
        return self.code // 100


def offered(
    catalogue: Sequence[Indicator], *, online: bool | None = None
) -> dict[int, list[Indicator]]:
    """Return the codes in force by level, core ones first.

    `online` leaves out what does not apply.
    """
    other = {True: Applies.ON_SITE, False: Applies.ONLINE, None: None}[online]
    chosen = [
        indicator
        for indicator in catalogue
        if indicator.in_force and indicator.applies is not other
    ]
    return {
        level: sorted((i for i in chosen if i.level == level), key=lambda i: (not i.core, i.code))
        for level in LEVELS
    }
