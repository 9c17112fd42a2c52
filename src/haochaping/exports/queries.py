"""Reading one's own exports."""

from collections.abc import Iterator

from django.db.models import QuerySet

from haochaping.exports import models, rules


def of_person(user_id: int) -> QuerySet[models.Export]:
    """Return somebody's exports, the newest first."""
    return models.Export.objects.filter(user_id=user_id).order_by("-pk")


def open_of(user_id: int) -> int:
    """Return how many of somebody's exports are not done."""
    return models.Export.objects.filter(user_id=user_id, state__in=rules.OPEN).count()


def file(user_id: int, export_id: int) -> models.Export | None:
    """Return an export of somebody's own that is done."""
    return of_person(user_id).filter(pk=export_id, state=rules.State.DONE).first()


def parts(export_id: int) -> Iterator[bytes]:
    """Yield the file of an export, piece by piece."""
    found = models.Part.objects.filter(export_id=export_id).order_by("no")
    for no in list(found.values_list("no", flat=True)):
        yield bytes(found.get(no=no).data)
