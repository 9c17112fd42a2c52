"""Releases and cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from django.db.models import Q

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.kernel.moments import LOCAL
from haochaping.orders import queries as orders
from haochaping.publication import models, rules


def releases() -> list[models.Release]:
    """Return every release, the newest month and version first."""
    return list(models.Release.objects.defer("results").order_by("-period", "-version"))


def released() -> list[models.Release]:
    """Return the release in force of each month, the newest first."""
    found: dict[date, models.Release] = {}
    for one in models.Release.objects.filter(state=rules.State.RELEASED).order_by("-version"):
        found.setdefault(one.period, one)
    return [found[period] for period in sorted(found, reverse=True)]


def latest() -> models.Release | None:
    """Return the release of the newest month."""
    return next(iter(released()), None)


def chosen(period: str) -> models.Release | None:
    """Return the release in force of a month such as 2026-10, or of the newest for none."""
    found = released()
    return next((one for one in found if f"{one.period:%Y-%m}" == period), None) or next(
        iter(found), None
    )


def results_of(release: models.Release) -> rules.Results:
    """Return what a release holds."""
    return msgspec.json.decode(bytes(release.results), type=rules.Results)


def whole(several: Sequence[models.Release]) -> list[models.Release]:
    """Return releases with what they hold."""
    return list(models.Release.objects.filter(pk__in=[one.pk for one in several]))


def earlier(release: models.Release) -> rules.Results | None:
    """Return what was released of the same month before."""
    before = models.Release.objects.filter(period=release.period, version__lt=release.version)
    last = before.exclude(state=rules.State.DRAFT).order_by("-version").first()
    return results_of(last) if last else None


def cases(state: str, search: str = "") -> list[models.Case]:
    """Return cases in a state, the newest first."""
    found = models.Case.objects.filter(state=state)
    if search:
        within = Q(title__icontains=search) | Q(said__icontains=search)
        found = found.filter(within | Q(department__icontains=search) | Q(item__icontains=search))
    return list(found.order_by("-released_at", "-pk")[:200])


def case(key: int) -> models.Case | None:
    """Return a case that was released."""
    return models.Case.objects.filter(pk=key, state=rules.State.RELEASED).first()


@dataclass(frozen=True)
class Story:
    """An order that could be published, with its words masked already."""

    order_id: int
    number: str
    region: int
    department: str
    item: str
    month: date
    said: str
    done: str


def stories(limit: int = 20) -> list[Story]:
    """Return closed orders whose citizens were satisfied and that nobody has drafted a case of, the
    newest first.
    """
    known = set(models.Case.objects.values_list("order_id", flat=True))
    found = orders.put_right(limit + len(known))
    return [_story(one) for one in found if one.pk not in known][:limit]


def story_of(order_id: int) -> Story | None:
    """Return an order as a story."""
    order = orders.briefly(order_id)
    return _story(order) if order is not None else None


def _story(order: orders.Order) -> Story:
    steps = orders.last_steps(order.pk)
    measures = steps.get("rectify")
    done = str(measures.given.get("measures", "")) if measures else ""
    said = evaluations.words_of([order.evaluation_id]).get(order.evaluation_id, "")
    names = directory.department_names({order.rated_department_id})
    items = directory.item_names({order.item_id})
    opened = order.opened_at.astimezone(LOCAL).date()
    return Story(
        order.pk,
        order.number,
        order.region,
        names.get(order.rated_department_id, ""),
        items.get(order.item_id, ""),
        opened.replace(day=1),
        said,
        evaluations.masked_for(order.evaluation_id, done),
    )
