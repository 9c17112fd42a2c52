"""The results of a month, counted now: for a draft, before anybody releases them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from msgspec import structs

from haochaping.analytics import queries as analytics
from haochaping.analytics.queries import Cut, Fresh
from haochaping.analytics.rules import Counts
from haochaping.analytics.rules.grains import Subject
from haochaping.directory import queries as directory
from haochaping.kernel.moments import begin_of
from haochaping.kernel.words import chinese
from haochaping.publication import rules
from haochaping.regions import queries as regions
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, Level, county_of, level_of, scope

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
type Counted = dict[int, dict[int, Counts]]  # of each unit, by where they were given
_NONE = (0, 0, 0, 0, 0)  # ratings left out, by level


def month_of(period: date) -> tuple[date, date]:
    """Return the first and last day of a month."""
    since = period.replace(day=1)
    return since, (since + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def drafted(period: date, earlier: rules.Earlier = ()) -> rules.Results:
    """Return the results of a month as of this moment, small cells blanked, and with the figures of
    earlier versions where these differ by a few.
    """
    since, until = month_of(period)
    cut = Cut(scope(PROVINCE_OF_THE_PLATFORM), since, until)
    with analytics.still():
        now = analytics.fresh()
        counties = _places(cut, now)
        departments = _in_counties(cut, now)
        items = _units(cut, now, Subject.ITEM)
        start, end = begin_of(since), begin_of(until + timedelta(days=1))
        funnel = analytics.funnel(cut.scope, start, end, end)
    cities = _summed(counties, _CITY)
    counted = {
        "province": {PROVINCE_OF_THE_PLATFORM: _in_one(_sum(list(cities.values())))},
        "cities": {code: _in_one(counts) for code, counts in cities.items()},
        "counties": {code: _in_one(counts) for code, counts in counties.items()},
        "departments": departments,
        "items": {key: _in_one(counts) for key, counts in items.items()},
    }
    given = rules.as_given(_made(counted))
    for kind, keys in given.items():
        for key in keys:
            parts = counted[kind][key].items()
            counted[kind][key] = {
                where: structs.replace(one, left_out=_NONE) for where, one in parts
            }
    compared = {kind: _beside_peers(kind, some) for kind, some in _made(counted).items()}
    facts = {name: getattr(funnel, name) for name in _FUNNEL}
    days = {"period": f"{since:%Y-%m}", "since": str(since), "until": str(until)}
    return rules.results(compared, earlier, funnel=facts, **days)


def _in_one(counts: Counts) -> dict[int, Counts]:
    return {0: counts}


def _made(counted: Mapping[str, Counted]) -> dict[str, Made]:
    """Return all units with their counts, and with nothing that takes comparing them."""
    whole = {
        kind: {key: _sum(list(parts.values())) for key, parts in some.items()}
        for kind, some in counted.items()
    }
    of_all = {PROVINCE_OF_THE_PLATFORM: Name(regions.tree().name(PROVINCE_OF_THE_PLATFORM), 0)}
    return {
        "province": _named(whole["province"], of_all),
        "cities": _named(whole["cities"], _regions(whole["cities"])),
        "counties": _named(whole["counties"], _regions(whole["counties"])),
        "departments": _of_departments(whole["departments"], counted["departments"]),
        "items": _named(whole["items"], _items(whole["items"])),
    }


def _places(cut: Cut, now: Fresh) -> dict[int, Counts]:
    """Return the counts of each county by its code of 12 digits."""
    rows = analytics.totals(cut, ("county",), now=now)
    return {row["county"] * _COUNTY: analytics.counts(row) for row in rows}


def _in_counties(cut: Cut, now: Fresh) -> dict[int, dict[int, Counts]]:
    """Return the counts of each department by the county, of 12 digits, where they were given."""
    found: dict[int, dict[int, Counts]] = {}
    by = (Subject.DEPARTMENT.value, "county")
    for row in analytics.totals(cut, by, now=now, subject=Subject.DEPARTMENT):
        found.setdefault(row[by[0]], {})[row["county"] * _COUNTY] = analytics.counts(row)
    return found


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


def _of_departments(departments: Mapping[int, Counts], by_county: Counted) -> Made:
    """Return departments, the province's first, then cities', then counties', with how many of
    their ratings were given in their own county and city.
    """
    codes = directory.usccs(set(departments))
    named = {
        key: Name(*facts, codes.get(key, "")) for key, facts in directory.departments_seen().items()
    }
    made = []
    for unit, counts in _named(departments, named):
        county, there = county_of(unit.above), by_county[unit.key]
        in_city = [one for code, one in there.items() if code // _CITY == county // _CITY]
        inside = (there.get(county, Counts()), _sum(in_city), counts)
        told = tuple(one.adjusted.total for one in inside)
        made.append((structs.replace(unit, inside=told), counts))
    return sorted(made, key=lambda one: -level_of(one[0].above))


def _named(units: Mapping[int, Counts], named: Named) -> Made:
    """Return units by place and name."""
    known = {key: counts for key, counts in units.items() if key in named}
    return [
        (
            rules.Unit(
                key,
                named[key].name,
                named[key].above,
                counts.adjusted.total,
                (),
                counts.services,
                counts.rated,
                code=named[key].code,
                of=named[key].of,
            ),
            counts,
        )
        for key, counts in sorted(
            known.items(), key=lambda one: (named[one[0]].above, named[one[0]].name, one[0])
        )
    ]


def _beside_peers(kind: str, units: rules.Made) -> Made:
    """Return units with their score beside their peers; of departments, those of their level."""
    groups: dict[Level | None, list[tuple[rules.Unit, Counts]]] = {}
    for unit, counts in units:
        level = level_of(unit.above) if kind == "departments" else None
        groups.setdefault(level, []).append((unit, counts))
    return [one for some in groups.values() for one in _compared(some)]


def _compared(units: rules.Made) -> Made:
    # loads numpy, which the processes that only watch over releases do without
    from haochaping.insight.rules.comparison import Group, Unit  # noqa: PLC0415

    group = Group.of({unit.key: counts.adjusted.levels for unit, counts in units})
    made = []
    for unit, counts in units:
        beside = group.beside(Unit(unit.key, unit.name, counts))
        score, low, high = map(_rounded, beside.score.told)
        told = {"score": score, "low": low, "high": high, "band": beside.band.value}
        made.append((structs.replace(unit, n=counts.adjusted.total, **told), counts))
    return made


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 1)
