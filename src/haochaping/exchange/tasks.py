"""The daily test of every channel, and what is said to partners, to city 12345 systems and to
telephone systems.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app

from haochaping.exchange import actions, queries, rules
from haochaping.exchange.partners import cti, hotline, ourselves, sending, uploading
from haochaping.feed import actions as feed
from haochaping.kernel import clock, outbox
from haochaping.kernel.db import alone
from haochaping.kernel.logs import where
from haochaping.kernel.moments import business_day
from haochaping.kernel.schedule import DAY, HOUR, again, every

log = logging.getLogger(__name__)


@every(seconds=DAY, offset=22 * HOUR + 17 * 60, once=True)  # 06:17 in China
def probe(at: datetime) -> None:
    """Each morning: hand in one synthetic rating of every level over every channel."""
    ourselves.probe_all(at)


@app.task(name="exchange.tell_hotline", queue=outbox.SLOW, retry=outbox.FOR_EVER)
def tell_hotline(order_id: int, step_id: int, move: str, state: str) -> None:  # noqa: ARG001 - the event's fields
    """Queue a step of an order for its city's 12345 system, and say it."""
    if actions.tell_hotline(step_id=step_id, at=clock.now()):
        say_all()


@app.task(name="exchange.tell_climbed", queue=outbox.SLOW, retry=outbox.FOR_EVER)
def tell_climbed(step_ids: list[int]) -> None:
    """Queue what the ladder did for the cities' 12345 systems."""
    told = (
        [actions.tell_hotline(step_id=step_id, at=clock.now()) for step_id in step_ids]
        if queries.any_hotline()
        else []
    )
    if any(told):
        say_all()


@app.task(name="exchange.say_answer", queue=outbox.SLOW, retry=outbox.FOR_EVER)
def say_answer(hotline_id: int) -> None:  # noqa: ARG001 - the event's field
    """Say at once what a city's system asked for."""
    say_all()


@every(seconds=600)
def say_again(_at: datetime) -> None:
    """Every ten minutes, and every few seconds while something is unheard: say it again."""
    say_all()


def say_all() -> None:
    """Say what waits to be said to cities; come back when something is to be said again."""
    hotline.say_all()
    if (due := queries.next_saying()) is not None:
        again(say_again, max(0.5, (due - clock.now()).total_seconds()))


@app.task(name="exchange.dial", queue=outbox.SLOW, priority=outbox.FIRST, retry=3)
def dial(call_id: int, agent_id: int) -> None:
    """Have an agent put through."""
    if settings.CTI:
        cti.dial(call_id, str(agent_id))


# --- partners: each is spoken to in a thread of its own, so that a slow one holds up nobody

_talking = ThreadPoolExecutor(max_workers=4, thread_name_prefix="partner")
# partners that this process speaks to or leaves alone, and until when (by time.monotonic)
_busy: dict[int, float] = {}
_SILENT = timedelta(minutes=15)  # of a partner, after which somebody should know


def follow(at: datetime) -> int:
    """Queue what is new on the feed for partners, and have it sent; return how many facts."""
    taken = actions.follow(at=at)
    if taken:
        again(upload, 0)
    return taken


@every(seconds=600, offset=15)
def upload(at: datetime) -> None:
    """Send partners what is due, and come back when something is due again."""
    for partner_id in queries.partners_due(at):
        if _busy.get(partner_id, 0) <= time.monotonic():
            _busy[partner_id] = float("inf")
            _talking.submit(_talk, partner_id)
    due = queries.next_due()
    if due is not None:
        again(
            upload, max(0.5 if any(_busy.values()) else 0.05, (due - clock.now()).total_seconds())
        )


def _talk(partner_id: int) -> None:
    """Send a partner what waits for a turn. Where another process does, or a fault of ours is in
    the way, leave it alone for as long.
    """
    until = time.monotonic() + sending.TURN
    try:
        with alone(f"partner {partner_id}") as first:
            while first and uploading.send_round(partner_id) and time.monotonic() < until:
                pass
        _watch(partner_id)
        _busy[partner_id] = 0 if first else until
    except Exception as bug:
        log.exception("sending to partner %s failed; it is tried again", partner_id)
        feed.note_failure(name=f"partner.{partner_id}", error=where(bug), at=clock.now())
        _busy[partner_id] = until
    finally:
        connection.close()
        again(upload, 0.05)


def _watch(partner_id: int) -> None:
    """Have the alarm say which partner takes nothing."""
    partner, name = queries.partner(partner_id), f"partner.{partner_id}"
    since = partner.failing_since if partner else None
    if since is None:
        feed.note_success(name=name)
    elif clock.now() - since > _SILENT:
        feed.note_failure(name=name, error="takes nothing", at=clock.now())


_HOUR = timedelta(hours=1)


@every(seconds=HOUR, offset=25 * 60, once=True)
def reconcile(at: datetime) -> None:
    """Each hour: compare with partners the days that have changed, and raise an alarm over what has
    not been equal for a day.
    """
    for partner in queries.partners():
        if partner.stopped_at is None and partner.dialect in rules.ASKED:
            try:
                uploading.compare_all(partner, every=business_day(at) != business_day(at - _HOUR))
            except Exception as bug:  # of one partner, and no reason to leave out the others
                log.exception("comparing with partner %s failed", partner.pk)
                feed.note_failure(name=f"compare.{partner.pk}", error=where(bug), at=at)
            else:
                feed.note_success(name=f"compare.{partner.pk}")
    drifting = dict(queries.drifting(at))
    for partner in queries.partners():
        name = f"reconciliation.{partner.pk}"
        if days := drifting.get(partner.pk):
            feed.note_failure(name=name, error=f"{days} days differ or are not compared", at=at)
        else:
            feed.note_success(name=name)


@every(seconds=600, offset=45, once=True)
def receive_again(at: datetime) -> None:
    """Every ten minutes: take in what came before the service that it is about."""
    actions.receive_again(at=at)


@every(seconds=DAY, offset=19 * HOUR + 50 * 60, once=True)  # 03:50 in China
def heal_untold(at: datetime) -> None:
    """Each night: queue what partners should have been told of the day before yesterday, and raise
    an alarm where there was any: something kept it from the queue.
    """
    healed = actions.heal_untold(day=business_day(at) - timedelta(days=2), at=at)
    for partner_id, count in healed.items():
        log.error("partner %s was not told of %s facts; they are queued now", partner_id, count)
    if healed:
        error = f"{sum(healed.values())} facts had not been queued for partners"
        feed.note_failure(name="untold", error=error, at=at)
        again(upload, 0)
    else:
        feed.note_success(name="untold")


@every(seconds=DAY, offset=HOUR, once=True)  # 09:00 in China
def summarise(at: datetime) -> None:
    """Each morning: tell the offices with which partners something is amiss."""
    actions.tell_amiss(standings=queries.standings((0, 10**12), at), at=at)


@app.task(name="exchange.nudge", queue=outbox.SLOW, retry=outbox.FOR_EVER)
def nudge(partner_id: int) -> None:
    """Send a partner at once what a person had sent again."""
    if queries.partner(partner_id) is not None:
        again(upload, 0)


@app.task(name="exchange.tell_history", queue=outbox.SLOW, retry=outbox.FOR_EVER)
def tell_history(partner_id: int, since: str, after: int = 0) -> None:
    """Queue for a partner what happened before it was connected, a stretch at a time."""
    begin = datetime.fromisoformat(since)
    at: int | None = after
    until = time.monotonic() + sending.TURN
    while at is not None and time.monotonic() < until:
        at = actions.tell_history(partner_id=partner_id, since=begin, after=at, at=clock.now())
    if at is not None:
        tell_history.defer(partner_id=partner_id, since=since, after=at)
    again(upload, 0)


@app.task(name="exchange.compare", queue=outbox.SLOW, retry=3)
def compare(partner_id: int) -> None:
    """Compare with a partner now, because a person asks."""
    partner = queries.partner(partner_id)
    if partner is not None and partner.dialect in rules.ASKED:
        uploading.compare_all(partner, every=True)
