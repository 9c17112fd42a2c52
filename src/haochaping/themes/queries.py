"""Reading themes."""

from dataclasses import dataclass

from haochaping.identity.rules import Reach
from haochaping.regions.rules import above
from haochaping.themes import models, rules


@dataclass(frozen=True)
class Seen:
    """A theme with its parts in order: (basic code, name)."""

    id: int
    kind: rules.Kind
    name: str
    region: int
    parts: tuple[tuple[str, str], ...]


def themes(reach: Reach, kind: rules.Kind | None = None) -> list[Seen]:
    """Return the themes of somebody's region, of those above it and of those within it."""
    found = models.Theme.objects.filter(retired_at=None).prefetch_related("part_set")
    if kind is not None:
        found = found.filter(kind=kind)
    over = set(above(reach.low))
    return [
        _seen(row)
        for row in found.order_by("kind", "region", "name")
        if row.region in over or reach.covers(row.region)
    ]


def one(theme_id: int, reach: Reach) -> Seen | None:
    """Return one theme, None where it is not for somebody."""
    return next((theme for theme in themes(reach) if theme.id == theme_id), None)


def _seen(row: models.Theme) -> Seen:
    parts = sorted(row.part_set.all(), key=lambda part: part.place)
    pairs = tuple((part.basis, part.name) for part in parts)
    return Seen(row.pk, rules.Kind(row.kind), row.name, row.region, pairs)
