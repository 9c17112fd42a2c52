"""应评尽评: which windows, departments and items nobody can rate yet, or nobody has lately."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import batched
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Concat

from haochaping.analytics import queries as analytics
from haochaping.analytics.rules.grains import Subject
from haochaping.devices import queries as devices
from haochaping.directory import queries as directory
from haochaping.invitations import queries as codes
from haochaping.invitations.rules import Place
from haochaping.kernel.moments import business_day
from haochaping.kernel.words import Words

LATELY = timedelta(days=28)


class Kind(StrEnum):
    """What is looked at."""

    WINDOWS = "windows"
    DEPARTMENTS = "departments"
    ITEMS = "items"


class State(StrEnum):
    """How far it has come."""

    SHUT = "shut"  # no code, no device, no service registered: nobody can rate it
    SILENT = "silent"  # it can be rated, and was not
    RATED = "rated"


STATES: Mapping[State, Words] = {
    State.SHUT: Words("无法评价", "Nobody can rate it"),
    State.SILENT: Words("近 28 天无评价", "Not rated in 28 days"),
    State.RATED: Words("有评价", "Rated"),
}
KINDS: Mapping[Kind, Words] = {
    Kind.WINDOWS: Words("窗口", "Windows"),
    Kind.DEPARTMENTS: Words("部门", "Departments"),
    Kind.ITEMS: Words("事项", "Items"),
}


@dataclass(frozen=True)
class Covered:
    """A window, department or item, and the ways in which it can be rated."""

    key: int
    code: str
    name: str
    whose: str
    region: int
    state: State
    has_code: bool
    has_device: bool
    services: int  # registered lately
    ratings: int  # lately


def _window(row: Any) -> tuple[str, str, str, int]:
    name = f"{row.hall.name} {row.number}"
    return row.code, name, row.department.name, row.hall.region


def _department(row: Any) -> tuple[str, str, str, int]:
    return row.uscc, row.name, "", row.region


def _item(row: Any) -> tuple[str, str, str, int]:
    return row.code, row.name, row.department.name, row.department.region


@dataclass(frozen=True)
class _Of:
    """Where a kind is listed, counted and given codes."""

    listed: Callable[[tuple[int, int]], Any]
    subject: Subject
    place: Place
    told: Callable[[Any], tuple[str, str, str, int]]


_OF: Mapping[Kind, _Of] = {
    Kind.WINDOWS: _Of(directory.windows, Subject.WINDOW, Place.WINDOW, _window),
    Kind.DEPARTMENTS: _Of(directory.departments, Subject.DEPARTMENT, Place.DEPARTMENT, _department),
    Kind.ITEMS: _Of(directory.items, Subject.ITEM, Place.ITEM, _item),
}


_IN_NAMES: Mapping[Kind, Sequence[str]] = {  # where words are looked for
    Kind.WINDOWS: ("full", "department__name"),
    Kind.DEPARTMENTS: ("name",),
    Kind.ITEMS: ("name", "department__name"),
}
_CODE: Mapping[Kind, str] = {Kind.WINDOWS: "code", Kind.DEPARTMENTS: "uscc", Kind.ITEMS: "code"}


@dataclass(frozen=True)
class Coverage:
    """Everything of a kind within a range of regions, in the directory's order: by key alone, for
    there are tens of thousands, of which a page shows fifty.
    """

    kind: Kind
    scope: tuple[int, int]
    keys: Sequence[int]
    with_code: set[int]
    with_device: set[int]
    lately: Mapping[int, tuple[int, int]]  # services and ratings

    def state(self, key: int) -> State:
        """Return how far one has come."""
        services, ratings = self.lately.get(key, _NONE)
        if ratings:
            return State.RATED
        ways = key in self.with_code or key in self.with_device or services
        return State.SILENT if ways else State.SHUT

    def named(self, search: str) -> set[int]:
        """Return the keys of those whose name or whose department's holds a text, or whose code it
        is.
        """
        found = directory.still_open(_OF[self.kind].listed(self.scope))
        if self.kind is Kind.WINDOWS:
            found = found.annotate(full=Concat("hall__name", Value(" "), "number"))
        held = Q(**{_CODE[self.kind]: search})
        for name in _IN_NAMES[self.kind]:
            held |= Q(**{f"{name}__contains": search})
        return set(found.filter(held).values_list("pk", flat=True))

    def told(self, keys: Sequence[int]) -> Iterator[Covered]:
        """Yield some of them with their names, in their order; gone ones are left out."""
        of = _OF[self.kind]
        for some in batched(keys, _AT_ONCE):
            rows = of.listed(self.scope).in_bulk(some)
            for key in some:
                if key in rows:
                    ways = key in self.with_code, key in self.with_device
                    lately = self.lately.get(key, _NONE)
                    yield Covered(key, *of.told(rows[key]), self.state(key), *ways, *lately)


_NONE = (0, 0)
_AT_ONCE = 1000


def coverage(kind: Kind, scope: tuple[int, int], at: datetime) -> Coverage:
    """Return how far everything of a kind has come: a fixed number of statements however many there
    are.
    """
    of, until = _OF[kind], business_day(at)
    open_ones = directory.still_open(of.listed(scope))
    cut = analytics.Cut(scope, until - LATELY, until)
    return Coverage(
        kind,
        scope,
        list(open_ones.values_list("pk", flat=True)),
        codes.with_code_in_force(of.place, scope),
        devices.windows_in_use(scope) if kind is Kind.WINDOWS else set(),
        analytics.volumes(cut, of.subject, now=analytics.fresh(at)),
    )
