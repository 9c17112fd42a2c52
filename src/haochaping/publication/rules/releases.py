"""Results of a month: what they hold, what must be true of them before everybody sees them, and
the two people it takes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from haochaping.analytics.rules import Counts
from haochaping.kernel import personal
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words
from haochaping.publication.rules.cells import SMALLEST_CELL, hidden, told_by_growth
from haochaping.regions.rules import county_of


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


class Altered(Refusal):
    """What was released is no longer what its leaf commits to."""

    status = 503
    code = "release_altered"
    says = Words(
        "发布的结果与存证不符，已停止展示并告警。",
        "What was published is not what the ledger holds: it is not shown.",
    )


class Withdrawn(Refusal):
    """What is asked for was public and was taken back; everybody reads why."""

    status = 410
    code = "withdrawn"

    @classmethod
    def because(cls, reason: str) -> "Withdrawn":
        """Return it with its reason."""
        return cls(Words(f"已撤回：{reason}", f"It was withdrawn: {reason}"))


class Unit(msgspec.Struct, frozen=True):
    """A place, department or item in the results of a month."""

    key: int
    name: str
    above: int  # the region it lies in
    n: int  # ratings, adjusted
    levels: tuple[int | None, ...]  # 5 first; None throughout where the unit is hidden
    services: int
    rated: int
    score: float | None = None  # shrunken towards its peers, 0…100; None below 30 ratings
    low: float | None = None
    high: float | None = None
    band: str = "few"
    code: str = ""  # of an item, of a department its credit code
    of: int = 0  # of an item: its department

    @property
    def hidden(self) -> bool:
        """Say whether its levels are not told."""
        return None in self.levels

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
    rules: str = "results/2"

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


_PROVINCE = 0
# of each kind of units: among which those are that they make up, and how a unit names it
_ABOVE: Mapping[str, tuple[tuple[str, ...], Callable[[Unit], int]]] = {
    "cities": (("province",), lambda _: _PROVINCE),
    "counties": (("cities",), lambda unit: unit.above),
    # a town's with its county's; the unit of a city's own offices has the city's code
    "departments": (("counties",), lambda unit: county_of(unit.above)),
    "items": (("departments",), lambda unit: unit.of),
}
type _Made = Mapping[str, Sequence[Unit]]


def results(units: Mapping[str, Sequence[tuple[Unit, Counts]]], **facts: object) -> Results:
    """Return results in which the levels of few people are not told, nor of whom others give
    away.
    """
    made: dict[str, tuple[Unit, ...]] = {}
    for kind in ("province", *KINDS):
        told = [replace(unit, levels=counts.adjusted.levels) for unit, counts in units[kind]]
        hide = {
            places[one]
            for places, above in _groups(kind, told, made)
            for one in hidden(
                [told[place].n for place in places],
                above.n if above else None,
                shown=above is None or not above.hidden,
            )
        }
        made[kind] = tuple(_veiled(one) if no in hide else one for no, one in enumerate(told))
    (whole,) = made.pop("province")
    return Results(whole=whole, **made, **facts)  # type: ignore[arg-type]


def _groups(
    kind: str, units: Sequence[Unit], made: _Made
) -> Iterator[tuple[list[int], Unit | None]]:
    """Yield the places of units that lie in one above them, and that one, where it is there."""
    kinds, named = _ABOVE.get(kind, ((), lambda _: _PROVINCE))
    above = {
        _PROVINCE if one == "province" else unit.key: unit
        for one in kinds
        for unit in made.get(one, ())
    }
    places: dict[int, list[int]] = {}
    for place, unit in enumerate(units):
        places.setdefault(named(unit), []).append(place)
    for key, some in places.items():
        yield some, above.get(key)


def _veiled(unit: Unit) -> Unit:
    """Return a unit of which only is told how many rated it."""
    few = Unit(unit.key, unit.name, unit.above, unit.n, (None,) * 5, unit.services, unit.rated)
    return replace(few, code=unit.code, of=unit.of)


def faults(made: Results, earlier: Sequence[Results] = ()) -> list[Check]:
    """Return what must not be published: levels of few people, or of whom others give away, names
    that hold personal data, and what the difference to an earlier release of the month tells.
    """
    told = [*_small(made), *_told_by_others(made), *_personal(made)]
    return [*told, *(one for before in earlier for one in _differences(made, before))]


def _small(made: Results) -> Iterator[Check]:
    for _, unit in made.all():
        if 0 < unit.n < SMALLEST_CELL and not unit.hidden:
            yield Check(unit.name, Words("少于 10 条而未隐藏", "fewer than ten, and not hidden"))


def _told_by_others(made: Results) -> Iterator[Check]:
    """Yield the hidden units that are together what lies above them minus the others, and those
    that are what lies in them.
    """
    lists = {"province": (made.whole,)} | {kind: getattr(made, kind) for kind in KINDS}
    for kind in KINDS:
        units = lists[kind]
        for places, above in _groups(kind, units, lists):
            if above is None or sum(units[place].n for place in places) != above.n:
                continue
            hide = [units[place] for place in places if units[place].hidden]
            together = sum(unit.n for unit in hide)
            if not above.hidden and 0 < together < SMALLEST_CELL:
                says = Words("上级减去同级可推出隐藏的单位", "hidden, and told by the others")
                yield Check(hide[0].name, says)
            if above.hidden and above.n >= SMALLEST_CELL > together:
                says = Words("下级相加可推出隐藏的单位", "hidden, and told by what lies in it")
                yield Check(above.name, says)


def _personal(made: Results) -> Iterator[Check]:
    for _, unit in made.all():
        if personal.is_in(unit.name):
            yield Check(unit.name, Words("名称含个人信息", "personal data in a name"))


def _differences(made: Results, earlier: Results) -> Iterator[Check]:
    before = {(kind, unit.key): unit for kind, unit in earlier.all()}
    for kind, unit in made.all():
        old = before.get((kind, unit.key))
        both = zip(unit.levels, old.levels if old else (), strict=False)
        shown = [(new, was) for new, was in both if new is not None and was is not None]
        if shown and told_by_growth(*zip(*shown, strict=True)):
            yield Check(
                unit.name,
                Words("与先前版本相减可推出少于 10 条", "fewer than ten by difference to another"),
            )
