"""Reading what detectors look at, and findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, QuerySet

from haochaping.callbacks import queries as calls
from haochaping.detection import models, rules
from haochaping.detection.rules.world import (
    Calls,
    Changes,
    Devices,
    Orders,
    Ratings,
    Services,
    Texts,
    World,
)
from haochaping.devices import queries as devices
from haochaping.evaluations import queries as evaluations
from haochaping.identity.rules import Reach
from haochaping.kernel.moments import LOCAL
from haochaping.orders import queries as orders
from haochaping.regions.rules import narrowed, scope

_QUARTER, _HALF_YEAR = timedelta(days=90), timedelta(days=182)
_FLOATS = {"rated", "served", "accepted", "hours", "closed"}


def _table[T](kind: type[T], columns: Sequence[str], chunks: Iterator[Sequence[Any]]) -> T:
    """Return rows, as they come, as arrays: one for each of these columns."""
    parts: dict[str, list[Any]] = {name: [] for name in columns}
    for chunk in chunks:
        for name, values in zip(columns, zip(*chunk, strict=True), strict=True):
            numbers = np.float64 if name in _FLOATS else np.int64
            parts[name].append(np.array(values, dtype=numbers))
    return kind(**{name: np.concatenate(part) for name, part in parts.items() if part})


_RATINGS = (
    "id", "window", "staff", "department", "channel", "level", "rated", "served", "accepted",
    "rater", "network", "on_site",
)  # fmt: skip
_SERVICES = ("window", "served", "phone", "holder", "rated_too")


def world(city: int, since: date, until: date) -> World:
    """Return a city's business days from one to another as detectors look at them; orders of the
    last half year and calls of the last quarter, for there are few.
    """

    def read(what: str) -> Iterator[Sequence[Any]]:
        return evaluations.for_detectors(what, city, since, until)

    begin, end = (
        datetime.combine(day, time(), LOCAL) for day in (since, until + timedelta(days=1))
    )
    area = scope(city * 10**6)
    ratings = _table(Ratings, _RATINGS, read("ratings"))
    served = _table(dict, _SERVICES, read("services"))
    served["rated"] = served.pop("rated_too", np.zeros(0, np.int64)).astype(np.int64)
    return World(
        begin.timestamp(),
        end.timestamp(),
        replace(ratings, box=ratings.on_site),  # what is rated at the window was pressed there
        Services(**served),
        _texts(ratings, read("texts")),
        _table(Changes, ("department", "id", "before", "after", "hours"), read("changes")),
        _orders(area, end - _HALF_YEAR),
        _devices(area, begin),
        _calls(area, end - _QUARTER),
    )


def _texts(ratings: Ratings, chunks: Iterator[Sequence[Any]]) -> Texts:
    """Return the words, each with the row of its rating: those are in the order of their keys."""
    found = [pair for chunk in chunks for pair in chunk]
    keys = np.array([key for key, _ in found], np.int64)
    return Texts(np.searchsorted(ratings.id, keys), tuple(words for _, words in found))


def _orders(area: tuple[int, int], since: datetime) -> Orders:
    names = ("department", "id", "closed", "dropped", "called", "reply")
    closed = orders.closed_since(area, since)
    return _table(Orders, names, iter([closed] if closed else []))


def _devices(area: tuple[int, int], since: datetime) -> Devices:
    given = devices.numbers_given(area)
    receipts = devices.receipts(area, since)
    there = evaluations.there([key for _, key in receipts if key is not None])
    rows = [(window, numbers, received, 0, 0) for window, numbers, received in given]
    rows += [(window, 0, 0, 1, int(key in there)) for window, key in receipts]
    names = ("window", "given", "received", "promised", "stored")
    return _table(Devices, names, iter([rows] if rows else []))


def _calls(area: tuple[int, int], since: datetime) -> Calls:
    said = calls.said_on_the_telephone(area, since)
    return _table(Calls, ("department", "level"), iter([said] if said else []))


def cities(since: datetime) -> list[int]:
    """Return the cities in which anybody was served since a moment."""
    return evaluations.cities_rated(since)


def findings(
    reach: Reach,
    state: str = "",
    detector: str = "",
    city: int | None = None,
    *,
    decided: bool = False,
) -> QuerySet[models.Finding]:
    """Return the findings within a reach, the open and surest first; a department, and whoever does
    not screen (`decided`), sees them once they are decided.
    """
    found = models.Finding.objects.filter(region__range=reach.scope)
    if reach.department_id is not None:
        found = models.Finding.objects.filter(department_id=reach.department_id)
    if decided or reach.department_id is not None:
        found = found.exclude(state__in=[rules.State.SUSPECTED, rules.State.NORMAL])
    if state:
        found = found.filter(state=state)
    if detector:
        found = found.filter(detector=detector)
    if city is not None:
        found = found.filter(region__range=narrowed(reach.scope, city))
    return found.order_by("-seen_at", "p", "pk")


def finding(finding_id: int, reach: Reach, *, decided: bool) -> models.Finding | None:
    """Return one finding within a reach, only a `decided` one for whoever does not screen."""
    return findings(reach, decided=decided).filter(pk=finding_id).first()


def opinions(finding_id: int) -> list[models.Opinion]:
    """Return what people said of a finding, in order."""
    return list(models.Opinion.objects.filter(finding_id=finding_id).order_by("at", "pk"))


@dataclass(frozen=True)
class Tally:
    """How many findings of a detector stand where."""

    detector: str
    states: dict[str, int]

    @property
    def whole(self) -> int:
        """All of them."""
        return sum(self.states.values())


def tallies(reach: Reach, since: date) -> list[Tally]:
    """Return by detector how many findings of a period stand where: what is published each month
    (trust design §2.6).
    """
    found = findings(reach).filter(until__gte=since).order_by()
    counted = found.values_list("detector", "state").annotate(n=Count("pk"))
    states: dict[str, dict[str, int]] = {}
    for detector, state, n in counted:
        states.setdefault(detector, {})[state] = n
    return [Tally(detector, by) for detector, by in states.items()]


def last_runs(reach: Reach) -> list[models.Run]:
    """Return the last look at each city within a reach, the newest first."""
    low, high = (code // 10**6 for code in reach.scope)
    found = models.Run.objects.filter(city__range=(low, high)).order_by("city", "-at")
    return sorted(found.distinct("city"), key=lambda run: (-run.at.timestamp(), run.city))


def waiting(reach: Reach) -> int:
    """Return how many findings within a reach nobody has decided."""
    return findings(reach).filter(state__in=[rules.State.SUSPECTED, rules.State.APPEALED]).count()
