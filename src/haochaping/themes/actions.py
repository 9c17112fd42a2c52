"""Keeping themes."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel.errors import NotFound
from haochaping.themes import models, rules


@transaction.atomic
def keep(
    *,
    kind: rules.Kind,
    name: str,
    items: Sequence[int],
    region: int,
    theme_id: int | None = None,
    by: int,
    at: datetime,
) -> int:
    """Keep a theme with these items, steps in this order: a new one, or `theme_id` changed.

    Raises BadTheme.
    """
    identity.require(by, Right.SUPERVISE, within=region)
    name, parts = name.strip()[:40], directory.bases(items)
    if not name or not parts:
        raise rules.BadTheme
    try:
        with transaction.atomic():
            theme = _row(kind, name, region, theme_id, by)
    except IntegrityError:
        raise rules.BadTheme from None
    theme.part_set.all().delete()
    models.Part.objects.bulk_create(
        models.Part(theme=theme, place=place, basis=basis, name=title)
        for place, (basis, title) in enumerate(parts, 1)
    )
    _record(theme, "keep", [basis for basis, _ in parts], by, at)
    return theme.pk


def _row(kind: rules.Kind, name: str, region: int, theme_id: int | None, by: int) -> models.Theme:
    if theme_id is None:
        return models.Theme.objects.create(kind=kind, name=name, region=region)
    theme = models.Theme.objects.select_for_update().filter(pk=theme_id, retired_at=None).first()
    if theme is None:
        raise NotFound
    identity.require(by, Right.SUPERVISE, within=theme.region)
    theme.name, theme.kind = name, kind
    theme.save(update_fields=["name", "kind"])
    return theme


@transaction.atomic
def retire(*, theme_id: int, by: int, at: datetime) -> None:
    """Show a theme no more."""
    theme = models.Theme.objects.select_for_update().filter(pk=theme_id, retired_at=None).first()
    if theme is None:
        raise NotFound
    identity.require(by, Right.SUPERVISE, within=theme.region)
    theme.retired_at = at
    theme.save(update_fields=["retired_at"])
    _record(theme, "retire", [], by, at)


def _record(theme: models.Theme, verb: str, items: Sequence[str], by: int, at: datetime) -> None:
    audit.record(
        subject="theme",
        subject_id=theme.pk,
        verb=verb,
        details={"name": theme.name, "items": list(items)},
        region=theme.region,
        by=by,
        at=at,
    )
