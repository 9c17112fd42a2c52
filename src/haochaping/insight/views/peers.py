"""Units beside their peers: departments of a level, windows of a city, the same item elsewhere."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from haochaping.analytics import queries
from haochaping.analytics.rules import Counts
from haochaping.analytics.rules.grains import Subject
from haochaping.directory import queries as directory
from haochaping.insight.rules.comparison import Compared, Group, Unit
from haochaping.insight.views.asked import Asked
from haochaping.regions.rules import Level, city_of, city_range, level_of, scope


def named(place: directory.Place) -> str:
    """Return what a unit is called among others."""
    return f"{place.hall} {place.title}" if place.hall_id else place.title


def departments(
    asked: Asked, only: Level | None = None
) -> tuple[dict[Level, Group], dict[int, str]]:
    """Compare the departments of a place among those of their level, the province's first, or of
    one level alone; return their names beside.
    """
    every = queries.levels(asked.cut(), Subject.DEPARTMENT, now=asked.now)
    known = directory.departments_seen(every)
    if only is not None:
        known = {key: told for key, told in known.items() if level_of(told[1]) is only}
    found: dict[Level, dict[int, Sequence[int]]] = {}
    for key, levels in every.items():
        if key in known:
            found.setdefault(level_of(known[key][1]), {})[key] = levels
    groups = {level: Group.of(found[level]) for level in sorted(found, reverse=True)}
    return groups, {key: name for key, (name, _) in known.items()}


def of_city(asked: Asked, region: int) -> Group:
    """Compare the windows of the city in which a place lies, as far as the person sees it."""
    cut, own = _of_its_city(asked, region).cut(), _of_the_province(region)
    return Group.of(queries.levels(cut, Subject.WINDOW, now=asked.now, keys=own))


def halls(asked: Asked, region: int | None = None) -> dict[int, Group]:
    """Compare the halls of a place, or of the city in which a region lies, by the windows that
    stand in them now; return each with all.
    """
    within = asked if region is None else _of_its_city(asked, region)
    own = None if region is None else _of_the_province(region)
    hall_of = directory.halls_of_windows(scope(within.region)) if own is None else own
    of_windows = queries.levels(within.cut(), Subject.WINDOW, now=asked.now, keys=own)
    rated = [(hall_of[key], some) for key, some in of_windows.items() if key in hall_of]
    keys, at = np.unique([hall for hall, _ in rated], return_inverse=True)
    levels = np.zeros((len(keys), 5), np.int64)
    np.add.at(levels, at, np.array([some for _, some in rated]).reshape(-1, 5))
    group = Group.of(dict(zip(keys.tolist(), levels.tolist(), strict=True)))
    return dict.fromkeys(group.keys, group)


def _of_the_province(region: int) -> dict[int, int] | None:
    """Return the windows of the province's own halls 省本级, which stand for a city, with those
    halls; None where a region lies in a city.
    """
    if level_of(region) is not Level.PROVINCE:
        return None
    return directory.halls_of_windows(city_range(region))


def _of_its_city(asked: Asked, region: int) -> Asked:
    """Return the same question of a region's city, as far as the person sees it."""
    city = city_of(region)
    return replace(asked, region=city) if asked.person.reach.covers(city) else asked


def windows(asked: Asked, department_id: int, region: int) -> dict[int, Group]:
    """Return the windows of a department that were rated, each with all of its city."""
    own = directory.windows(scope(asked.region)).filter(department=department_id)
    keys = set(own.values_list("pk", flat=True))
    group = of_city(asked, region) if keys else Group.of({})
    return {key: group for key in group.keys if key in keys}


def items(asked: Asked, department_id: int) -> dict[int, Group]:
    """Return the items of a department that were rated, each with the same matter elsewhere."""
    own = directory.items_of({department_id}).values_list("pk", flat=True)
    return alike(asked, list(own))


def alike(asked: Asked, keys: Sequence[int]) -> dict[int, Group]:
    """Return items that were rated, each with those that are the same matter in the place."""
    by_basis = directory.alike(keys, scope(asked.region))
    every = {key for some in by_basis for key in some}
    levels = queries.levels(asked.cut(), Subject.ITEM, now=asked.now, keys=every) if every else {}
    found: dict[int, Group] = {}
    for some in by_basis:
        group = Group.of({key: levels[key] for key in some if key in levels})
        found |= dict.fromkeys((key for key in keys if key in group.keys), group)
    return found


def counts_of_halls(asked: Asked, halls: Mapping[int, directory.Place]) -> dict[int, Counts]:
    """Return the counts of halls: those of the windows that stand in them now."""
    standing = [one for hall in halls.values() for one in hall.window_ids]
    rated = counts(asked, "window", standing)
    return {
        key: sum((rated[one] for one in hall.window_ids if one in rated), Counts())
        for key, hall in halls.items()
    }


def counts(asked: Asked, kind: str, keys: Collection[int]) -> dict[int, Counts]:
    """Return the counts of departments, windows or items."""
    if not keys:
        return {}
    subject = Subject(f"{kind}_id")
    by = subject.value
    rows = queries.totals(asked.cut(), (by,), now=asked.now, subject=subject, keys=keys)
    return {row[by]: queries.counts(row) for row in rows}


def names(kind: str, keys: Sequence[int]) -> dict[int, str]:
    """Return what units of a kind (`directory.places`) are called."""
    return {place.id: named(place) for place in directory.places(kind, keys)}


def among(
    group: Group | None, key: int, kind: str
) -> tuple[Sequence[Compared], Compared | None, int]:
    """Return those nearest to a unit by score, itself beside all, and how many these are."""
    if group is None:
        return [], None, 0
    near = group.near(key, _NEAR)
    called = names(kind, near)
    around = [group.beside(Unit(one, called[one], Counts())) for one in near if one in called]
    own = group.beside(Unit(key, "", Counts()), placed=True) if key in group.keys else None
    return around, own, len(group.keys)


_NEAR = 12  # peers on each side
