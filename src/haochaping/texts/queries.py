"""Reading texts."""

from django.db.models import QuerySet

from haochaping.identity.queries import Person
from haochaping.texts import models


def of_office(person: Person) -> QuerySet[models.Text]:
    """Return the texts that somebody's own office writes often."""
    return models.Text.objects.filter(
        department_id=person.department_id, region=person.region, retired_at=None
    ).order_by("fact", "title")
