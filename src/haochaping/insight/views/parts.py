"""Tables of units below another, each beside its own peers and leading to its portrait."""

from collections.abc import Mapping
from dataclasses import replace

from haochaping.analytics.rules.grains import Subject
from haochaping.directory import queries as directory
from haochaping.insight.rules import comparison
from haochaping.insight.rules.comparison import Group, Unit
from haochaping.insight.views import figures, peers
from haochaping.insight.views.asked import Asked
from haochaping.kernel.pages import url
from haochaping.kernel.tables import Table
from haochaping.kernel.words import Words

_SHOWN = 50  # on a page


def of_region(asked: Asked, *, whole: bool) -> Table:
    """Return the departments of a place, each beside those of its level."""
    levels, _ = peers.departments(asked)
    groups = {key: group for group in levels.values() for key in group.keys}
    says = Words("部门（与同级部门相比）", "Departments, beside those of their level")
    return _part(asked, Subject.DEPARTMENT, "departments", groups, says, whole=whole)


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
        _part(asked, Subject.WINDOW, "windows", windows, says[0], whole=whole),
        _part(asked, Subject.ITEM, "items", items, says[1], whole=whole),
    ]


_OF = {
    "departments": Words("部门", "Department"),
    "windows": Words("窗口", "Window"),
    "items": Words("事项", "Item"),
}


def _part(
    asked: Asked,
    subject: Subject,
    name: str,
    groups: Mapping[int, Group],
    says: Words,
    *,
    whole: bool,
) -> Table:
    every = sorted(groups, key=lambda key: (groups[key].band_of(key), key))
    first = every if whole else every[-_SHOWN:]  # only these need names and counts
    names = peers.names(subject, first)
    counts = peers.counts(asked, subject, first) if first else {}
    shown = [Unit(key, names[key], counts[key]) for key in first if key in names]
    found = comparison.by_band([groups[unit.key].beside(unit) for unit in shown])
    query = asked.query()
    hrefs = {one.unit.key: url(f"insight:{name[:-1]}", [one.unit.key]) + query for one in found}
    table = figures.bands_table(name, says, _OF[name], found, hrefs)
    if len(first) < len(every):
        n, of = len(first), len(every)
        cut = Words(
            f"共 {of} 个，这里是最需要关注的 {n} 个；导出文件为全部。",
            f"{n} of {of}, those that most need a look; the file holds all.",
        )
        table = replace(table, note=cut)
    return table
