"""The worker: one thread runs jobs, one pulls the feed.

`hcp serve` starts it; several may run at once.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app as django_app

from haochaping.config import flow
from haochaping.feed import actions as feed
from haochaping.kernel import clock
from haochaping.kernel.logs import where
from haochaping.notifications import tasks as notifications

log = logging.getLogger(__name__)
_IDLE_SECONDS = 0.3
_stopping = threading.Event()


_REST = timedelta(seconds=5)  # after which a reader that failed is tried again
_resting: dict[str, datetime] = {}  # readers that failed, and when they are tried again


def pull_once() -> int:
    """Let every reader of the feed take what waits; return how many facts were taken in all.

    One that fails stops no other: it rests for a moment, its trouble is written down for
    `hcp doctor`, and what it was to do waits for it.
    """
    return sum(_pull(name, pull) for name, pull in flow.PULLS.items())


def _pull(name: str, pull: Callable[[datetime], int]) -> int:
    at = clock.now()
    if name in _resting and at < _resting[name]:
        return 0
    try:
        taken = pull(at)
    except (OperationalError, InterfaceError) as away:
        if not connection.is_usable():
            raise
        _failed(name, away, at)  # a lock or a deadlock is this reader's own trouble
    except Exception as bug:
        log.exception("the reader %s of the feed failed; it will be tried again", name)
        _failed(name, bug, at)
    else:
        if _resting.pop(name, None) or name not in _well:
            feed.note_success(name=name)
            _well.add(name)
        return taken
    return 0


_well: set[str] = set()  # readers that have succeeded since this process began


def _failed(name: str, error: Exception, at: datetime) -> None:
    _resting[name] = at + _REST
    _well.discard(name)
    feed.note_failure(name=name, error=where(error), at=at)


def pull_until_stopped() -> None:
    """Follow the feed for ever.

    A database that is away is waited for: everything is still on the feed when it is back.
    """
    while not _stopping.is_set():
        try:
            busy = pull_once()
        except Exception as away:  # noqa: BLE001 - whatever it is, the readers go on
            log.warning("database away, waiting: %s", type(away).__name__)
            connection.close()
            busy = 0
            _stopping.wait(1)
        if not busy:
            _stopping.wait(_IDLE_SECONDS)


def run_jobs(app: App) -> None:
    """Run jobs until asked to stop, coming back when the database was away."""
    while not _stopping.is_set():
        try:
            app.run_worker(
                concurrency=2,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=5,
                stalled_worker_timeout=15,
                listen_notify=True,
                delete_jobs="successful",
                install_signal_handlers=True,
            )
        except Exception:
            if _stopping.is_set():
                return
            log.exception("the job worker stopped; starting it again")
            time.sleep(1)
        else:
            return


def main() -> None:
    """Run the worker until SIGTERM or SIGINT."""
    notifications.listen()
    puller = threading.Thread(target=pull_until_stopped, name="feed")
    puller.start()
    try:
        run_jobs(django_app.with_connector(PsycopgConnector(conninfo=settings.DSN)))
    finally:
        _stopping.set()
        puller.join()
