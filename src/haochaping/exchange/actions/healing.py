"""Looking for what should have been told to a partner and never was queued: comparing what was sent
with what a partner has shows nothing of it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import batched

from haochaping.evaluations import queries as evaluations
from haochaping.exchange import models
from haochaping.exchange.actions.uploading import queue
from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows
from haochaping.kernel.ids import first_key
from haochaping.kernel.moments import begin_of, business_day
from haochaping.orders import queries as orders
from haochaping.records import queries as records

_FACTS = f"""
SELECT {Kind.RECORD:d} AS kind, id FROM {records.SERVICES} AS service WHERE day = $1 AND id >= $2
UNION ALL
SELECT {Kind.RATING:d}, id FROM {evaluations.RATINGS} AS rating WHERE day = $1 AND id >= $2
 ORDER BY kind, id
"""  # noqa: S608 - built from constants
_UNTOLD = """
SELECT fact.kind, fact.ref FROM unnest($2::smallint[], $3::bigint[]) AS fact (kind, ref)
 WHERE NOT EXISTS (SELECT FROM exchange_delivery AS told WHERE told.partner_id = $1
                      AND told.kind = fact.kind AND told.ref = fact.ref)
"""
_RATED_WITHIN = timedelta(days=60)  # of its service, nearly every rating
_AT_ONCE = 5000


def heal_untold(*, day: date, at: datetime) -> dict[int, int]:
    """Queue what happened on a day (services, ratings, what was said later, steps of orders) that
    partners should have been told of and were not; return of which partners how many there were.
    """
    facts = rows(_FACTS, day, first_key(begin_of(day) - _RATED_WITHIN))
    facts += evaluations.said_later(day)
    made = orders.steps_made(begin_of(day), begin_of(day + timedelta(days=1)))
    facts += [{"kind": Kind.ORDER, "id": step} for step in made]
    healed: dict[int, int] = {}
    for partner in models.Partner.objects.filter(ended_at=None).only("connected_at"):
        if business_day(partner.connected_at) < day:
            told = sum(_healed(partner.pk, some, made, at) for some in batched(facts, _AT_ONCE))
            healed |= {partner.pk: told} if told else {}
    return healed


def _healed(
    partner_id: int, facts: Sequence[dict[str, int]], made: Mapping[int, int], at: datetime
) -> int:
    kinds, refs = [row["kind"] for row in facts], [row["id"] for row in facts]
    untold = [(row["kind"], row["ref"]) for row in rows(_UNTOLD, partner_id, kinds, refs)]
    if not untold:
        return 0
    told = models.Delivery.objects.filter(partner_id=partner_id, ref__in=[ref for _, ref in untold])
    before = told.count()
    of_orders = {(kind, made[ref]) for kind, ref in untold if kind == Kind.ORDER}
    others = [(kind, ref) for kind, ref in untold if kind != Kind.ORDER]
    # of its departments, and no echo
    queue(facts=[*others, *sorted(of_orders)], partner_id=partner_id, at=at)
    return told.count() - before
