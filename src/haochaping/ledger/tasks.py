"""Keeping the logs published, witnessed and looked at."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from haochaping.feed import actions as feed
from haochaping.kernel import schedule
from haochaping.kernel.schedule import every
from haochaping.ledger import actions, partners, queries
from haochaping.ledger.rules import BadNote

log = logging.getLogger(__name__)
_FULL = 15.0  # seconds after which a disk that was full is tried again
SOON = 4.0  # seconds after which what was appended is published: a receipt's proof within ten


# logs and witnesses that told this process how much of them they saw
_guarded: set[tuple[int, str]] = set()
_published: dict[int, int] = {}  # leaves of each log, as this process saw last


@every(seconds=600, offset=20)
def publish(at: datetime) -> None:
    """Publish and sign what was appended; the worker wishes it soon after something was. Before it
    signs for the first time, it asks those who would know of more than the database does; who is
    away is asked again before each signature until it has answered once.
    """
    for one in queries.logs():
        if one.published < _published.get(one.pk, 0):  # an older database was put in its place
            _guarded.difference_update({known for known in _guarded if known[0] == one.pk})
        _published[one.pk] = one.published
        for each in partners.witnesses(settings.LEDGER_WITNESSES):
            if (one.pk, each.vkey) not in _guarded and _compare(each, one, at):
                _guarded.add((one.pk, each.vkey))
        try:
            signed = actions.publish(log_id=one.pk, at=at)
        except OSError:  # a full disk: what waits is signed soon after there is room again
            schedule.again(publish, _FULL)
            raise
        if signed and settings.LEDGER_WITNESSES:
            schedule.again(witness, 0)


@every(seconds=300, offset=40)
def enter_trail(at: datetime) -> None:
    """Commit to what was done, and publish that."""
    if actions.enter_trail(at=at):
        schedule.again(publish, SOON)


@every(seconds=600, offset=50)
def witness(at: datetime) -> None:
    """Ask the witnesses for their lines below each log's last checkpoint."""
    asked = partners.witnesses(settings.LEDGER_WITNESSES)
    if not asked:
        return
    for one in queries.logs():
        last = queries.covering(one.pk, one.published - 1)
        _tell_age(one, at)
        if last is not None and last.cosigned_at is None and not one.frozen:
            lines = [_asked(each, one, last, at) for each in asked]
            actions.add_cosignatures(
                log_id=one.pk,
                size=last.size,
                lines="".join(lines),
                enough=len(list(filter(None, lines))) >= settings.LEDGER_ENOUGH,
                at=at,
            )


UNSEEN = timedelta(hours=1)  # in which enough witnesses should have signed


def _tell_age(one: queries.Log, at: datetime) -> None:
    """Raise an alarm where enough witnesses have not signed for long."""
    since = queries.uncosigned_since(one.pk)
    if since is not None and at - since > UNSEEN:
        error = f"{one.origin}: too few witnesses since {since.isoformat()}"
        feed.note_failure(name=f"witness {one.name}", error=error, at=at)
    else:
        feed.note_success(name=f"witness {one.name}")


def _compare(each: partners.Witness, one: queries.Log, at: datetime) -> bool:
    """Compare a log with what a witness saw of it; say whether it answered."""
    try:
        seen = partners.seen(each, one)
    except (partners.Unreachable, BadNote, OSError, ValueError) as away:
        log.warning("the witness %s did not tell what it saw: %s", each.url, away)
        return False
    if seen is not None:
        actions.compare(log_id=one.pk, seen=seen, where=each.url, at=at)
    return True


def _asked(asked: partners.Witness, one: queries.Log, last: queries.Covering, at: datetime) -> str:
    """Return a witness's line, empty where it gives none: publication goes on without it."""
    try:
        return partners.cosign(asked, one, last.size, last.note)
    except partners.Disagrees as wrong:
        log.warning("the witness %s did not sign: %s", asked.url, wrong)
        _compare(asked, one, at)
        return ""
    except (partners.Unreachable, BadNote, OSError, ValueError) as away:
        log.warning("the witness %s did not sign: %s", asked.url, away)
        return ""
