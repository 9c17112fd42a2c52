"""Results of a month: what they hold, what must be true of them before everybody sees them, and
the two people it takes.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec

from haochaping.analytics.rules import Counts
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.personal import find
from haochaping.kernel.words import Words
from haochaping.publication.rules.cells import SMALLEST_CELL, suppressed


class State(StrEnum):
    """How far a release is."""

    DRAFT = "draft"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


STATES: Mapping[State, Words] = {
    State.DRAFT: Words("待发布", "Draft"),
    State.RELEASED: Words("已发布", "Released"),
    State.WITHDRAWN: Words("已撤回", "Withdrawn"),
}


class NotYet(Conflict):
    """It is not in a state for that."""

    code = "not_now"
    says = Words("当前状态不能这样操作，请刷新页面。", "That cannot be done now; look again.")


class Unfit(Refusal):
    """What would be published points at people."""

    code = "unfit_to_publish"
    says = Words(
        "隐私检查未通过，不能发布，请看检查结果。", "The privacy check failed: see what it found."
    )


class Unit(msgspec.Struct, frozen=True):
    """A place, department or item in the results of a month."""

    key: int
    name: str
    above: int  # the region it lies in
    n: int  # ratings, adjusted
    levels: tuple[int | None, ...]  # 5 first; None where the cell is blanked
    services: int
    rated: int
    score: float | None = None  # shrunken towards its peers, 0…100; None below 30 ratings
    low: float | None = None
    high: float | None = None
    band: str = "few"

    @property
    def share(self) -> float | None:
        """Return the share of services that were rated."""
        return self.rated / self.services if self.services else None


class Results(msgspec.Struct, frozen=True):
    """What is released of a month."""

    period: str  # 2026-10
    since: str
    until: str
    whole: Unit
    cities: tuple[Unit, ...]
    counties: tuple[Unit, ...]
    departments: tuple[Unit, ...]
    items: tuple[Unit, ...]
    funnel: Mapping[str, int]
    rules: str = "results/1"

    def all(self) -> Iterator[tuple[str, Unit]]:
        """Yield every unit with its kind."""
        yield "province", self.whole
        for kind in KINDS:
            for unit in getattr(self, kind):
                yield kind, unit


KINDS = ("cities", "counties", "departments", "items")


class Check(msgspec.Struct, frozen=True):
    """Something that must not be published as it is."""

    unit: str
    says: Words


def results(units: Mapping[str, Sequence[tuple[Unit, Counts]]], **facts: object) -> Results:
    """Return results with every small cell blanked, and what others would give away."""
    shown = {kind: _blanked(units[kind]) for kind in ("province", "cities")}
    cities = {unit.key: unit for unit in shown["cities"]}
    for kind in ("counties", "departments", "items"):
        # of what lies in one place nothing is told by that place minus the others
        shown[kind] = _by_place(units[kind], cities if kind == "counties" else {})
    (whole,) = shown.pop("province")
    return Results(whole=whole, **shown, **facts)  # type: ignore[arg-type]


def _by_place(units: Sequence[tuple[Unit, Counts]], above: Mapping[int, Unit]) -> tuple[Unit, ...]:
    places: dict[int, list[tuple[Unit, Counts]]] = {}
    for one in units:
        places.setdefault(one[0].above, []).append(one)
    made = {
        unit.key: unit
        for place, several in places.items()
        for unit in _blanked(several, above.get(place))
    }
    return tuple(made[unit.key] for unit, _ in units)


def _blanked(units: Sequence[tuple[Unit, Counts]], above: Unit | None = None) -> tuple[Unit, ...]:
    """Return units with the cells blanked that are small, or that others or the total `above`,
    where that is given and shown, would tell.
    """
    hidden = [
        column for column, number in enumerate(above.levels if above else ()) if number is None
    ]
    blank = suppressed([counts.adjusted.levels for _, counts in units], hidden)
    return tuple(
        msgspec.structs.replace(
            unit,
            levels=tuple(
                None if (row, column) in blank else number
                for column, number in enumerate(counts.adjusted.levels)
            ),
        )
        for row, (unit, counts) in enumerate(units)
    )


def faults(made: Results, earlier: Results | None = None) -> list[Check]:
    """Return what must not be published: small cells, a lone blank that its row gives away, names
    that hold personal data, and what the difference to an earlier release of the month tells.
    """
    told = [*_small(made), *_told_by_places(made), *_personal(made)]
    return [*told, *(_differences(made, earlier) if earlier else ())]


def _small(made: Results) -> Iterator[Check]:
    for _, unit in made.all():
        shown = [number for number in unit.levels if number is not None]
        if any(0 < number < SMALLEST_CELL for number in shown):
            yield Check(unit.name, Words("有少于 10 条的单元格", "a cell of fewer than ten"))
        if unit.n and len(unit.levels) - len(shown) == 1:
            yield Check(unit.name, Words("单个空格可由合计推出", "a lone blank can be told"))


def _told_by_places(made: Results) -> Iterator[Check]:
    """Yield the counties of which a cell is their city's minus the others', and the cities of which
    one is what their counties add up to.
    """
    counties: dict[int, list[Unit]] = {}
    for unit in made.counties:
        counties.setdefault(unit.above, []).append(unit)
    for city in made.cities:
        for column, total in enumerate(city.levels):
            cells = [(unit, unit.levels[column]) for unit in counties.get(city.key, ())]
            blanks = [unit for unit, number in cells if number is None]
            if total is None and cells and not blanks:
                says = Words("下级相加可推出空格", "a blank is what its counties add up to")
                yield Check(city.name, says)
            if total is not None and len(blanks) == 1 and len(cells) > 1:
                says = Words("上级减去同级可推出空格", "a blank is its city's minus the others'")
                yield Check(blanks[0].name, says)


def _personal(made: Results) -> Iterator[Check]:
    for _, unit in made.all():
        if any(True for _ in find(unit.name)):
            yield Check(unit.name, Words("名称含个人信息", "personal data in a name"))


def _differences(made: Results, earlier: Results) -> Iterator[Check]:
    before = {(kind, unit.key): unit for kind, unit in earlier.all()}
    for kind, unit in made.all():
        old = before.get((kind, unit.key))
        both = zip(unit.levels, old.levels if old else (), strict=False)
        if any(
            new is not None and was is not None and 0 < abs(new - was) < SMALLEST_CELL
            for new, was in both
        ):
            yield Check(
                unit.name,
                Words("与上一版相减可推出少于 10 条", "fewer than ten by difference to the last"),
            )
