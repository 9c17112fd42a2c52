"""The ledger of the demonstration: begun a month ago with all that was there, and since then every
day entered on its own day, with its book.
"""

from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from haochaping.feed import actions as feed
from haochaping.kernel.ids import moment_of
from haochaping.kernel.moments import begin_of, business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.proofs import actions as proofs
from haochaping.proofs import queries as ledgers
from haochaping.proofs import rules
from haochaping.proofs.actions.enter import READER

_EVENING = timedelta(hours=21)
_BEGUN = timedelta(days=30)
_WORD = "示范抽样"  # that draws the sample


def keep(at: datetime) -> None:
    """Enter what was loaded as if each day had been entered on that day, and close the days."""
    while feed.sequence(at=at):
        pass
    _enter(at)
    _publish(at)
    proofs.close_days(at=at)
    _publish(at)
    proofs.prove_days(at=at)
    _audit(at)


def _audit(at: datetime) -> None:
    """Have last week's largest day sampled, as an audit office would."""
    days = ledgers.days()[:7]
    if not days:
        return
    day = max(days, key=lambda one: one.rows)
    log = next(one for one in logs.logs() if one.pk == day.log_id)
    root = logs.root_of(log, day.end)
    rated = ledgers.rated_leaves(log.pk, day.begin, day.end)
    draw = rules.Draw(str(day.day), _WORD, tuple(rules.drawn(root, _WORD, rated, 100)))
    proofs.open_sample(log=log, draw=draw, reason="演示：审计抽样", by=0, at=at)
    altered = ledgers.altered(ledgers.opened(log.pk, day.begin, day.end))
    wrong = sum(one.no in draw.numbers for one in altered)
    found = rules.Found(draw.day, _WORD, "省审计厅（演示）", len(draw.numbers), wrong)
    proofs.say_sampled(log=log, found=found, by=0, at=at)
    _publish(at)


@transaction.atomic
def _enter(at: datetime) -> None:
    facts: list[tuple[int, int]] = []
    while feed.follow(name=READER, effect=facts.extend, limit=200):
        pass
    first, today = business_day(at - _BEGUN), business_day(at)
    ordered = sorted(
        (min(max(business_day(moment_of(ref)), first), today), ref, kind) for kind, ref in facts
    )
    for day, some in groupby(ordered, lambda one: one[0]):
        evening = begin_of(day) + _EVENING
        proofs.enter(facts=[(kind, ref) for _, ref, kind in some], at=min(evening, at))


def _publish(at: datetime) -> None:
    for log in logs.logs():
        ledger.publish(log_id=log.pk, at=at)
