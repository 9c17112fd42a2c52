"""Sending what is queued, and listening for replies."""

from datetime import datetime

from django.conf import settings
from procrastinate.contrib.django import app

from haochaping.kernel import clock, outbox
from haochaping.kernel.schedule import again, every
from haochaping.notifications import actions, queries, senders
from haochaping.notifications.senders import office
from haochaping.notifications.senders.gateway import Final, Passing, Sender

_AT_ONCE = 50


@app.task(name="notifications.deliver_one", queue=outbox.SLOW)
# Whatever is due goes out, this message first of all.
def deliver_one(message_id: int) -> None:  # noqa: ARG001
    """Send at once what was queued to be sent at once."""
    deliver()


@every(seconds=600)
def deliver_due(_at: datetime) -> None:
    """Every ten minutes, and whenever the next message is due: send it, or try it again."""
    deliver()


def deliver() -> None:
    """Send what is due.

    Each message is claimed, handed over outside any transaction, and noted; a kill in between is
    made good by its lease.
    """
    way = senders.sender(settings.SMS)
    while True:
        claimed = actions.claim(limit=_AT_ONCE, daily_segments=settings.SMS_DAILY, at=clock.now())
        for message in claimed:
            if clock.now() >= message.until:
                break  # this process stood still: another has taken them up
            _hand_over(message, way)
        if len(claimed) < _AT_ONCE:
            break
    if (due := queries.next_due()) is not None:
        again(deliver_due, max(1.0, (due - clock.now()).total_seconds()))


def _hand_over(message: actions.Outgoing, way: Sender | None) -> None:
    """Hand a message over and note what became of it."""
    if way is None:  # nothing is configured: the list of messages shows what would have gone out
        _note_failed(message, "no_gateway", again=False)
        return
    try:
        provider_id = way.send(message)
    except (Passing, Final) as trouble:
        _note_failed(message, str(trouble), again=isinstance(trouble, Passing))
    else:
        actions.note_sent(message_id=message.id, provider_id=provider_id, at=clock.now())


def _note_failed(message: actions.Outgoing, why: str, *, again: bool) -> None:
    actions.note_failed(
        message_id=message.id, tries=message.tries, why=why, again=again, at=clock.now()
    )


def listen() -> None:
    """Keep a connection for replies and receipts where the gateway brings them that way.

    Called once by each worker.
    """
    way = senders.sender(settings.SMS)
    if way is not None:
        way.listen()


@every(seconds=600)
def complete_parts(at: datetime) -> None:
    """Every ten minutes: take long replies of which a part never came as they are."""
    actions.complete_parts(at=at)


@every(seconds=600)
def tell_offices(at: datetime) -> None:
    """Every ten minutes: send what waits for offices to the addresses that they gave."""
    for digest in actions.claim_digests(at=at):
        actions.note_digest(digest=digest, sent=office.send(digest, at=clock.now()), at=clock.now())
