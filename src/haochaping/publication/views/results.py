"""Results of a month for everybody: places, departments and items, with intervals and bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from haochaping.indicators.rules import LEVELS
from haochaping.insight.rules.fair import BANDS, FEWEST, Band
from haochaping.kernel import pages
from haochaping.kernel.errors import NotFound
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.publication import models, queries, rules
from haochaping.regions import queries as regions

SIZE = 50
_TITLES = {
    "areas": Words("地区", "Places"),
    "departments": Words("部门", "Departments"),
    "items": Words("事项", "Items"),
}


@dataclass(frozen=True)
class Shown:
    """A release that is looked at, and what it holds."""

    release: models.Release
    results: rules.Results
    proved: bool  # by the ledger


def shown(request: HttpRequest) -> Shown | None:
    """Return the release that is asked for, or the newest; None where nothing was released yet.
    Raises Withdrawn or NotFound.
    """
    release = queries.asked_for(request.GET.get("period", ""))
    if release is None:
        return None
    return Shown(release, queries.results_of(release), queries.is_proved(release))


def _context(seen: Shown | None, kind: str) -> dict[str, Any]:
    return {
        "seen": seen,
        "periods": [f"{one.period:%Y-%m}" for one in queries.released()],
        "title": _TITLES[kind],
        "kind": kind,
        "bands": BANDS,
        "band_of": lambda unit: Band(unit.band),
        "levels": LEVELS,
        "fewest": FEWEST,
        "smallest": rules.SMALLEST_CELL,
        "tree": regions.tree(),
    }


@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """Show the cities in the order of their codes, each with its interval: no ranking."""
    seen = shown(request)
    units = sorted(seen.results.cities, key=lambda one: one.key) if seen else []
    return _list(request, seen, "areas", units)


@require_safe
def area(request: HttpRequest, key: int) -> HttpResponse:
    """Show a city with its counties and its departments, or a county."""
    seen = shown(request)
    results = _held(seen).results
    unit = _find((*results.cities, *results.counties), key)
    below = [one for one in results.counties if one.above == key and one.key != key]
    departments = [one for one in results.departments if one.above == key]
    return _one(request, seen, "areas", unit, below=below, departments=departments)


@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    """List the departments by name, by place and by words."""
    seen = shown(request)
    return _list(request, seen, "departments", seen.results.departments if seen else ())


@require_safe
def department(request: HttpRequest, key: int) -> HttpResponse:
    """Show a department."""
    seen = shown(request)
    results = _held(seen).results
    mine = [one for one in results.items if one.of == key]
    return _one(request, seen, "departments", _find(results.departments, key), items=mine)


@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """List the items by name."""
    seen = shown(request)
    return _list(request, seen, "items", seen.results.items if seen else ())


@require_safe
def item(request: HttpRequest, key: int) -> HttpResponse:
    """Show an item."""
    seen = shown(request)
    return _one(request, seen, "items", _find(_held(seen).results.items, key))


def _held(seen: Shown | None) -> Shown:
    if seen is None:
        raise NotFound
    return seen


def _find(units: Sequence[rules.Unit], key: int) -> rules.Unit:
    found = next((unit for unit in units if unit.key == key), None)
    if found is None:
        raise NotFound
    return found


def _list(
    request: HttpRequest, seen: Shown | None, kind: str, units: Sequence[rules.Unit]
) -> HttpResponse:
    search = request.GET.get("q", "").strip()[:40]
    city = whole(request.GET.get("city", "")) or 0
    found = [
        unit
        for unit in units
        if (not search or search in unit.name or unit.code.startswith(search))
        and (not city or unit.above // 10**8 == city // 10**8)
    ]
    pages_ = max(1, -(-len(found) // SIZE))
    number = min(max(1, whole(request.GET.get("page", "")) or 1), pages_)
    return pages.render(
        request,
        "publication/units.html",
        units=found[(number - 1) * SIZE : number * SIZE],
        total=len(found),
        number=number,
        pages=pages_,
        search=search,
        city=city,
        cities=seen.results.cities if seen else (),
        **_context(seen, kind),
    )


_BESIDE = {
    "areas": Words("与同级地区相比", "beside the places of its level"),
    "departments": Words("与同级部门相比", "beside the departments of its level"),
    "items": Words("与全省事项相比，不分类别", "beside all items, of whatever kind"),
}


def _one(
    request: HttpRequest, seen: Shown | None, kind: str, unit: rules.Unit, **more: Any
) -> HttpResponse:
    history = _history(kind, unit)
    context = _context(seen, kind) | {"periods": [period for period, _ in history]}
    return pages.render(
        request,
        "publication/unit.html",
        unit=unit,
        history=history,
        below=more.get("below", ()),
        departments=more.get("departments", ()),
        items=more.get("items", ()),
        beside=_BESIDE,
        **context,
    )


def _history(kind: str, unit: rules.Unit) -> list[tuple[str, rules.Unit]]:
    """Return how a unit stood in the last months that were released, the newest first."""
    found = []
    for release in queries.released()[:12]:
        results = queries.results_of(release)
        lists = {
            "areas": (*results.cities, *results.counties),
            "departments": results.departments,
            "items": results.items,
        }
        same = next((one for one in lists[kind] if one.key == unit.key), None)
        if same is not None:
            found.append((results.period, same))
    return found
