"""Finding by a few letters 全局搜索: pages of one's menu, orders, ratings, places, people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import Right
from haochaping.kernel import pages
from haochaping.kernel.ids import key_of_receipt
from haochaping.kernel.pinyin import sounds_like
from haochaping.kernel.words import Words
from haochaping.orders import queries as orders

_MOST = 6  # of each kind


@dataclass(frozen=True)
class Hit:
    """Something that was found, and where it is."""

    says: Words
    href: str
    beside: str = ""


type Group = tuple[Words, Sequence[Hit]]


@require_GET
def find(request: OfficeRequest) -> HttpResponse:
    """Show what somebody may see and what they typed may mean."""
    typed = request.GET.get("q", "").strip()[:60]
    groups = list(_groups(request, typed)) if typed else []
    return pages.render(request, "console/find.html", typed=typed, groups=groups)


def _groups(request: OfficeRequest, typed: str) -> Iterable[Group]:
    found: list[Group] = [(Words("页面", "Pages"), _pages(request, typed))]
    person = request.person
    if Right.SEE_ORDERS in person.rights:
        found.append((Words("工单", "Orders"), _orders(person, typed)))
    if Right.SEE_RATINGS in person.rights:
        found.append((Words("评价", "Ratings"), _ratings(typed)))
    if Right.SEE_DIRECTORY in person.rights:
        found += _directory(person, typed)
    if Right.SEE_PEOPLE in person.rights:
        found.append((Words("用户", "People"), _people(person, typed)))
    return [(says, hits) for says, hits in found if hits]


def _pages(request: OfficeRequest, typed: str) -> list[Hit]:
    return [
        Hit(entry.says, reverse(entry.route, kwargs=entry.kwargs), title.zh)
        for title, entries in request.menu
        for entry in entries
        if sounds_like(entry.says.zh, typed) or typed.lower() in entry.says.en.lower()
    ][: 2 * _MOST]


def _orders(person: Person, typed: str) -> list[Hit]:
    return [
        Hit(Words(number, number), reverse("orders:one", args=[key]), about)
        for key, number, about in orders.find(typed, person.reach, _MOST)
    ]


_WORD = 2  # letters from which a text may be searched for in what citizens wrote


def _ratings(typed: str) -> list[Hit]:
    if key_of_receipt(typed) is None:
        if typed.isascii() or len(typed) < _WORD:
            return []
        says = Words(f"评价文字含“{typed}”", f"Ratings that say “{typed}”")
        return [Hit(says, f"{reverse('console:ratings')}?{urlencode({'search': typed})}")]
    number = typed.upper()
    return [Hit(Words(number, number), reverse("console:rating", args=[number]))]


def _directory(person: Person, typed: str) -> Iterable[Group]:
    scope, keeps = person.reach.scope, Right.KEEP_DIRECTORY in person.rights
    figures = Right.SEE_FIGURES in person.rights
    lists: dict[str, tuple[Words, QuerySet[Any], str]] = {
        "departments": (Words("部门", "Departments"), directory.departments(scope), "name"),
        "halls": (Words("大厅", "Halls"), directory.halls(scope), "name"),
        "windows": (Words("窗口", "Windows"), directory.windows(scope), "number"),
        "items": (Words("事项", "Items"), directory.items(scope), "name"),
    }
    portraits = {
        "departments": "insight:department",
        "halls": "insight:hall",
        "windows": "insight:window",
        "items": "insight:item",
    }
    for kind, (says, rows, column) in lists.items():
        hits = []
        for row in rows.filter(**{f"{column}__icontains": typed})[:_MOST]:
            name, beside = getattr(row, column), row.hall.name if kind == "windows" else ""
            if figures and kind in portraits:
                href = reverse(portraits[kind], args=[row.pk])
            elif keeps:
                href = reverse("directory:entry", args=[kind, row.pk])
            else:
                href = reverse("directory:table", args=[kind])
            hits.append(Hit(Words(name, name), href, beside))
        yield says, hits


def _people(person: Person, typed: str) -> list[Hit]:
    return [
        Hit(
            Words(one.user.first_name or one.user.username, one.user.username),
            reverse("accounts:person", args=[one.user_id]),
            one.user.username,
        )
        for one in identity.grants(person.reach, typed)[:_MOST]
    ]
