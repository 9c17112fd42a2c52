"""The collector: the hot path that takes records and ratings from systems, as bare ASGI with group
commit (ADR 0004).

A request is verified and checked, joins the group that waits (`intake/commit.py`), and is answered
after COMMIT.
"""

import asyncio
import gc
import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haochaping.config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django first

from haochaping.evaluations import api as rating_api  # noqa: E402
from haochaping.identity import queries as identity  # noqa: E402
from haochaping.identity.rules import (  # noqa: E402
    UNKNOWN_KEY,
    UNSIGNED,
    BadSignature,
    ClientKey,
    SignedRequest,
    admit,
    verify,
)
from haochaping.indicators import queries as indicators  # noqa: E402
from haochaping.indicators.rules import Indicator  # noqa: E402
from haochaping.intake import doors, listen, openapi, rehearsal, sunsets  # noqa: E402
from haochaping.intake.bodies import (  # noqa: E402
    BATCH,
    Budget,
    Receive,
    Scope,
    Send,
    TooLarge,
    decode,
    decode_each,
    header,
    read_request,
)
from haochaping.intake.commit import AWAY, KINDS, Committer, Waiting  # noqa: E402
from haochaping.intake.logbook import Logbook, address_of  # noqa: E402
from haochaping.intake.openapi import postman  # noqa: E402
from haochaping.kernel import clock  # noqa: E402
from haochaping.kernel.db import talk_async  # noqa: E402
from haochaping.kernel.errors import NotAllowed, NotFound, Refusal, TooBusy  # noqa: E402
from haochaping.kernel.limits import Limits  # noqa: E402
from haochaping.kernel.words import Words  # noqa: E402
from haochaping.policies import queries as policies  # noqa: E402
from haochaping.records import api as record_api  # noqa: E402
from haochaping.regions import queries as regions  # noqa: E402
from haochaping.sandbox import rules as sandbox  # noqa: E402

log = logging.getLogger(__name__)

SMALL, LARGE = 64 * 1024, 8 * 1024 * 1024  # bytes of a single and of a batch body
BODIES = 64 * 1024 * 1024  # bytes of bodies that one process reads at a time
# reference data and keys; a revoked key stops within this time, so that what is older is read anew
# before a request is looked at
REFRESH_SECONDS = 20
_BEFORE = 2  # seconds: while requests come, it is read before any of them has to wait for it
_REFRESH_AGAIN = timedelta(seconds=1)
_JSON = b"application/json; charset=utf-8"
_PROBLEM = b"application/problem+json; charset=utf-8"


class NotPost(Refusal):
    """The interface is written to, never read from."""

    status = 405
    code = "method_not_allowed"
    says = Words("该接口只接受 POST。", "This interface takes POST only.")


NO_SUCH_DOOR = Words(
    "没有这个接口，请查看 docs/integrate/。", "There is no such interface; see docs/integrate/."
)
BROKEN = Words(
    "系统出错了，数据可能未保存，请用新的 nonce 重试。",
    "Something broke and the data may not be stored; retry with a new nonce.",
)


@dataclass
class Reference:
    """What requests are checked against; refreshed in the background."""

    keys: Mapping[str, ClientKey] = field(default_factory=dict)
    tree: regions.Tree = field(default_factory=lambda: regions.Tree({}, {}))
    catalogue: Mapping[int, Indicator] = field(default_factory=dict)


async def _as_it_is(_connection: object) -> None:
    """Give a connection back to the pool."""


class Collector:
    """The ASGI application."""

    def __init__(self, committer: Committer | None = None) -> None:
        self.reference = Reference()
        self.committer = committer or Committer()
        self.tasks: list[asyncio.Task[None]] = []
        self.noting: set[asyncio.Task[None]] = set()
        self.stopping = False
        self.refreshed_at = clock.now()
        self.asked = False  # whether anybody asked since the last refresh
        self.refreshing = asyncio.Lock()
        self.limits = Limits(settings.CLIENT_PER_MINUTE)
        self.rehearsals = Limits(sandbox.PER_MINUTE)
        self.budget = Budget(BODIES)
        self.logbook = Logbook(self.committer.connection)
        self.board = listen.Switchboard(self.committer.connection)

    # --- life

    async def start(self) -> None:
        """Connect, load what is checked against, start the writers."""
        self.committer.pool = await asyncpg.create_pool(
            settings.DSN,
            min_size=3,
            max_size=6,
            command_timeout=30,
            # nothing of a session is ever set, so nothing is reset: a round trip less a group
            reset=_as_it_is,
            server_settings={"timezone": "UTC"},
        )
        await self.refresh()
        # what is loaded stays, and a batch makes thousands of objects without a cycle: looking for
        # cycles after each is waste
        gc.freeze()
        gc.set_threshold(50_000, 20)
        self.tasks.extend(asyncio.create_task(self.committer.write(kind)) for kind in KINDS)
        self.tasks.append(asyncio.create_task(self.refresh_for_ever()))
        self.tasks.append(asyncio.create_task(self.board.watch()))

    async def stop(self) -> None:
        """Take nothing more, commit what waits, disconnect."""
        self.stopping = True
        await self.committer.drain()
        await self.logbook.write()
        for task in self.tasks:
            task.cancel()
        if self.committer.pool is not None:
            await self.committer.pool.close()

    async def refresh(self) -> None:
        """Read keys, regions and indicators."""
        self.refreshed_at, self.asked = clock.now(), False
        async with self.committer.connection() as connection, connection.transaction():
            self.reference = Reference(
                await talk_async(identity.load_keys(), connection),
                await talk_async(regions.load(), connection),
                await talk_async(indicators.load(), connection),
            )
            self.committer.windows = await talk_async(policies.rating_windows(), connection)

    async def refresh_for_ever(self) -> None:
        """Keep reference data fresh while somebody asks; an old copy serves while the database is
        away.
        """
        while True:
            await asyncio.sleep(REFRESH_SECONDS - _BEFORE)
            if not self.asked:
                continue
            try:
                await self.refresh()
            except AWAY:
                continue
            except Exception:  # whatever it is, an old copy serves and the next look may be better
                log.exception("keys and reference data could not be read; the old ones stay")

    async def refresh_now(self) -> None:
        """Look whether an unknown key was issued a moment ago.

        At most once a second, so that strangers cannot make us read for ever; who comes within that
        second waits for the next look, for the last one may have been too early.
        """
        asked = clock.now()
        async with self.refreshing:
            if self.refreshed_at > asked:
                return  # somebody looked since
            wait = self.refreshed_at + _REFRESH_AGAIN - clock.now()
            await asyncio.sleep(min(max(0.0, wait.total_seconds()), 1.0))
            with suppress(*AWAY):
                await self.refresh()

    # --- requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the process."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        if scope["type"] == "websocket":
            if scope["path"] == listen.SOCKET:
                await listen.Box(self.board, receive, send).serve()
            return
        if scope["type"] != "http":
            return
        if scope["path"] == listen.EVENTS:
            await listen.events(self.board, scope, receive, send)
            return
        began = time.monotonic()
        status, told, wait = await self.answer(scope, receive)
        key = self.reference.keys.get(header(scope, b"x-hcp-key"))
        self.logbook.add(scope, key, status, told, time.monotonic() - began)
        body = msgspec.json.encode(told)
        headers = [
            (b"content-type", _JSON if status < 400 else _PROBLEM),  # noqa: PLR2004 - HTTP's border
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *sunsets.headers(scope["path"]),
        ]
        if key is not None and status != 401:  # noqa: PLR2004 - who it is was not shown
            who, most = str(key.client_id), key.per_minute
            headers += self.limits.headers(who, clock.now(), per_minute=most)
        if status in (429, 503):
            headers.append((b"retry-after", str(wait).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def answer(self, scope: Scope, receive: Receive) -> tuple[int, Any, int]:
        """Return status and answer for a request, and after how many seconds to try again."""
        try:
            status, told = await self.handle(scope, receive)
        except Refusal as refusal:
            return refusal.status, refusal.problem(), getattr(refusal, "seconds", 2)
        except Exception:
            log.exception("bug at %s", scope.get("path"))
            return 500, {**Refusal(BROKEN, code="internal").problem(), "status": 500}, 2
        return status, told, 2

    async def live(self, receive: Receive, send: Send) -> None:
        """Follow the server's start-up and shut-down."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except Exception as error:  # noqa: BLE001 - whatever it is, the server must be told
                    await send(
                        {
                            "type": "lifespan.startup.failed",
                            "message": f"{type(error).__name__}: {error}",
                        }
                    )
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def handle(self, scope: Scope, receive: Receive) -> tuple[int, Any]:
        """Return status and answer for a request, or raise a refusal."""
        path = scope["path"]
        if path in READ:
            return 200, READ[path]()
        route = ROUTES.get(path)
        if route is None and path not in doors.PATHS:
            raise NotFound(NO_SUCH_DOOR)
        if scope["method"] != "POST":
            raise NotPost
        if self.stopping:
            raise TooBusy
        self.asked = True
        if clock.now() - self.refreshed_at > timedelta(seconds=REFRESH_SECONDS):
            await self.refresh_now()
        kind, batch = route or ("", path.endswith("/file"))
        if header(scope, b"x-hcp-key").startswith(sandbox.PREFIX):
            return await self.rehearse(scope, receive)
        await self.known(header(scope, b"x-hcp-key"))  # before a byte of the body is read
        async with self.budget.room(scope, LARGE if batch else SMALL) as limit:
            request = await read_request(scope, receive, limit)
            key, nonce = self.verified(request, address_of(scope))
            if route is None:
                query = dict(parse_qsl(request.query))
                return await asyncio.to_thread(
                    doors.open_door, path, query, request.body, key, nonce, decode
                )
            take = self.take_batch if batch else self.take_one
            return await take(kind, request.body, key, nonce)

    async def known(self, kid: str) -> None:
        """Return once a key is known; raises BadSignature for one that is not."""
        if not kid:
            raise BadSignature(UNSIGNED)
        if kid not in self.reference.keys:
            await self.refresh_now()
            if kid not in self.reference.keys:
                raise BadSignature(UNKNOWN_KEY)

    async def rehearse(self, scope: Scope, receive: Receive) -> tuple[int, Any]:
        """Answer a call of a sandbox. Its key is looked up in the database: a stranger who makes up
        keys is stopped by the address.
        """
        self.rehearsals.spend(address_of(scope), clock.now())
        async with self.budget.room(scope, SMALL) as limit:
            request = await read_request(scope, receive, limit)
        tree, catalogue = self.reference.tree, self.reference.catalogue
        return await asyncio.to_thread(rehearsal.play, request, tree, catalogue, clock.now())

    def verified(self, request: SignedRequest, address: str) -> tuple[ClientKey, str]:
        """Return whose request this is and its nonce, once its signature, the place that it comes
        from and its client's quota allow it.
        """
        at = clock.now()
        key, nonce = verify(request, self.reference.keys, at)
        admit(key, address)
        self.limits.spend(str(key.client_id), at, per_minute=key.per_minute)
        return key, nonce

    async def take_one(self, kind: str, body: bytes, key: ClientKey, nonce: str) -> tuple[int, Any]:
        """Store one record or rating."""
        try:
            item = self.check(kind, decode(body, API[kind].Given), key, clock.now())
        except NotAllowed as refusal:
            self.note(refusal, key)
            raise
        (stored,) = await self.committer.store(
            kind, Waiting([item], key, nonce, asyncio.get_running_loop().create_future())
        )
        if stored.refusal is not None:
            self.note(stored.refusal, key)
        status, told = API[kind].answer(stored)
        return status, told

    def note(self, refusal: Refusal, key: ClientKey) -> None:
        """Have it written down, beside the answer, that a system tried what it may not do."""
        if isinstance(refusal, NotAllowed):
            task = asyncio.create_task(asyncio.to_thread(doors.note_refused, refusal, key))
            self.noting.add(task)
            task.add_done_callback(self.noting.discard)

    async def take_batch(
        self, kind: str, body: bytes, key: ClientKey, nonce: str
    ) -> tuple[int, Any]:
        """Store up to 1000 items; each has an answer of its own."""
        items = decode_each(body, API[kind].Given)
        if len(items) > BATCH:
            raise TooLarge
        answers: list[Any] = [None] * len(items)
        good: list[tuple[int, Any]] = []
        at = clock.now()
        for number, item in enumerate(items):
            try:
                if isinstance(item, Refusal):
                    raise item
                good.append((number, self.check(kind, item, key, at)))
            except Refusal as refusal:
                self.note(refusal, key)
                answers[number] = refusal.problem()
        waiting = Waiting(
            [item for _, item in good], key, nonce, asyncio.get_running_loop().create_future()
        )
        await self.committer.commit(kind, [waiting])
        for (number, _), stored in zip(good, await waiting.answer, strict=True):
            if stored.refusal is not None:
                self.note(stored.refusal, key)
            answers[number] = API[kind].answer(stored)[1]
        return 200, {"items": answers}

    def check(self, kind: str, given: Any, key: ClientKey, at: datetime) -> Any:
        """Apply the rules that need no database."""
        if kind == "records":
            return record_api.check(given, self.reference.tree.resolve, key.client, at)
        return rating_api.check(given, self.reference.catalogue, at)


# what anybody may read
READ: Mapping[str, Callable[[], Any]] = {
    "/api/v1/health": lambda: {"status": "ok"},
    openapi.PATH: lambda: msgspec.Raw(openapi.served(settings.COLLECTOR_URL, settings.PUBLIC_URL)),
    postman.PATH: lambda: msgspec.Raw(postman.served(settings.COLLECTOR_URL)),
}
ROUTES: Mapping[str, tuple[str, bool]] = {
    "/api/v1/records": ("records", False),
    "/api/v1/records/batch": ("records", True),
    "/api/v1/evaluations": ("evaluations", False),
    "/api/v1/evaluations/batch": ("evaluations", True),
}
API: Mapping[str, Any] = {"records": record_api, "evaluations": rating_api}


app = Collector()
