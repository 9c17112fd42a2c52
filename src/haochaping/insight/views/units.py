"""Portraits: of a region, a department, a window, an item, each beside its peers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.analytics import queries
from haochaping.analytics.rules import wilson
from haochaping.analytics.rules.grains import Subject
from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import Right
from haochaping.indicators.rules import LEVELS
from haochaping.insight.measures import ALL
from haochaping.insight.rules import advice, fair
from haochaping.insight.rules.comparison import Compared, Group, Unit
from haochaping.insight.rules.measure import Facts
from haochaping.insight.rules.measure import Group as Measures
from haochaping.insight.views import figures, parts, peers, plots
from haochaping.insight.views.again import again
from haochaping.insight.views.asked import (
    Asked,
    both_before,
    facts,
    of_the_whole,
    read,
    tiles,
    wants,
)
from haochaping.insight.views.downloads import answer
from haochaping.insight.views.overview import TILES, compared_places, places_table
from haochaping.kernel.errors import NotFound
from haochaping.kernel.numbers import whole
from haochaping.kernel.pages import url
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.orders import queries as orders
from haochaping.orders.rules import STATES
from haochaping.problems import queries as problems
from haochaping.regions.rules import Level, level_of, parent_of, scope

OF_UNIT = tuple(key for key in TILES if ALL[key].group is not Measures.COVERAGE)
OF_RATINGS = tuple(key for key in OF_UNIT if ALL[key].group is not Measures.LOOP)
SIZE = 50


@dataclass(frozen=True)
class Portrait:
    """Who is portrayed, what its figures are narrowed to, and whom it stands beside."""

    title: str
    lead: str
    narrow: Mapping[str, Any]
    around: Sequence[Compared]
    own: Compared | None
    peers: int
    of_orders: Mapping[str, int]
    hall: tuple[int, str] | None = None  # in which a window stands


@require_GET
@again
@of_the_whole
def region(request: OfficeRequest, code: int) -> HttpResponseBase:
    """Portray a city or county: its figures, its peers and what lies below it."""
    asked = read(request, region=code)
    below = compared_places(asked)
    around = _siblings(asked)
    own = next((one for one in around if one.unit.key * 10**6 == asked.region), None)
    portrait = Portrait(asked.place, "", {}, around, own, len(around), {})
    extra = [places_table(asked, below)] if len(below) > 1 else []
    extra += parts.of_region(asked, whole=bool(wants(request)))
    return _portray(request, asked, portrait, extra)


def _siblings(asked: Asked) -> list[Compared]:
    """Compare a region with the others of its level, where the person may see them."""
    above = parent_of(asked.region)
    if above is None or not asked.person.reach.covers(above):
        return []
    return compared_places(replace(asked, region=above), own=asked.region // 10**6)


@require_GET
@again
@of_the_whole
def departments(request: OfficeRequest) -> HttpResponseBase:
    """List the departments of a place by band, among those of their level."""
    asked = read(request)
    groups, names = peers.departments(asked)
    sought = request.GET.get("search", "").strip()[:40]
    asked = replace(asked, search=sought)
    found = [
        (group, key)
        for group in groups.values()
        for key in group.best_first(names)
        if not sought or sought in names[key]
    ]
    pages = max(1, -(-len(found) // SIZE))
    number = min(whole(request.GET.get("page", "")) or 1, pages)
    page = found if "as" in request.GET else found[(number - 1) * SIZE : number * SIZE]
    counts = peers.counts(asked, "department", [key for _, key in page])
    shown = [group.beside(Unit(key, names[key], counts[key])) for group, key in page]
    query = asked.query(search=None)
    hrefs = {one.unit.key: url("insight:department", [one.unit.key]) + query for one in shown}
    table = figures.bands_table(
        "departments", Words("部门对比", "Departments"), Words("部门", "Department"), shown, hrefs
    )
    funnels = _funnels(groups, names)
    return answer(
        request,
        asked,
        template="insight/departments.html",
        title=Words("部门画像", "Departments"),
        tables=[table, *(told for told, _ in funnels)],
        widened=queries.widened(asked.cut(), (Subject.DEPARTMENT.value,), Subject.DEPARTMENT),
        found=shown,
        counted=Counter(band for group in groups.values() for band in group.bands),
        bands=fair.BANDS,
        number=number,
        pages=pages,
        search=sought,
        dots=plots.dots(shown),
        funnels=funnels,
    )


def _funnels(
    groups: Mapping[Level, Group], names: Mapping[int, str]
) -> list[tuple[Table, plots.FunnelPlot]]:
    """Return the funnel of each level, with its table."""
    found = {level: plots.funnel_plot(group, names) for level, group in groups.items()}
    return [
        (plots.funnel_table(level.name.lower(), _LEVELS[level], plot), plot)
        for level, plot in found.items()
        if plot
    ]


_LEVELS = {
    Level.PROVINCE: Words("省级部门", "Departments of the province"),
    Level.CITY: Words("市级部门", "Departments of cities"),
    Level.COUNTY: Words("县级部门", "Departments of counties"),
    Level.STREET: Words("乡镇（街道）", "Streets"),
    Level.VILLAGE: Words("村（社区）", "Villages"),
}


def _found(asked: Asked, kind: str, key: int) -> directory.Place:
    """Return who is portrayed; raises NotFound outside one's own reach."""
    place = next(iter(directory.places(kind, [key])), None)
    if place is None or not asked.person.reach.covers(place.region):
        raise NotFound
    own = asked.person.department_id
    if own is not None and place.department_id != own:
        raise NotFound
    return place


@require_GET
@again
def department(request: OfficeRequest, key: int) -> HttpResponseBase:
    """Portray a department: strengths, complaints, response, peers, history, what to do."""
    asked = read(request)
    place = _found(asked, "department", key)
    level = level_of(place.region)
    groups, _ = peers.departments(asked, level)
    portrait = Portrait(
        place.title,
        asked.tree.full_name(place.region),
        {"department_id": key},
        *peers.among(groups.get(level), key, "department"),
        {"rated_department_id": key},
    )
    below = parts.of_department(asked, key, whole=bool(wants(request)))
    return _portray(request, asked, portrait, below)


@require_GET
@again
def hall(request: OfficeRequest, key: int) -> HttpResponseBase:
    """Portray a hall, which is its windows of today, beside the other halls of its city."""
    asked = read(request)
    place = _found(asked, "hall", key)
    portrait = Portrait(
        place.title,
        asked.tree.full_name(place.region),
        {"window_id": place.window_ids},
        *peers.among(peers.halls(asked, place.region).get(key), key, "hall"),
        {},
    )
    below = parts.of_hall(asked, place, whole=bool(wants(request)))
    return _portray(request, asked, portrait, [below])


@require_GET
@again
def window(request: OfficeRequest, key: int) -> HttpResponseBase:
    """Portray a window beside the others of its city."""
    asked = read(request)
    place = _found(asked, "window", key)
    own = asked.person.department_id is not None  # and nothing of what others do in that hall
    portrait = Portrait(
        peers.named(place),
        place.department,
        {"window_id": key},
        *peers.among(peers.of_city(asked, place.region), key, "window"),
        {"window_id": key},
        hall=(place.hall_id, place.hall) if place.hall_id and not own else None,
    )
    # for whoever answers for the people there, and nobody else
    supervises = Right.SUPERVISE in asked.person.rights
    staff = [_staff_table(asked, key)] if supervises else []
    return _portray(request, asked, portrait, staff)


def _staff_table(asked: Asked, window_id: int) -> Table:
    """Return the people of a window who have at least a hundred ratings, for supervisors; never
    sorted by score, and nobody's below that (trust design §3.4).
    """
    people = directory.staff(scope(asked.region)).filter(window=window_id)
    labels = directory.staff_labels(set(people.values_list("pk", flat=True)))
    lines = []
    for key, (name, number) in sorted(labels.items(), key=lambda pair: pair[1]):
        rows = queries.totals(
            asked.cut(staff_id=key, channel=None, party=None), now=asked.now, subject=Subject.STAFF
        )
        counts = queries.counts(rows[0]) if rows else None
        if counts and counts.total >= fair.FEW:
            one = counts.adjusted
            low, high = wilson(one.total - one.bad, one.total)
            cells = (counts.total, counts.rated_share, one.good_rate, low, high)
            lines.append(Line((name, number, *cells)))
    return Table(
        "staff",
        Words("窗口人员（100 条以上）", "Staff with 100 ratings or more"),
        (
            Column(Words("姓名", "Name")),
            Column(Words("工号", "Number")),
            figures.RATINGS,
            figures.RATED,
            figures.GOOD,
            Column(Words("95% 下限", "95 % low"), Kind.SHARE),
            Column(Words("95% 上限", "95 % high"), Kind.SHARE),
        ),
        lines,
        Words("仅供管理者了解，不排名、不公开", "For supervisors only: no ranks, nothing public"),
    )


@require_GET
@again
def item(request: OfficeRequest, key: int) -> HttpResponseBase:
    """Portray an item beside the same matter in other departments."""
    asked = read(request)
    place = _found(asked, "item", key)
    portrait = Portrait(
        place.title,
        place.department,
        {"item_id": key},
        *peers.among(peers.alike(asked, [key]).get(key), key, "item"),
        {"item_id": key},
    )
    return _portray(request, asked, portrait, [])


def _portray(
    request: OfficeRequest, asked: Asked, of: Portrait, extra: Sequence[Table]
) -> HttpResponseBase:
    cut = asked.cut(**of.narrow)
    now = facts(cut, asked.now)
    before, year = both_before(asked, **of.narrow)
    trend = figures.trend(asked, **of.narrow)
    codes = queries.codes(cut, now=asked.now)
    complaints = figures.codes_table(codes, bad=True)
    tables = [
        figures.trend_table(trend),
        figures.levels_table(now.counts),
        figures.channels_table(figures.by_channel(cut, asked.now)),
        complaints,
        figures.codes_table(codes, bad=False),
        _history(trend),
        *([plots.dots_table(of.around)] if of.around else []),
        *(extra := [*_problems(asked, of), *extra]),
    ]
    return answer(
        request,
        asked,
        template="insight/portrait.html",
        title=Words(of.title, of.title),
        tiles=tiles(_shown(of), now, before, year),
        tables=tables,
        figures=now.counts,
        trend=trend,
        levels=LEVELS,
        advice=_advice(now, of, complaints, trend),
        widened=queries.widened(cut),
        extra=[table.key for table in extra],
        **_beside(asked, of),
    )


def _shown(of: Portrait) -> tuple[str, ...]:
    """Return the measures of a portrait: windows, halls and items have no loop of their own."""
    return OF_UNIT if {"department_id"} >= set(of.narrow) else OF_RATINGS


def _advice(
    now: Facts, of: Portrait, complaints: Table, trend: figures.Trend
) -> Sequence[advice.Advice]:
    return advice.advise(
        now,
        band=of.own.band if of.own else None,
        complaints=[(line.cells[0], line.cells[2]) for line in complaints.lines],  # type: ignore[misc]
        changes=[(trend.periods[change.at].name, change) for change in trend.changes],
    )


def _problems(asked: Asked, of: Portrait) -> list[Table]:
    """Return what several people complain of here, for whoever may read words."""
    if Right.SEE_ORDERS not in asked.person.rights:
        return []
    cut = asked.cut()
    reach = replace(asked.person.reach, low=cut.scope[0], high=cut.scope[1])
    told = problems.problems(reach, cut.since, cut.until, limit=8, of=of.narrow)
    lines = [
        Line(
            (one.problem.name, one.people, one.texts, str(one.last)),
            reverse("problems:one", args=[one.problem.pk]),
        )
        for one in told
    ]
    columns = (
        Column(Words("问题", "Problem")),
        Column(Words("人数", "People"), Kind.COUNT),
        Column(Words("条数", "Texts"), Kind.COUNT),
        Column(Words("最近", "Last")),
    )
    says = Words("群众反映的问题", "What people complain of")
    return [Table("problems", says, columns, lines)] if lines else []


def _beside(asked: Asked, of: Portrait) -> dict[str, Any]:
    """Return what stands beside the figures: the peers, and the latest bad ratings."""
    rights = asked.person.rights
    latest = []
    if of.of_orders and Right.SEE_ORDERS in rights:
        until = asked.at + timedelta(minutes=1)
        latest = orders.latest(asked.person.reach, until=until, at=asked.at, **of.of_orders)
    return {
        "lead": of.lead,
        "hall": of.hall,
        "own": of.own,
        "bands": fair.BANDS,
        "dots": plots.dots(of.around),
        "peers": of.peers,
        "latest": latest,
        "states": STATES,
        "sees_ratings": Right.SEE_RATINGS in rights,
    }


def _history(trend: figures.Trend) -> Table:
    """Return what changed, and when."""
    return Table(
        "changes",
        Words("何时发生了变化", "What changed, and when"),
        (
            Column(Words("自", "Since")),
            Column(Words("之前差评率", "Bad before"), Kind.SHARE),
            Column(Words("之后差评率", "Bad after"), Kind.SHARE),
        ),
        [
            Line((trend.periods[change.at].name, change.before, change.after))
            for change in trend.changes
        ],
    )
