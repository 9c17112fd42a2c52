"""Tables of units below another, each beside its own peers and leading to its portrait."""

from collections.abc import Mapping
from dataclasses import replace

from haochaping.directory import queries as directory
from haochaping.insight.rules import comparison
from haochaping.insight.rules.comparison import Group, Unit
from haochaping.insight.views import figures, peers
from haochaping.insight.views.asked import Asked
from haochaping.kernel.pages import url
from haochaping.kernel.tables import Table
from haochaping.kernel.words import Words
from haochaping.regions.rules import Level, level_of

_SHOWN = 50  # on a page


def of_region(asked: Asked, *, whole: bool) -> list[Table]:
    """Return the departments of a place, each beside those of its level, and of a city or less its
    halls: twenty thousand windows are more than a page of the province waits for.
    """
    levels, _ = peers.departments(asked)
    groups = {key: group for group in levels.values() for key in group.keys}
    says = Words("部门（与同级部门相比）", "Departments, beside those of their level")
    found = [_part(asked, "department", groups, says, whole=whole)]
    if level_of(asked.region) is Level.PROVINCE:
        return found
    others = Words("大厅（与本地区其他大厅相比）", "Halls, beside the others of the place")
    return [*found, _part(asked, "hall", peers.halls(asked), others, whole=whole)]


def of_hall(asked: Asked, hall: directory.Place, *, whole: bool) -> Table:
    """Return the windows of a hall that were rated, each beside those of its city."""
    group = peers.of_city(asked, hall.region)
    own = set(hall.window_ids)
    groups = {key: group for key in group.keys if key in own}
    says = Words("窗口（与全市窗口相比）", "Windows, beside those of the city")
    return _part(asked, "window", groups, says, whole=whole)


def of_department(asked: Asked, department_id: int, *, whole: bool) -> list[Table]:
    """Return a department's windows and items, each beside its peers and leading to its portrait:
    on a page those that most need a look, in a file the `whole`.
    """
    place = next(iter(directory.places("department", [department_id])))
    windows = peers.windows(asked, department_id, place.region)
    items = peers.items(asked, department_id)
    says = (
        Words("窗口（与全市窗口相比）", "Windows, beside those of the city"),
        Words("事项（与其他部门的同一事项相比）", "Items, beside the same matter elsewhere"),
    )
    return [
        _part(asked, "window", windows, says[0], whole=whole),
        _part(asked, "item", items, says[1], whole=whole),
    ]


_OF = {
    "hall": Words("大厅", "Hall"),
    "department": Words("部门", "Department"),
    "window": Words("窗口", "Window"),
    "item": Words("事项", "Item"),
}


def _part(
    asked: Asked, kind: str, groups: Mapping[int, Group], says: Words, *, whole: bool
) -> Table:
    every = sorted(groups, key=lambda key: (groups[key].band_of(key), key))
    first = every if whole else every[-_SHOWN:]  # only these need names and counts
    known = {place.id: place for place in directory.places(kind, first)}
    halls = kind == "hall"
    counts = peers.counts_of_halls(asked, known) if halls else peers.counts(asked, kind, known)
    shown = [Unit(key, peers.named(known[key]), counts[key]) for key in first if key in known]
    found = comparison.by_band([groups[unit.key].beside(unit) for unit in shown])
    query = asked.query()
    hrefs = {one.unit.key: url(f"insight:{kind}", [one.unit.key]) + query for one in found}
    table = figures.bands_table(f"{kind}s", says, _OF[kind], found, hrefs)
    if len(first) < len(every):
        n, of = len(first), len(every)
        cut = Words(
            f"共 {of} 个，这里是最需要关注的 {n} 个；导出文件为全部。",
            f"{n} of {of}, those that most need a look; the file holds all.",
        )
        table = replace(table, note=cut)
    return table
