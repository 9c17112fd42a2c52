"""A measure: a figure with its formula, source, denominator, and what it must not be used for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from haochaping.analytics.rules.counts import Counts, wilson
from haochaping.analytics.rules.loop import Loop, quantile
from haochaping.kernel.words import Words


class Unit(StrEnum):
    """What a measure is counted in."""

    SHARE = "share"  # 0…1, shown in per cent
    PER_10000 = "per_10000"
    MINUTES = "minutes"
    NUMBER = "number"


class Group(StrEnum):
    """Where a measure stands in the catalogue."""

    RATING = "rating"
    LOOP = "loop"
    TIME = "time"
    COVERAGE = "coverage"


GROUPS: dict[Group, Words] = {
    Group.RATING: Words("评价", "Ratings"),
    Group.LOOP: Words("差评整改", "The loop"),
    Group.TIME: Words("办理时长", "How long it takes"),
    Group.COVERAGE: Words("覆盖与构成", "Coverage and make-up"),
}


@dataclass(frozen=True)
class Facts:
    """Everything that a measure may be made of, of one unit and period."""

    counts: Counts = field(default_factory=Counts)
    loop: Loop = field(default_factory=Loop)
    # stretch → (bucket, orders)
    lengths: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    width: float = 1.05  # of a bucket
    # by the key of a measure that nothing here gives: how many, of how many
    parts: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """What a measure says: the value (None: nothing to say), of how many, and its 95 % interval."""

    value: float | None
    part: float
    whole: float
    low: float | None = None
    high: float | None = None


_UNITS = ((1440, Words("天", "days")), (60, Words("小时", "hours")), (0, Words("分钟", "minutes")))


def duration(minutes: float) -> Words:
    """Return a length of time in the largest unit that leaves more than one."""
    size, unit = next((size, unit) for size, unit in _UNITS if minutes >= size)
    number = f"{minutes / size:.1f}" if size else f"{minutes:.0f}"
    return Words(f"{number} {unit.zh}", f"{number} {unit.en}")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure and how it is made: `part` of `whole`, unless `length` names a stretch; with
    neither the facts have it ready under its key.
    """

    key: str
    name: Words
    group: Group
    unit: Unit
    formula: Words
    source: str
    not_for: Words
    part: Callable[[Facts], float] | None = None
    whole: Callable[[Facts], float] | None = None
    length: tuple[int, float] | None = None  # stretch, and which share of them was over by then
    better: int = 0  # 1: more is better, -1: less is, 0: neither

    @property
    def of_how_many(self) -> bool:
        """Whether it has a denominator to show."""
        return self.unit in (Unit.SHARE, Unit.PER_10000)

    def say(self, value: float | None) -> Words:
        """Return a value of it as people read it; a dash where there is none."""
        if value is None:
            return Words("—", "—")
        if self.unit is Unit.MINUTES:
            return duration(value)
        text = {Unit.SHARE: f"{value * 100:.2f}%", Unit.NUMBER: f"{value:,.0f}"}
        said = text.get(self.unit, f"{value:,.1f}")
        return Words(said, said)

    def of(self, facts: Facts) -> Value:
        """Return what the measure says of some facts; its value is None without a denominator."""
        if self.length is not None:
            stretch, share = self.length
            buckets = facts.lengths.get(stretch, [])
            n = float(sum(count for _, count in buckets))
            return Value(quantile(buckets, share, facts.width), n, n)
        part, whole = facts.parts.get(self.key, (0.0, 0.0))
        if self.part is not None:
            part, whole = self.part(facts), self.whole(facts) if self.whole else 0.0
        if self.unit is Unit.NUMBER:
            return Value(part, part, part)
        if whole <= 0:
            return Value(None, part, whole)
        value = part / whole
        low, high = wilson(int(part), int(whole)) if 0 <= part <= whole else (None, None)
        if self.unit is Unit.PER_10000:
            by = 10_000
            return Value(
                value * by,
                part,
                whole,
                None if low is None else low * by,
                None if high is None else high * by,
            )
        return Value(value, part, whole, low, high)
