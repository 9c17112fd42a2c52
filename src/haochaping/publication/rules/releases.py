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
from haochaping.publication.rules.cells import (
    SMALLEST_CELL,
    Part,
    hidden,
    is_few,
    left_over,
    told_by_growth,
)
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
    # of a department: how many of its ratings were given in its county, its city, and all; of an
    # item: in its department
    inside: tuple[int, ...] = ()
    kept: int = 0  # the version whose figures these are: the difference would tell of a few

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
    rules: str = "results/4"

    def all(self) -> Iterator[tuple[str, Unit]]:
        """Yield every unit with its kind."""
        yield "province", self.whole
        for kind in KINDS:
            for unit in getattr(self, kind):
                yield kind, unit


def beside(units: Sequence[Unit], old: Sequence[Unit]) -> list[tuple[Unit, Unit | None]]:
    """Return units, each with what was told of it before."""
    told = {unit.key: unit for unit in old}
    return [(unit, told.get(unit.key)) for unit in units]


def most_changed(
    units: Sequence[Unit], old: Sequence[Unit], most: int
) -> list[tuple[Unit, Unit | None]]:
    """Return those of two units whose scores differ most, the greatest change first."""

    def change(pair: tuple[Unit, Unit | None]) -> float:
        now, then = (one.score if one else None for one in pair)
        return abs(now - then) if now is not None and then is not None else 0.0

    return sorted(filter(change, beside(units, old)), key=change, reverse=True)[:most]


KINDS = ("cities", "counties", "departments", "items")


class Check(msgspec.Struct, frozen=True):
    """Something that must not be published as it is."""

    unit: str
    says: Words


_PROVINCE = 0
type _Level = tuple[str, Callable[[Unit], int]]  # a kind of units above, and which one is meant


def _of_province(_: Unit) -> int:
    return _PROVINCE


def _of_city(unit: Unit) -> int:
    return unit.above // 10**8 * 10**8


def _of_county(unit: Unit) -> int:
    return county_of(unit.above)  # a town's with its county's; of a city's own offices the city's


# of each kind of units: among which those are that they make up. A department's ratings may be of
# other counties than its own, so those of a city's and of all are looked at, too
_ABOVE: Mapping[str, tuple[_Level, ...]] = {
    "province": (),
    "cities": (("province", _of_province),),
    "counties": (("cities", lambda unit: unit.above),),
    "departments": (("counties", _of_county), ("cities", _of_city), ("province", _of_province)),
    "items": (("departments", lambda unit: unit.of),),
}
type Made = Sequence[tuple[Unit, Counts]]
type Earlier = Sequence[tuple[int, Results]]  # versions of the month, the newest first


def as_given(units: Mapping[str, Made]) -> dict[str, set[int]]:
    """Return by kind the keys of units whose ratings are told as they were given, for the adjusted
    figures leave out a few of them, or others would tell of how many few: what stands in the day
    books minus the adjusted levels would be how these rated.
    """
    sizes = {
        kind: [replace(unit, n=sum(map(abs, counts.left_out)), inside=()) for unit, counts in some]
        for kind, some in units.items()
    }
    return {kind: {units[kind][no][0].key for no in hide} for kind, hide in _hidden(sizes).items()}


def results(units: Mapping[str, Made], earlier: Earlier = (), **facts: object) -> Results:
    """Return results in which the levels of few people are not told, nor of whom others give
    away; nor does any unit differ from an earlier version of the month by a few.
    """
    told: dict[str, list[Unit]] = {}
    known: dict[str, set[int]] = {}
    for kind in ("province", *KINDS):
        fresh = [replace(unit, levels=counts.adjusted.levels) for unit, counts in units[kind]]
        before = [(version, dict(_by_key(old, kind))) for version, old in earlier]
        told[kind] = [_since(unit, before) for unit in fresh]
        known[kind] = {no for no, unit in enumerate(told[kind]) if _is_known(unit, before)}
    hide = _hidden(told, known)
    made = {
        kind: tuple(_veiled(unit) if no in hide[kind] else unit for no, unit in enumerate(some))
        for kind, some in told.items()
    }
    (whole,) = made.pop("province")
    return Results(whole=whole, **made, **facts)  # type: ignore[arg-type]


def _by_key(made: Results, kind: str) -> Iterator[tuple[int, Unit]]:
    for one in (made.whole,) if kind == "province" else getattr(made, kind):
        yield one.key, one


type _Before = Sequence[tuple[int, Mapping[int, Unit]]]


def _since(unit: Unit, before: _Before) -> Unit:
    """Return a unit as an earlier version has it where it has changed by a few ratings since."""
    for version, units in before:
        old = units.get(unit.key)
        if old is not None and not old.hidden and told_by_growth(_shown(unit), _shown(old)):
            return replace(old, kept=old.kept or version)
    return unit


def _shown(unit: Unit) -> list[int]:
    return [number or 0 for number in unit.levels]


def _is_known(unit: Unit, before: _Before) -> bool:
    """Say whether an earlier version told the same of a unit."""
    return any(
        not old.hidden and old.levels == unit.levels
        for _, units in before
        if (old := units.get(unit.key)) is not None
    )


def _hidden(
    units: Mapping[str, Sequence[Unit]], known: Mapping[str, set[int]] | None = None
) -> dict[str, set[int]]:
    """Return the places of the units of each kind of which no levels are told, from the widest
    down; what one look hides may leave others for the next.
    """
    found: dict[str, set[int]] = {}
    for kind in ("province", *KINDS):
        stay = known[kind] if known else set()
        hide = {no for no, one in enumerate(units[kind]) if 0 < one.n < SMALLEST_CELL} - stay
        grew = True
        while grew:
            before = len(hide)
            for places, parts, above in _groups(kind, units, hide, stay):
                upper, place = above
                more = hidden(parts, units[upper][place].n, shown=place not in found[upper])
                hide |= {places[no] for no in more} - stay
            grew = len(hide) > before
        if kind == "items":  # what lies in no department that is told of stands for nothing
            there = {one.key for one in units["departments"]}
            hide |= {
                no for no, one in enumerate(units[kind]) if one.n and one.of not in there
            } - stay
        found[kind] = hide
    return found


def _groups(
    kind: str, units: Mapping[str, Sequence[Unit]], hide: set[int], known: set[int]
) -> Iterator[tuple[list[int], list[Part], tuple[str, int]]]:
    """Yield the places of units that lie in one above them, as parts of it, and where that is."""
    for level, (upper, named) in enumerate(_ABOVE[kind]):
        above = {
            _PROVINCE if upper == "province" else one.key: no for no, one in enumerate(units[upper])
        }
        places: dict[int, list[int]] = {}
        for no, unit in enumerate(units[kind]):
            places.setdefault(named(unit), []).append(no)
        for key, some in places.items():
            if key in above:
                parts = [
                    Part(one.n, (one.inside or (one.n,) * 3)[level], no in hide, no in known)
                    for no, one in ((no, units[kind][no]) for no in some)
                ]
                yield some, parts, (upper, above[key])


def _veiled(unit: Unit) -> Unit:
    """Return a unit of which only is told how many rated it."""
    few = Unit(unit.key, unit.name, unit.above, unit.n, (None,) * 5, unit.services, unit.rated)
    return replace(few, code=unit.code, of=unit.of, inside=unit.inside)


def faults(made: Results, earlier: Earlier = ()) -> list[Check]:
    """Return what must not be published: levels of few people, or of whom others give away, names
    that hold personal data, and what the difference to an earlier release of the month tells.
    """
    told = [*_small(made), *_told_by_others(made), *_personal(made)]
    return [*told, *(one for _, before in earlier for one in _differences(made, before))]


def _small(made: Results) -> Iterator[Check]:
    for _, unit in made.all():
        if 0 < unit.n < SMALLEST_CELL and not unit.hidden:
            yield Check(unit.name, Words("少于 10 条而未隐藏", "fewer than ten, and not hidden"))


def _told_by_others(made: Results) -> Iterator[Check]:
    """Yield the units whose levels are what lies above them minus the others, or what lies in them,
    but for a few.
    """
    units = {"province": (made.whole,)} | {kind: getattr(made, kind) for kind in KINDS}
    for kind in KINDS:
        hide = {no for no, one in enumerate(units[kind]) if one.hidden}
        for places, parts, (upper, place) in _groups(kind, units, hide, set()):
            above = units[upper][place]
            left = left_over(parts, above.n)
            if not above.hidden and is_few(left, shown=True):
                away = next((one for one in places if one in hide), places[0])
                says = Words(
                    "上级减去同级可推出少数几条", "the one above minus the others tells of a few"
                )
                yield Check(units[kind][away].name, says)
            told = any(not one.hidden and one.n for one in parts)
            if above.hidden and told and is_few(left, shown=False):
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
