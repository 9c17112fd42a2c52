"""Reading attachments."""

from haochaping.attachments import models


def of_order(order_id: int) -> list[models.Attachment]:
    """Return the files of an order without their contents."""
    return list(models.Attachment.objects.filter(order_id=order_id).defer("data").order_by("pk"))


def shown(order_id: int, attachment_id: int) -> models.Attachment | None:
    """Return a file of an order that may be opened: found clean, or there is no scanner; the caller
    answers for the order's reach.
    """
    return models.Attachment.objects.filter(
        pk=attachment_id, order_id=order_id, verdict__in=("clean", "unscanned")
    ).first()


def waiting() -> list[int]:
    """Return the files that the virus scanner has not seen."""
    unseen = ("waiting", "unscanned")  # also those of before there was a scanner
    found = models.Attachment.objects.filter(verdict__in=unseen).order_by("pk")
    return list(found.values_list("pk", flat=True)[:50])


def contents(attachment_id: int) -> bytes:
    """Return the bytes of a file, for the scanner."""
    return bytes(models.Attachment.objects.values_list("data", flat=True).get(pk=attachment_id))
