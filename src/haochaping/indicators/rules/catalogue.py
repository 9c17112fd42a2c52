"""Indicators 评价指标: which codes exist, and what a rating's codes must be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from haochaping.kernel.words import Words
from haochaping.regions.rules import scope as range_of

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
class Scope:
    """Where a code is offered, beside what it applies to; nothing named is everywhere."""

    channels: tuple[int, ...] = ()  # evaluations.rules.Channel
    regions: tuple[int, ...] = ()  # 12 digits, each with everything in it
    items: tuple[str, ...] = ()  # how the codes of items begin

    @property
    def everywhere(self) -> bool:
        """Whether nothing narrows it."""
        return not (self.channels or self.regions or self.items)


@dataclass(frozen=True)
class Where:
    """Where somebody is about to rate; what is not known narrows nothing."""

    channel: int | None = None
    region: int | None = None
    item: str | None = None  # its code


def within(scope: Scope, where: Where) -> bool:
    """Say whether a code of a scope is offered somewhere."""
    ranges = [range_of(code) for code in scope.regions]
    return (
        (not scope.channels or where.channel is None or where.channel in scope.channels)
        and (
            not ranges
            or where.region is None
            or any(low <= where.region <= high for low, high in ranges)
        )
        and (not scope.items or where.item is None or where.item.startswith(scope.items))
    )


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
    scope: Scope = Scope()

    @property
    def level(self) -> int:
        """The level, 5…1."""
        return self.code // 100


_ANYWHERE = Where()


def offered(
    catalogue: Iterable[Indicator], *, online: bool | None = None, where: Where = _ANYWHERE
) -> dict[int, list[Indicator]]:
    """Return the codes in force by level, core ones first.

    `online` leaves out what does not apply, `where` what is offered elsewhere only.
    """
    other = {True: Applies.ON_SITE, False: Applies.ONLINE, None: None}[online]
    chosen = [
        indicator
        for indicator in catalogue
        if indicator.in_force and indicator.applies is not other and within(indicator.scope, where)
    ]
    return {
        level: sorted((i for i in chosen if i.level == level), key=lambda i: (not i.core, i.code))
        for level in LEVELS
    }
