"""Services within reach that nobody has rated 未评价记录."""

from collections.abc import Iterator, Mapping, Sequence

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from haochaping.console.views.ratings import departments_and_items, shown_until
from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.moments import parse_day
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions

PAGE = 30
_ONLINE = {"1": True, "0": False}


@require_GET
def unrated(request: OfficeRequest) -> HttpResponseBase:
    """Show services that can be rated and were not, the newest first; as a file if asked for."""
    person, asked, at = request.person, request.GET, clock.now()
    wanted = _wanted(person, asked)
    if downloads.wanted(request):
        return downloads.answer(request, Table("unrated", _TITLE, _COLUMNS, _lines(person, wanted)))
    before = whole(asked.get("before", ""), digits=KEY)
    shown, following = evaluations.unrated(
        person.reach.scope,
        wanted,
        department_id=person.reach.department_id,
        before=before,
        size=PAGE,
        at=at,
    )
    windows = {one.window_id for one in shown if one.window_id is not None}
    return pages.render(
        request,
        "console/unrated.html",
        shown=shown,
        first=before is None,
        following=following or "",
        days=evaluations.OPEN_FOR.days,
        departments=directory.department_names({one.department_id for one in shown}),
        items=directory.item_names({one.item_id for one in shown}),
        windows=directory.window_facts(windows) if windows else {},
        tree=regions.tree(),
        asked=asked,
        query=pages.onward(asked, "before"),
    )


def _wanted(person: Person, asked: Mapping[str, str]) -> evaluations.Wanted:
    departments, items = departments_and_items(person, asked)
    return evaluations.Wanted(
        city=whole(asked.get("city", ""), digits=6),
        online=_ONLINE.get(asked.get("online", "")),
        since=parse_day(asked.get("since", "")),
        until=shown_until(person, parse_day(asked.get("until", ""))),
        departments=departments,
        items=items,
    )


_TITLE = Words("未评价记录", "Services not rated")
_COLUMNS = (
    Column(Words("办件编号", "Case number")),
    Column(Words("事项", "Service")),
    Column(Words("承办单位", "Department")),
    Column(Words("地区", "Place")),
    Column(Words("服务时间", "Served")),
)


def _lines(person: Person, wanted: evaluations.Wanted) -> Iterator[Line]:
    """Yield services as lines of a file, names looked up for some hundreds at a time."""
    tree, before, at = regions.tree(), None, clock.now()
    while True:
        some, before = evaluations.unrated(
            person.reach.scope,
            wanted,
            department_id=person.reach.department_id,
            before=before,
            size=500,
            at=at,
        )
        yield from _told(some, tree)
        if before is None:
            return


def _told(some: Sequence[evaluations.Unrated], tree: regions.Tree) -> Iterator[Line]:
    departments = directory.department_names({one.department_id for one in some})
    items = directory.item_names({one.item_id for one in some})
    for one in some:
        yield Line(
            (
                one.number,
                items.get(one.item_id, ""),
                departments.get(one.department_id, ""),
                tree.full_name(one.county),
                one.served_at,
            )
        )
