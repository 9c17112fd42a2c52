"""Reading dispatch rules."""

from django.db.models import Q, QuerySet

from haochaping.regions.rules import above
from haochaping.routing import models


def within(scope: tuple[int, int]) -> QuerySet[models.Rule]:
    """Return the dispatch rules within a range of regions."""
    return models.Rule.objects.filter(region__range=scope, retired_at=None).order_by("region", "pk")


def department_for(*, region: int, rated_department_id: int, item_id: int) -> int | None:
    """Return the department to which a rule dispatches an order at once.

    The rule that says most wins; None where none fits.
    """
    fits = Q(rated_department_id__in=[rated_department_id]) | Q(rated_department_id=None)
    fits &= Q(item_id=item_id) | Q(item_id=None)
    best = max(
        models.Rule.objects.filter(fits, region__in=above(region), retired_at=None),
        key=lambda rule: (
            rule.item_id is not None,
            rule.rated_department_id is not None,
            rule.region,
            rule.pk,
        ),
        default=None,
    )
    return best.department_id if best is not None else None
