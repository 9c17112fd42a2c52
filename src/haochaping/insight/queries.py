"""Reading maps."""

from haochaping.insight import models


def map_of(region: int) -> models.Map | None:
    """Return the map of what lies below a place, if its office brought one."""
    return models.Map.objects.filter(region=region, retired_at=None).first()
