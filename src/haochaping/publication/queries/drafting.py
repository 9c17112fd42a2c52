"""The results of a month, counted now: for a draft, before anybody releases them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from haochaping.analytics import queries as analytics
from haochaping.analytics.queries import Cut, Fresh
from haochaping.analytics.rules import Counts
from haochaping.analytics.rules.grains import Subject
from haochaping.directory import queries as directory
from haochaping.kernel.moments import begin_of
from haochaping.kernel.words import chinese
from haochaping.publication import rules
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, Level, level_of, scope

_FUNNEL = ("opened", "dispatched", "verified", "upheld", "replied", "called", "satisfied", "closed")
_CITY, _COUNTY = 10**8, 10**6  # what a region's code is a multiple of


class Name(NamedTuple):
    """What a unit is called, the region it lies in, its code, and of an item its department."""

    name: str
    above: int
    code: str = ""
    of: int = 0


type Named = Mapping[int, Name]
type Made = list[tuple[rules.Unit, Counts]]


def month_of(period: date) -> tuple[date, date]:
    """Return the first and last day of a month."""
    since = period.replace(day=1)
    return since, (since + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def drafted(period: date) -> rules.Results:
    """Return the results of a month as of this moment, small cells blanked."""
    since, until = month_of(period)
    cut = Cut(scope(PROVINCE_OF_THE_PLATFORM), since, until)
    with analytics.still():
        now = analytics.fresh()
        counties = _places(cut, now)
        departments = _units(cut, now, Subject.DEPARTMENT)
        items = _units(cut, now, Subject.ITEM)
        start, end = begin_of(since), begin_of(until + timedelta(days=1))
        funnel = analytics.funnel(cut.scope, start, end, end)
    cities = _summed(counties, _CITY)
    whole = {PROVINCE_OF_THE_PLATFORM: _sum(list(cities.values()))}
    of_all = {PROVINCE_OF_THE_PLATFORM: Name(regions.tree().name(PROVINCE_OF_THE_PLATFORM), 0)}
    units = {
        "province": _compared(whole, of_all),
        "cities": _compared(cities, _regions(cities)),
        "counties": _compared(counties, _regions(counties)),
        "departments": _by_level(departments),
        "items": _compared(items, _items(items)),
    }
    facts = {name: getattr(funnel, name) for name in _FUNNEL}
    days = {"period": f"{since:%Y-%m}", "since": str(since), "until": str(until)}
    return rules.results(units, funnel=facts, **days)


def _places(cut: Cut, now: Fresh) -> dict[int, Counts]:
    """Return the counts of each county by its code of 12 digits."""
    rows = analytics.totals(cut, ("county",), now=now)
    return {row["county"] * _COUNTY: analytics.counts(row) for row in rows}


def _units(cut: Cut, now: Fresh, subject: Subject) -> dict[int, Counts]:
    rows = analytics.totals(cut, (subject.value,), now=now, subject=subject)
    return {row[subject.value]: analytics.counts(row) for row in rows}


def _summed(counties: Mapping[int, Counts], size: int) -> dict[int, Counts]:
    found: dict[int, list[Counts]] = {}
    for code, counts in counties.items():
        found.setdefault(code // size * size, []).append(counts)
    return {code: _sum(some) for code, some in found.items()}


def _sum(several: Sequence[Counts]) -> Counts:
    if not several:
        return Counts()  # a month in which nobody was served

    def levels(name: str) -> tuple[int, int, int, int, int]:
        each = (getattr(one, name) for one in several)
        one, two, three, four, five = (sum(column) for column in zip(*each, strict=True))
        return one, two, three, four, five

    return Counts(
        levels("levels"),
        services=sum(one.services for one in several),
        rated=sum(one.rated for one in several),
        left_out=levels("left_out"),
    )


def _regions(codes: Mapping[int, Counts]) -> Named:
    tree = regions.tree()
    return {
        code: Name(_province(tree.full_name(code), code), code // _CITY * _CITY) for code in codes
    }


def _province(name: str, code: int) -> str:
    """Tell the province's own offices from the province."""
    return chinese(f"{name}（省直）") if code == PROVINCE_OF_THE_PLATFORM else name


def _items(keys: Mapping[int, Counts]) -> Named:
    labels = directory.item_labels(set(keys))
    return {
        place.id: Name(place.title, place.region, labels[place.id][0], place.department_id or 0)
        for place in directory.places("item", sorted(keys))
    }


def _by_level(departments: Mapping[int, Counts]) -> Made:
    """Compare departments among those of their level."""
    codes = directory.usccs(set(departments))
    named = {
        key: Name(*facts, codes.get(key, "")) for key, facts in directory.departments_seen().items()
    }
    levels: dict[Level, dict[int, Counts]] = {}
    for key, counts in departments.items():
        if key in named:
            levels.setdefault(level_of(named[key].above), {})[key] = counts
    # the province's first, then cities', then counties'
    return [
        one for level in sorted(levels, reverse=True) for one in _compared(levels[level], named)
    ]


def _compared(units: Mapping[int, Counts], named: Named) -> Made:
    """Return units with their score beside their peers, by place and name."""
    # loads numpy, which the processes that only watch over releases do without
    from haochaping.insight.rules.comparison import Group, Unit  # noqa: PLC0415

    known = {key: counts for key, counts in units.items() if key in named}
    if not known:
        return []
    group = Group.of({key: counts.adjusted.levels for key, counts in known.items()})
    made = []
    for key, counts in sorted(
        known.items(), key=lambda one: (named[one[0]].above, named[one[0]].name, one[0])
    ):
        name, above, code, of = named[key]
        beside = group.beside(Unit(key, name, counts))
        score, low, high = beside.score.told
        unit = rules.Unit(
            key,
            name,
            above,
            counts.adjusted.total,
            (),
            counts.services,
            counts.rated,
            _rounded(score),
            _rounded(low),
            _rounded(high),
            beside.band.value,
            code,
            of,
        )
        made.append((unit, counts))
    return made


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 1)
