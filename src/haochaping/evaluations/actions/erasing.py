"""Erasing what is personal in a rating, because its citizen asked for it (PIPL 47). Where and how
good it was stays: it counted, and nobody can tell any more whose it was.
"""

from datetime import datetime

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.evaluations import models
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotFound


@transaction.atomic
def erase(*, evaluation_id: int, reason: str, by: int, at: datetime) -> None:
    """Blank words, name, phone and the index by which the rater was found, in the rating and in
    what followed it. The application changes no rating: a function of the tables' owner does this
    one thing, and what it took from the ledger's leaf shows in public (`proofs.forget`). Whoever
    was told of the rating hears of it from the feed.

    Raises NotFound.
    """
    rating = models.Evaluation.objects.filter(pk=evaluation_id)
    first = rating.only("region").first()
    if first is None:
        raise NotFound
    rows("SELECT hcp_erase_rating($1)", evaluation_id)
    feed.announce(kind=Kind.ERASED, refs=[evaluation_id])
    audit.record(
        subject="evaluation",
        subject_id=evaluation_id,
        verb="erase",
        details={"reason": reason},
        region=first.region,
        by=by,
        at=at,
    )
