"""Services that nobody has rated 未评价记录: the other half of every share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from haochaping.evaluations import models
from haochaping.kernel.ids import first_key
from haochaping.kernel.moments import begin_of
from haochaping.records import queries as records
from haochaping.regions.rules import narrowed

OPEN_FOR = timedelta(days=90)  # in which a service can be rated, and is therefore listed


@dataclass(frozen=True)
class Unrated:
    """A service that nobody has rated: nothing of who was served."""

    id: int
    number: str
    department_id: int
    item_id: int
    window_id: int | None
    county: int
    online: bool | None
    served_at: datetime


@dataclass(frozen=True)
class Wanted:
    """Which of them are looked for; None is everything."""

    city: int | None = None
    online: bool | None = None
    since: date | None = None
    until: date | None = None
    departments: Sequence[int] | None = None
    items: Sequence[int] | None = None


def unrated(
    scope: tuple[int, int],
    wanted: Wanted,
    *,
    department_id: int | None = None,
    before: int | None = None,
    size: int,
    at: datetime,
) -> tuple[list[Unrated], int | None]:
    """Return one page of services that can be rated and were not, the newest first, from the one
    before a key on, of one department or of all; and the key before which the next page begins.
    """
    since, until = _keys(wanted, before, at)
    found = records.listed(narrowed(scope, wanted.city), since, until)
    facts = {
        "online": wanted.online,
        "department_id__in": wanted.departments,
        "item_id__in": wanted.items,
        "department_id": department_id,
    }
    found = found.filter(**{name: value for name, value in facts.items() if value is not None})
    rated = models.Evaluation.objects.filter(pk=OuterRef("pk"))
    rows = list(found.filter(~Exists(rated)).order_by("-pk")[: size + 1])
    shown = [
        Unrated(
            row.pk,
            row.project_no,
            row.department_id,
            row.item_id,
            row.window_id,
            row.county,
            row.online,
            row.served_at,
        )
        for row in rows[:size]
    ]
    return shown, shown[-1].id if len(rows) > size else None


def _keys(wanted: Wanted, before: int | None, at: datetime) -> tuple[int, int | None]:
    """Return from which key on, before which other, services are looked for."""
    since = first_key(at - OPEN_FOR)
    if wanted.since is not None:
        since = max(since, first_key(begin_of(wanted.since)))
    until = first_key(begin_of(wanted.until + timedelta(days=1))) if wanted.until else None
    bounds = [one for one in (before, until) if one is not None]
    return since, min(bounds, default=None)
