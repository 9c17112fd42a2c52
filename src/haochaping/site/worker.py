"""The worker: one thread runs jobs, one pulls the feed, one keeps the schedules.

`hcp serve` starts it; several may run at once.
"""

import asyncio
import logging
import os
import select
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from procrastinate import App, PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.contrib.django import app as django_app
from psycopg_pool import AsyncConnectionPool

from haochaping.config import flow
from haochaping.evaluations.tasks import link_waiting
from haochaping.feed import actions as feed
from haochaping.feed import queries as feed_queries
from haochaping.kernel import clock, outbox, schedule
from haochaping.kernel.logs import where
from haochaping.ledger.tasks import SOON, publish
from haochaping.notifications import tasks as notifications
from haochaping.site import clockwork, reports  # noqa: F401 - its schedules

log = logging.getLogger(__name__)
_SLOW_SECONDS = 300.0  # between two looks at the feed while nobody says that something waits
_TIMED = {"ask_by_sms"} & flow.PULLS.keys()  # whose work falls due by itself
_HEARTBEAT = 300.0  # seconds; two that are missed tell that a worker was killed
_SILENT = 2 * _HEARTBEAT
_POLL_SECONDS = 600.0  # behind the notification of each job: for those that are due later
_stopping = threading.Event()
_ended, _end = os.pipe()  # becomes readable with `_stopping`, for whoever waits for a socket too


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


class Ear:
    """Hears that facts wait: a connection that listens."""

    def __init__(self) -> None:
        self.connection: psycopg.Connection | None = None

    def wait(self, seconds: float) -> None:
        """Return when facts were announced, after so many seconds, or when we are to stop.

        What is announced while nobody waits is kept by the connection.
        """
        told = self._open()
        if not any(told.notifies(timeout=0, stop_after=1)):
            # psycopg's own waiting looks ten times a second whether it was interrupted
            select.select([told.fileno(), _ended], [], [], seconds)
            any(told.notifies(timeout=0))

    def _open(self) -> psycopg.Connection:
        if self.connection is None or self.connection.closed:
            self.connection = psycopg.connect(settings.DSN, autocommit=True, connect_timeout=5)
            self.connection.execute(f"LISTEN {feed.CHANNEL}")
        return self.connection


def pull_until_stopped() -> None:
    """Follow the feed for ever.

    A database that is away is waited for: everything is still on the feed when it is back. The ear
    is open before the first look, so nothing falls between looking and listening.
    """
    ear, busy = Ear(), 1
    while not _stopping.is_set():
        try:
            ear.wait(0.001 if busy else _REST.total_seconds() if _resting else _SLOW_SECONDS)
            busy = pull_once() if busy or _resting or _TIMED or feed_queries.waits() else 0
        except Exception as away:  # noqa: BLE001 - whatever it is, the readers go on
            log.warning("database away, waiting: %s", type(away).__name__)
            connection.close()
            busy = 1
            _stopping.wait(1)
        if busy:
            schedule.again(link_waiting, 5)
            schedule.again(publish, SOON)


async def _jobs(app: App) -> None:
    """Run jobs, and take up those of workers that were killed."""
    async with app.open_async():
        beside = asyncio.create_task(_take_up(app))
        queues = [asyncio.create_task(_queue(app, name)) for name in (outbox.OURS, outbox.SLOW)]
        try:
            await asyncio.wait(queues, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (beside, *queues):
                task.cancel()  # a queue ends the jobs that it has begun
            for ended in await asyncio.gather(*queues, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended


async def _queue(app: App, name: str) -> None:
    await app.run_worker_async(
        queues=[name],
        concurrency=2,
        fetch_job_polling_interval=_POLL_SECONDS,
        update_heartbeat_interval=_HEARTBEAT,
        stalled_worker_timeout=_SILENT,
        listen_notify=True,
        delete_jobs="successful",
        install_signal_handlers=name == outbox.OURS,
    )


async def _take_up(app: App) -> None:
    """Again and again: take up the jobs of a worker that was killed.

    Every task of ours may run twice. A database of our own has this worker only, so what lies there
    as begun when it starts was left by one that is dead.
    """
    silent = _SILENT if settings.DATABASE_URL else 0
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent):
                await app.job_manager.retry_job(job)
        except Exception as away:  # noqa: BLE001 - tried again
            log.warning("jobs of killed workers wait: %s", type(away).__name__)
        silent = _SILENT
        await asyncio.sleep(silent)


def run_jobs(app: App) -> None:
    """Run jobs until asked to stop, coming back when the database was away."""
    while not _stopping.is_set():
        try:
            asyncio.run(_jobs(app))
        except Exception:
            if _stopping.is_set():
                return
            log.exception("the job worker stopped; starting it again")
            time.sleep(1)
        else:
            return


class _Connector(PsycopgConnector):
    """Hears of jobs, and asks as rarely as it polls, not twice a minute, whether its connection
    lives: a database that goes away closes it.
    """

    async def _loop_notify(
        self,
        on_notification: Notify,
        connection: psycopg.AsyncConnection,
        timeout: float = _POLL_SECONDS,  # noqa: ASYNC109 - as it is called in the class above
    ) -> None:
        await super()._loop_notify(on_notification, connection, timeout)


def _pool(**given: Any) -> AsyncConnectionPool:
    """Return a pool that asks no connection whether it lives: one that was lost is noticed by whom
    it fails, and `run_jobs` begins again.
    """
    return AsyncConnectionPool(**given | {"check": None})


def main() -> None:
    """Run the worker until SIGTERM or SIGINT."""
    notifications.listen()
    beside = [
        threading.Thread(target=pull_until_stopped, name="feed"),
        threading.Thread(target=clockwork.run_until, args=(_stopping,), name="clockwork"),
    ]
    for thread in beside:
        thread.start()
    try:
        run_jobs(django_app.with_connector(_Connector(conninfo=settings.DSN, pool_factory=_pool)))
    finally:
        _stopping.set()
        os.close(_end)
        for thread in beside:
            thread.join()
