"""Ratings within reach: the list, and one of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import CHANNELS
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import Right
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import clock, downloads, pages
from haochaping.kernel.errors import NotFound
from haochaping.kernel.ids import key_of_receipt, receipt_number
from haochaping.kernel.moments import business_day
from haochaping.kernel.numbers import whole
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.orders import queries as orders
from haochaping.records import queries as records
from haochaping.regions import queries as regions
from haochaping.screening import queries as screening
from haochaping.screening import rules as screening_rules

PAGE = 30


@require_GET
def ratings(request: OfficeRequest) -> HttpResponseBase:
    """Show ratings within reach, newest service first; as a file if asked for.

    A keyset pager: the next page starts after the last key.
    """
    person, asked = request.person, request.GET
    chosen = _filter(person, asked)
    if downloads.wanted(request):
        return downloads.answer(request, _table(evaluations.every(person.reach.scope, chosen)))
    before = asked.get("before", "")
    found = evaluations.page(
        person.reach.scope, chosen, before=key_of_receipt(before) if before else None, size=PAGE
    )
    shown = found.ratings
    return pages.render(
        request,
        "console/ratings.html",
        ratings=shown,
        sensitive={one.receipt: screening.finder().find(one.words or "") for one in shown},
        categories=screening_rules.CATEGORIES,
        following=receipt_number(found.before) if found.before is not None else "",
        searched=found.since,
        departments=directory.department_names({rating.department_id for rating in shown}),
        items=directory.item_names({rating.item_id for rating in shown}),
        tree=regions.tree(),
        channels=CHANNELS,
        levels=LEVELS,
        asked=asked,
        query=pages.onward(asked, "before"),
        first=not before,
        delayed=Right.SEE_LIVE not in person.rights,
    )


def _filter(person: Person, asked: Mapping[str, str]) -> evaluations.Filter:
    level = asked.get("level", "")
    departments, items = departments_and_items(person, asked)
    return evaluations.Filter(
        levels={"bad": (1, 2), "good": (3, 4, 5)}.get(level)
        or ((int(level),) if level in ("1", "2", "3", "4", "5") else ()),
        channel=number if (number := whole(asked.get("channel", ""))) in CHANNELS else None,
        city=whole(asked.get("city", ""), digits=6),  # GB/T 2260
        since=_day(asked.get("since")),
        until=shown_until(person, _day(asked.get("until"))),
        search=asked.get("search", "").strip()[:60],
        departments=departments,
        items=items,
    )


def departments_and_items(
    person: Person, asked: Mapping[str, str]
) -> tuple[Sequence[int] | None, Sequence[int] | None]:
    """Return the departments and items within reach whose names a list is narrowed to; None is
    every one.
    """
    scope = person.reach.scope
    department, item = (asked.get(name, "").strip()[:60] for name in ("department", "item"))
    return (
        directory.departments_named(department, scope) if department else None,
        directory.items_named(item, scope) if item else None,
    )


_COLUMNS = (
    Column(Words("回执号", "Receipt")),
    Column(Words("等级", "Level"), Kind.COUNT),
    Column(Words("评价", "Rating")),
    Column(Words("指标", "Codes")),
    Column(Words("评价内容（已遮盖）", "Words, masked")),
    Column(Words("事项", "Service")),
    Column(Words("被评单位", "Department")),
    Column(Words("地区", "Place")),
    Column(Words("渠道", "Channel")),
    Column(Words("评价时间", "Rated")),
)


def _table(found: Iterable[Sequence[evaluations.Rated]]) -> Table:
    return Table("ratings", Words("评价", "Ratings"), _COLUMNS, _lines(found))


def _lines(found: Iterable[Sequence[evaluations.Rated]]) -> Iterator[Line]:
    """Yield ratings as lines of a file, names looked up for some hundreds at a time."""
    tree = regions.tree()
    for some in found:
        departments = directory.department_names({one.department_id for one in some})
        items = directory.item_names({one.item_id for one in some})
        for one in some:
            yield Line(
                (
                    one.receipt,
                    one.level,
                    LEVELS[one.level],
                    "、".join(says.zh for _, says in one.codes),
                    one.words,
                    items.get(one.item_id, ""),
                    departments.get(one.department_id, ""),
                    tree.full_name(one.county),
                    CHANNELS[one.channel],
                    one.rated_at,
                )
            )


def shown_until(person: Person, asked: date | None) -> date | None:
    """Return the last day whose single ratings, and services not rated, somebody sees.

    Near the window that is yesterday, so that nobody can tell who has just rated how: neither by
    what is listed nor by what has just left a list.
    """
    if Right.SEE_LIVE in person.rights:
        return asked
    yesterday = business_day(clock.now()) - timedelta(days=1)
    return min(asked, yesterday) if asked else yesterday


@require_GET
def rating(request: OfficeRequest, number: str) -> HttpResponse:
    """Show one rating with the evidence of its channel and what became of it."""
    person = request.person
    key = key_of_receipt(number)
    found = evaluations.rated({key}).get(key) if key is not None else None
    latest = shown_until(person, None)
    if (
        found is None
        or not person.reach.covers(found.region)
        or (latest is not None and business_day(found.rated_at) > latest)
    ):
        raise NotFound
    request.reads.append(("evaluation", found.id, "read", {}, found.region))
    hold = screening.hold_of(found.id)
    return pages.render(
        request,
        "console/rating.html",
        rating=found,
        service=records.service(found.id),
        department=directory.department_names({found.department_id}).get(found.department_id, ""),
        item=directory.item_names({found.item_id}).get(found.item_id, ""),
        window=directory.window_facts({found.window_id}).get(found.window_id)
        if found.window_id
        else None,
        staff=directory.staff_labels({found.staff_id}).get(found.staff_id)
        if found.staff_id
        else None,
        place=regions.tree().full_name(found.region),
        follow_up=evaluations.follow_up(found.id),
        hold=hold,
        reasons=screening_rules.sentence(hold.reasons) if hold else None,
        order=orders.within(person.reach).filter(evaluation_id=found.id).first(),
        channels=CHANNELS,
        levels=LEVELS,
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
