"""应评尽评: which windows, departments and items nobody can rate yet, or nobody has lately."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

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
    has_code: bool
    has_device: bool
    services: int  # registered lately
    ratings: int  # lately

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.ratings:
            return State.RATED
        ways = self.has_code or self.has_device or self.services
        return State.SILENT if ways else State.SHUT


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


def coverage(kind: Kind, scope: tuple[int, int], at: datetime) -> Iterator[Covered]:
    """Yield everything of a kind within a range of regions, in the directory's order: a fixed
    number of statements however many there are.
    """
    of, until = _OF[kind], business_day(at)
    rows = list(directory.still_open(of.listed(scope)))
    keys = [row.pk for row in rows]
    cut = analytics.Cut(scope, until - LATELY, until)
    sums = analytics.totals(cut, (of.subject.value,), now=analytics.fresh(at), subject=of.subject)
    counted = {row[of.subject.value]: analytics.counts(row) for row in sums}
    with_code = {code.target_id for code in codes.in_force(of.place, keys)}
    with_device = set()
    if kind is Kind.WINDOWS:
        with_device = devices.windows_with_devices(keys, in_use=True)
    for row in rows:
        found = counted.get(row.pk)
        yield Covered(
            row.pk,
            *of.told(row),
            row.pk in with_code,
            row.pk in with_device,
            found.services if found else 0,
            found.total if found else 0,
        )
