"""数据自查: what the province has of one's place, on a page and as a file."""

from datetime import timedelta
from typing import NamedTuple

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from haochaping.evaluations.rules import CHANNELS
from haochaping.exchange.queries import selfcheck as queries
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import Right
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.moments import business_day
from haochaping.kernel.numbers import whole
from haochaping.kernel.partitions import months
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.regions.rules import Level, level_of, narrowed


@require_GET
def selfcheck(request: OfficeRequest) -> HttpResponseBase:
    """Show what the province has of the last days: services, ratings by channel, late, refused."""
    city = whole(request.GET.get("city", ""), digits=6)
    at = clock.now()
    own = request.person.department_id
    tree = regions.tree()
    days = queries.selfcheck(narrowed(request.person.reach.scope, city), at, department_id=own)
    if downloads.wanted(request):
        shown = range(len(_COLUMNS)) if own is None else _OF_A_DEPARTMENT
        columns = [_COLUMNS[place] for place in shown]
        cells = (_line(one).cells for one in days)
        lines = (Line([every[place] for place in shown]) for every in cells)
        return downloads.answer(request, Table("selfcheck", _TITLE, columns, lines))
    return pages.render(
        request,
        "exchange/selfcheck.html",
        days=days,
        names=CHANNELS,
        city=city,
        systems=own is None,
        may_see=Right.SEE_RATINGS in request.person.rights,
        part=_part(request.person, city, tree),
        months=list(months(business_day(at) - _YEAR, business_day(at)))[::-1],
        tree=tree,
    )


_YEAR = timedelta(days=365)


class _Part(NamedTuple):
    """A part of the lake that is offered: its address, of what, and how it is called."""

    address: str
    key: int
    name: str


def _part(person: Person, chosen: int | None, tree: regions.Tree) -> _Part | None:
    """Return the part of one's department, of the chosen city, or of one's own."""
    if person.department_id is not None:
        return _Part("lake:part_of_department", person.department_id, "")
    if Right.SEE_RATINGS not in person.rights:
        return None
    own = person.region // 10**6 if level_of(person.region) is Level.CITY else None
    city = chosen or own
    return _Part("lake:part", city, tree.name(city)) if city else None


_TITLE = Words("数据自查", "What the province has")
_COLUMNS = (
    Column(Words("日期", "Day")),
    Column(Words("办件", "Services"), Kind.COUNT),
    Column(Words("评价", "Ratings"), Kind.COUNT),
    *(Column(words, Kind.COUNT) for words in CHANNELS.values()),
    Column(Words("晚到（超过 24 小时）", "Late by 24 hours"), Kind.COUNT),
    Column(Words("系统报送条数", "Items handed in"), Kind.COUNT),
    Column(Words("被拒条数", "Refused"), Kind.COUNT),
    Column(Words("主要原因", "Why")),
)


# but channels and what came late
_OF_A_DEPARTMENT = (0, 1, 2, *range(len(_COLUMNS) - 3, len(_COLUMNS)))


def _line(one: queries.Day) -> Line:
    why = "、".join(f"{code} {n}" for code, n in one.codes.most_common(3))
    counts = [one.channels[channel] for channel in CHANNELS]
    before = (one.day.isoformat(), one.services, one.ratings)
    return Line((*before, *counts, one.late, one.items, one.refused, why))
