"""A database that does not answer: pages say so at once, and one probe asks whether it is back.

A connection that was refused is noticed by the request that met it. One that stands still (a
stopped machine, a cut cable, a full disk) is not: nothing comes back, and no timeout of the server
runs where the server does not. So a request that lasts is looked at from a thread of its own.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from django.db import OperationalError, connection, connections
from django.http import HttpRequest, HttpResponseBase

from haochaping.kernel import pages
from haochaping.kernel.errors import TooBusy

log = logging.getLogger(__name__)
_PATIENCE = 1.0  # seconds that a request lasts before the database is asked whether it is there
_PROBE_SECONDS = 2  # for an answer; the least that libpq takes


class Lifeline:
    """Middleware: refuse at once while the database is away, and cut what waits for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.away = False
        self.running: dict[int, tuple[float, Any]] = {}  # thread -> since, its database connection
        self.wake = threading.Event()
        self.watching = threading.Lock()
        self.started = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, or say that the database is away."""
        if self.away:
            return pages.refused(request, TooBusy())
        me, mine = threading.get_ident(), connections["default"]
        vars(mine).pop("get_new_connection", None)  # what an earlier cut left
        self.running[me] = time.monotonic(), mine
        self._watch_over()
        try:
            response = self.get_response(request)
        finally:
            del self.running[me]
        if response.status_code == TooBusy.status and _lost():
            self.away = True
            self.wake.set()
        return response

    def _watch_over(self) -> None:
        """Have the watcher look; the first request of a process starts it."""
        if not self.started:
            with self.watching:
                if not self.started:
                    threading.Thread(target=self._watch, name="lifeline", daemon=True).start()
                    self.started = True
        if not self.wake.is_set():
            self.wake.set()

    def _watch(self) -> None:
        while True:
            self.wake.wait()
            time.sleep(_PATIENCE)
            late = [one for one in list(self.running.values()) if _age(one) >= _PATIENCE]
            if not self.away and not late:
                if not self.running:
                    self.wake.clear()
                continue
            answers = _answers()
            if self.away == answers:
                log.warning("the database is %s", "back" if answers else "away")
            self.away = not answers
            if self.away:
                for _, of_thread in list(self.running.values()):
                    _cut(of_thread)


def _age(running: tuple[float, Any]) -> float:
    return time.monotonic() - running[0]


def _lost() -> bool:
    """Say whether this thread has no connection that could be used."""
    held = connection.connection
    return held is None or held.closed


def _answers() -> bool:
    """Say whether the database lets somebody in, which a process that stands still does not."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in ("host", "port", "dbname", "user", "password")
    }
    try:
        psycopg.connect(**parameters, connect_timeout=_PROBE_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def _refuse(_parameters: object) -> None:
    raise OperationalError("the database is away")


def _cut(of_thread: Any) -> None:
    """End a connection under the request that waits for it, and let it make no other: it fails and
    says so.
    """
    of_thread.get_new_connection = _refuse
    held = of_thread.connection
    if held is not None and not held.closed:
        with suppress(OSError), socket.socket(fileno=os.dup(held.pgconn.socket)) as end:
            end.shutdown(socket.SHUT_RDWR)
