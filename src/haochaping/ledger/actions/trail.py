"""The audit trail as a log of its own: what was done can be proved not to have been changed."""

from datetime import datetime

from django.db import transaction

from haochaping.audit import queries as audit
from haochaping.kernel.moments import business_day
from haochaping.ledger import models, queries
from haochaping.ledger.actions.sequence import append, open_log
from haochaping.ledger.rules import Leaf, leaf

_AT_ONCE = 20_000


@transaction.atomic
def enter_trail(*, at: datetime) -> int:
    """Commit to what was done since; return how many entries."""
    log = open_log(name=queries.names(business_day(at).year)[1], at=at)
    models.Log.objects.select_for_update().get(pk=log.pk)
    known = models.Trail.objects.order_by("-entry_id").values_list("entry_id", flat=True)
    fresh = audit.after(known[:1].first() or 0, limit=_AT_ONCE)
    entered = set(models.Trail.objects.filter(pk__in=[one.pk for one in fresh]).values_list("pk"))
    fresh = [one for one in fresh if (one.pk,) not in entered]
    entries = [leaf(Leaf.AUDIT, queries.commitment(one)) for one in fresh]
    first = append(log_id=log.pk, entries=entries)
    models.Trail.objects.bulk_create(
        models.Trail(entry_id=one.pk, log_id=log.pk, no=first + place)
        for place, one in enumerate(fresh)
    )
    return len(fresh)
