"""The worker: one thread runs jobs, one pulls the feed.

`hcp serve` starts it; several may run at once.
"""

import logging
import threading
import time

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app as django_app

from haochaping.config import flow
from haochaping.kernel import clock
from haochaping.notifications import tasks as notifications

log = logging.getLogger(__name__)
_IDLE_SECONDS = 0.3
_stopping = threading.Event()


def pull_once() -> int:
    """Let every reader of the feed take what waits; return how many facts were taken in all."""
    return sum(pull(clock.now()) for pull in flow.PULLS.values())


def pull_until_stopped() -> None:
    """Follow the feed for ever.

    A database that is away is waited for: everything is still on the feed when it is back.
    """
    while not _stopping.is_set():
        try:
            busy = pull_once()
        except (OperationalError, InterfaceError) as away:
            log.warning("database away, waiting: %s", type(away).__name__)
            connection.close()
            busy = 0
            _stopping.wait(1)
        except Exception:
            log.exception("a reader of the feed failed; it will be tried again")
            close_old_connections()
            busy = 0
            _stopping.wait(5)
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
