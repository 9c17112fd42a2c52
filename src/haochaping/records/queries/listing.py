"""Lists of services: nothing of who was served."""

from django.db.models import QuerySet

from haochaping.records import models, rules

_LISTED = "project_no", "department_id", "item_id", "window_id", "county", "online", "served_at"


def listed(scope: tuple[int, int], since: int, before: int | None) -> QuerySet[models.Record]:
    """Return services within a range of regions from a key on, before another, with nothing of who
    was served; none of the platform's own tests.
    """
    upto = {} if before is None else {"pk__lt": before}
    found = models.Record.objects.filter(region__range=scope, pk__gte=since, **upto)
    return found.exclude(origin=rules.Origin.SYNTHETIC).only(*_LISTED)
