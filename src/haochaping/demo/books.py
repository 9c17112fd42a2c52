"""The ledger of the demonstration: begun a month ago with all that was there, and since then every
day entered on its own day, with its book.
"""

import hashlib
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction

from haochaping.evaluations import queries as evaluations
from haochaping.feed import actions as feed
from haochaping.kernel.ids import moment_of
from haochaping.kernel.moments import begin_of, business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.proofs import actions as proofs
from haochaping.proofs import queries as ledgers
from haochaping.proofs import rules
from haochaping.proofs.actions.enter import READER
from haochaping.records import queries as records
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope

_EVENING = timedelta(hours=21)
_BEGUN = timedelta(days=30)
_WORD = "示范抽样"  # that draws the sample
_AUDITOR = "省审计厅（演示）"


def keep(at: datetime) -> None:
    """Enter what was loaded as if each day had been entered on that day, and close the days."""
    while feed.sequence(at=at):
        pass
    shopped = _sealed(at)
    proofs.announce_canaries(
        auditor=_AUDITOR,
        sha256=rules.digest(shopped),
        by=0,
        at=min(_evening(business_day(at - _BEGUN)), at),
    )
    _enter(at)
    _publish(at)
    proofs.close_days(at=at)
    proofs.close_months(at=at)
    _publish(at)
    proofs.prove_days(at=at)
    proofs.prove_months()
    proofs.reveal_canaries(data=shopped, by=0, at=at)
    unopened = rules.digest(shopped[::-1])
    proofs.announce_canaries(auditor=_AUDITOR, sha256=unopened, by=0, at=at)
    _audit(at)


def _sealed(at: datetime) -> bytes:
    """Return a list of ratings of the last weeks, as an auditor who had them given would have
    sealed it before.
    """
    chosen = evaluations.Filter(since=business_day(at - _BEGUN) + timedelta(days=3))
    province = scope(PROVINCE_OF_THE_PLATFORM)
    rated = evaluations.page(province, chosen, before=None, size=200).ratings[::20]
    found = records.services({one.id for one in rated})
    lines = [
        f"{found[one.id].project_no},{found[one.id].service_number},{one.level}" for one in rated
    ]
    salt = hashlib.sha256(_WORD.encode()).hexdigest()
    return "\n".join([f"# salt {salt}", "project_no,service_number,level", *lines]).encode()


def _evening(day: date) -> datetime:
    return begin_of(day) + _EVENING


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
    found = rules.Found(draw.day, _WORD, _AUDITOR, len(draw.numbers), wrong)
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
        proofs.enter(facts=[(kind, ref) for _, ref, kind in some], at=min(_evening(day), at))


def _publish(at: datetime) -> None:
    for log in logs.logs():
        ledger.publish(log_id=log.pk, at=at)
