"""What was called 调用日志: collected beside the answers, and written down once a second.

An acknowledged rating is committed before its answer; its line here is not, so a killed process
loses the lines of its last second and nothing else.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings

from haochaping.calls import actions
from haochaping.calls.rules import GOOD, OPERATIONS, OTHER, Called
from haochaping.identity.rules import ClientKey
from haochaping.intake.bodies import Scope, header
from haochaping.intake.commit import AWAY
from haochaping.kernel import clock
from haochaping.kernel.addresses import client_address
from haochaping.kernel.db import talk_async
from haochaping.kernel.words import printable

log = logging.getLogger(__name__)
_MOST = 20_000  # lines that wait while the database is away; later ones are not kept
_UNSIGNED = 401
API = "/api/v1/"


def address_of(scope: Scope) -> str:
    """Return where a request comes from, also behind our proxies."""
    peer = scope["client"][0] if scope.get("client") else ""
    return client_address(peer, header(scope, b"x-forwarded-for"), settings.TRUSTED_PROXIES)


class Logbook:
    """The calls of this process that are not written down yet."""

    def __init__(self, connection: Callable[[], Any]) -> None:
        self.connection = connection
        self.lines: list[Called] = []
        self.writing: asyncio.Task[None] | None = None
        self.doubted: dict[str, int] = {}  # keys with which somebody failed to sign, and when

    def add(self, scope: Scope, key: ClientKey | None, status: int, told: Any, took: float) -> None:
        """Keep a call of a client that is known. Of calls that were not signed with its key, which
        anybody may send, one a second is kept.
        """
        if key is None or len(self.lines) >= _MOST:
            return
        at = clock.now()
        if status == _UNSIGNED:
            if self.doubted.get(key.kid) == int(at.timestamp()):
                return
            self.doubted[key.kid] = int(at.timestamp())
        operation = scope["path"].removeprefix(API)
        items, refused, refusal = _counted(told) if status < GOOD else (1, 1, told)
        self.lines.append(
            Called(
                at,
                key.client_id,
                key.reach.low,
                key.kid,
                operation if operation in OPERATIONS else OTHER,
                status,
                str(refusal.get("code", ""))[:40],
                printable(str(refusal.get("detail_zh", "")))[:300],
                items,
                refused,
                int(took * 1000),
                address_of(scope) or None,
            )
        )
        if self.writing is None:
            self.writing = asyncio.create_task(self._write_soon())

    async def _write_soon(self) -> None:
        await asyncio.sleep(1)
        self.writing = None  # what comes from here on is written a second later
        await self.write()

    async def write(self) -> None:
        """Write down what waits; where the database is away, it waits for the next call."""
        lines, self.lines = self.lines, []
        if not lines:
            return
        try:
            async with self.connection() as connection:
                await talk_async(actions.write_down(calls=lines), connection)
        except AWAY as away:
            log.warning("the calls of a second wait: %s", type(away).__name__)
            self.lines = [*lines, *self.lines][:_MOST]


def _counted(told: Any) -> tuple[int, int, Mapping[str, Any]]:
    """Return of how many items an answer speaks, how many of them were refused, and the first
    refusal, empty where there is none.
    """
    if not isinstance(told, dict):
        return 1, 0, {}
    if "unknown_fields" in told:  # of a file
        number = told["accepted"] + told["duplicate"] + told["refused"]
        return number, told["refused"], next(iter(told["rows"]), {})
    items = told.get("items")
    if not isinstance(items, list):
        return 1, 0, {}
    refusals = [one for one in items if isinstance(one, dict) and one.get("status", 0) in _REFUSED]
    return len(items), len(refusals), next(iter(refusals), {})


_REFUSED = range(GOOD, 600)
