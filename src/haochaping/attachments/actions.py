"""Keeping attachments."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction

from haochaping.attachments import models, rules
from haochaping.audit import actions as audit
from haochaping.identity.rules import SYSTEM
from haochaping.kernel.words import Words


@transaction.atomic
def keep(*, order_id: int, region: int, name: str, data: bytes, by: int, at: datetime) -> int:
    """Keep a file of an order and return its id; the same content again is the same file.

    Raises BadFile. With a scanner configured it waits for the scanner's word.
    """
    mine = models.Attachment.objects.filter(order_id=order_id)
    if mine.count() >= rules.MOST:
        raise rules.BadFile(
            Words(f"一件工单最多 {rules.MOST} 个附件。", f"At most {rules.MOST} files to an order.")
        )
    file = rules.accept_file(name, data)
    digest = hashlib.sha256(file.data).digest()
    same = mine.filter(digest=digest).values_list("pk", flat=True).first()
    if same is not None:
        return same
    kept = models.Attachment.objects.create(
        order_id=order_id,
        region=region,
        name=file.name,
        kind=file.kind,
        size=len(file.data),
        digest=digest,
        data=file.data,
        verdict="waiting" if settings.VIRUS_SCANNER else "unscanned",
        by=by,
        at=at,
    )
    audit.record(
        subject="order",
        subject_id=order_id,
        verb="attach",
        details={"kind": file.kind, "size": len(file.data)},
        region=region,
        by=by,
        at=at,
    )
    return kept.pk


@transaction.atomic
def note_scan(*, attachment_id: int, clean: bool, by: int = SYSTEM, at: datetime) -> None:
    """Note the scanner's word on a file.

    An infected one is kept for evidence and shown to nobody.
    """
    kept = models.Attachment.objects.get(pk=attachment_id)
    kept.verdict = "clean" if clean else "infected"
    kept.save(update_fields=["verdict"])
    if not clean:
        audit.record(
            subject="order",
            subject_id=kept.order_id,
            verb="quarantine",
            details={"file": kept.pk},
            region=kept.region,
            by=by,
            at=at,
        )
