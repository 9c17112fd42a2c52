"""The collector: the hot path that takes records and ratings from systems, as bare ASGI with group commit (ADR 0004).

A request is verified and checked, joins the group that waits, and is answered after COMMIT. One writer per kind takes whatever waits the
moment the previous commit returns; there is no timer, the fsync in progress is the window (performance design §4).
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import django
import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haochaping.config.settings")
django.setup()

from haochaping.config import settings  # noqa: E402 - Django first
from haochaping.evaluations import actions as evaluations  # noqa: E402
from haochaping.evaluations import api as rating_api  # noqa: E402
from haochaping.identity import queries as identity  # noqa: E402
from haochaping.identity.rules import SYSTEM, ClientKey, Replayed, SignedRequest, verify  # noqa: E402
from haochaping.indicators import queries as indicators  # noqa: E402
from haochaping.indicators.rules import Indicator  # noqa: E402
from haochaping.kernel import clock  # noqa: E402
from haochaping.kernel.db import talk_async  # noqa: E402
from haochaping.kernel.errors import NotFound, Refusal, TooBusy  # noqa: E402
from haochaping.kernel.words import Words  # noqa: E402
from haochaping.records import actions as records  # noqa: E402
from haochaping.records import api as record_api  # noqa: E402
from haochaping.regions import queries as regions  # noqa: E402

log = logging.getLogger(__name__)

GROUP = 200  # requests that share a commit
QUEUE = 4000  # requests that may wait; more are shed
BATCH = 1000  # items in a batch
SMALL, LARGE = 64 * 1024, 8 * 1024 * 1024  # bytes of a single and of a batch body
REFRESH_SECONDS = 20  # reference data and keys; a revoked key stops within this time
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, TimeoutError, TooBusy)
_REFRESH_AGAIN = timedelta(seconds=1)
_JSON = b"application/json; charset=utf-8"
_PROBLEM = b"application/problem+json; charset=utf-8"
_NONCES = """
INSERT INTO identity_nonce (kid, nonce, at) SELECT kid, nonce, $3::timestamptz FROM unnest($1::text[], $2::text[]) AS given (kid, nonce)
 ORDER BY kid, nonce ON CONFLICT DO NOTHING RETURNING kid, nonce
"""

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class TooLarge(Refusal):
    """The body is larger than is read."""

    status = 413
    code = "too_large"
    says = Words("请求体过大：单条不超过 64 KB，批量不超过 8 MB、1000 条。", "The body is too large: 64 KB for one, 8 MB and 1000 items for a batch.")


class NotJson(Refusal):
    """The body is not the JSON that was expected."""

    status = 400
    code = "bad_json"


@dataclass
class Waiting:
    """A request that waits for its commit: what is to be stored, by whom, and where the answer goes."""

    items: Sequence[Any]
    key: ClientKey
    nonce: str
    answer: asyncio.Future[Sequence[Any]]


@dataclass
class Reference:
    """What requests are checked against; refreshed in the background."""

    keys: Mapping[str, ClientKey] = field(default_factory=dict)
    tree: regions.Tree = field(default_factory=lambda: regions.Tree({}, {}))
    catalogue: Mapping[int, Indicator] = field(default_factory=dict)


class Collector:
    """The ASGI application."""

    def __init__(self) -> None:
        self.reference = Reference()
        self.pool: asyncpg.Pool[Any] | None = None
        self.queues: dict[str, asyncio.Queue[Waiting]] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.stopping = False
        self.refreshed_at = clock.now()
        self.refreshing = asyncio.Lock()

    # --- life

    async def start(self) -> None:
        """Connect, load what is checked against, start the writers."""
        self.pool = await asyncpg.create_pool(
            settings.database_url(owner=False), min_size=3, max_size=6, command_timeout=30, server_settings={"timezone": "UTC"}
        )
        await self.refresh()
        for kind in ("records", "evaluations"):
            self.queues[kind] = asyncio.Queue(QUEUE)
            self.tasks.append(asyncio.create_task(self.write(kind)))
        self.tasks.append(asyncio.create_task(self.refresh_for_ever()))

    async def stop(self) -> None:
        """Take nothing more, commit what waits, disconnect."""
        self.stopping = True
        for queue in self.queues.values():
            await queue.join()
        for task in self.tasks:
            task.cancel()
        if self.pool is not None:
            await self.pool.close()

    async def refresh(self) -> None:
        """Read keys, regions and indicators."""
        self.refreshed_at = clock.now()
        async with self.connection() as connection:
            self.reference = Reference(
                await talk_async(identity.load_keys(), connection),
                await talk_async(regions.load(), connection),
                await talk_async(indicators.load(), connection),
            )

    async def refresh_for_ever(self) -> None:
        """Keep reference data fresh; an old copy serves while the database is away."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            with suppress(*_AWAY):
                await self.refresh()

    async def refresh_now(self) -> None:
        """Look whether an unknown key was issued a moment ago; at most once a second, so that strangers cannot make us read for ever."""
        async with self.refreshing:  # who comes while it is read waits for the answer
            if clock.now() - self.refreshed_at > _REFRESH_AGAIN:
                with suppress(*_AWAY):
                    await self.refresh()

    def connection(self) -> Any:
        """Borrow a connection."""
        if self.pool is None:
            raise TooBusy
        return self.pool.acquire(timeout=5)

    # --- storing

    async def store(self, kind: str, waiting: Waiting) -> Sequence[Any]:
        """Put a request into the next group and return its outcomes once they are committed."""
        try:
            self.queues[kind].put_nowait(waiting)
        except asyncio.QueueFull:
            raise TooBusy from None
        return await waiting.answer

    async def write(self, kind: str) -> None:
        """Commit group after group, for ever."""
        queue = self.queues[kind]
        while True:
            group = [await queue.get()]
            while len(group) < GROUP and not queue.empty():
                group.append(queue.get_nowait())
            try:
                await self.commit(kind, group)
            finally:
                for _ in group:
                    queue.task_done()

    async def commit(self, kind: str, group: Sequence[Waiting]) -> None:
        """Commit a group and answer each request; a request that the database will not take fails alone."""
        connection: Any = None
        try:
            async with self.connection() as connection:
                group = await self.without_replays(connection, group)
                await self.commit_isolated(kind, group, connection)
        except Exception as error:  # the writer must outlive any bug
            # What a lost connection raises depends on where it was lost: asyncpg's own errors, the event loop's, or the socket's.
            if isinstance(error, _AWAY) or (connection is not None and connection.is_closed()):
                log.warning("database away: %s", type(error).__name__)
                self.answer_all(group, TooBusy())
            else:
                log.exception("a group could not be committed")
                self.answer_all(group, error)

    async def commit_isolated(self, kind: str, group: Sequence[Waiting], connection: Any) -> None:
        """Commit a group; on a data error halve it, so that only the request at fault is refused."""
        if not group:
            return
        try:
            await self.commit_together(kind, group, connection)
        except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError, OverflowError) as bad:
            if connection.is_closed():
                raise
            if len(group) == 1:
                log.warning("refused by the database: %s", type(bad).__name__)
                says = Words("数据无法入库，请检查字段内容。", "The database refused the values; check the fields.")
                self.answer_all(group, Refusal(says, code="unstorable"))
                return
            half = len(group) // 2
            await self.commit_isolated(kind, group[:half], connection)
            await self.commit_isolated(kind, group[half:], connection)

    async def commit_together(self, kind: str, group: Sequence[Waiting], connection: Any) -> None:
        """Store a group in as few statements as clients, and hand each request its outcomes."""
        for key in {waiting.key.client_id: waiting.key for waiting in group}.values():
            mine = [waiting for waiting in group if waiting.key.client_id == key.client_id]
            items = [item for waiting in mine for item in waiting.items]
            if kind == "records":
                stored: Sequence[Any] = await talk_async(
                    records.register(records=items, client_id=key.client_id, by=SYSTEM, at=clock.now()), connection
                )
            else:
                stored = await talk_async(
                    evaluations.submit(ratings=items, reach=key.reach, client_id=key.client_id, by=SYSTEM, at=clock.now()), connection
                )
            outcomes = iter(stored)
            for waiting in mine:
                mine_alone = [next(outcomes) for _ in waiting.items]
                if not waiting.answer.done():
                    waiting.answer.set_result(mine_alone)

    async def without_replays(self, connection: Any, group: Sequence[Waiting]) -> list[Waiting]:
        """Spend the nonces; refuse requests whose nonce was spent before."""
        pairs = {(waiting.key.kid, waiting.nonce): waiting for waiting in group}
        spent = await connection.fetch(_NONCES, [kid for kid, _ in pairs], [nonce for _, nonce in pairs], clock.now())
        fresh = {(row["kid"], row["nonce"]) for row in spent}
        good = [waiting for pair, waiting in pairs.items() if pair in fresh]
        chosen = set(map(id, good))
        self.answer_all([waiting for waiting in group if id(waiting) not in chosen], Replayed())
        return good

    def answer_all(self, group: Sequence[Waiting], error: Exception) -> None:
        """Fail every request of a group that has no answer yet."""
        for waiting in group:
            if not waiting.answer.done():
                waiting.answer.set_exception(error)

    # --- requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the process."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            status, content_type, body = await self.handle(scope, receive)
        except Refusal as refusal:
            status, content_type, body = refusal.status, _PROBLEM, msgspec.json.encode(refusal.problem())
        except Exception:
            log.exception("bug at %s", scope.get("path"))
            says = Words(
                "系统出错了，数据可能未保存，请用新的 nonce 重试。", "Something broke and the data may not be stored; retry with a new nonce."
            )
            unknown = Refusal(says, code="internal")
            status, content_type, body = 500, _PROBLEM, msgspec.json.encode({**unknown.problem(), "status": 500})
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        if status == 503:  # noqa: PLR2004 - the HTTP status itself
            headers.append((b"retry-after", b"2"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def live(self, receive: Receive, send: Send) -> None:
        """Follow the server's start-up and shut-down."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except Exception as error:  # noqa: BLE001 - whatever it is, the server must be told
                    await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def handle(self, scope: Scope, receive: Receive) -> tuple[int, bytes, bytes]:
        """Return status, content type and body for a request, or raise a refusal."""
        path, method = scope["path"], scope["method"]
        if path == "/api/v1/health":
            return 200, _JSON, b'{"status":"ok"}'
        route = ROUTES.get(path)
        if route is None:
            raise NotFound(Words("没有这个接口，请查看 docs/integrate/。", "There is no such interface; see docs/integrate/."))
        if method != "POST":
            refusal = Refusal(Words("该接口只接受 POST。", "This interface takes POST only."), code="method_not_allowed")
            refusal.status = 405
            raise refusal
        if self.stopping:
            raise TooBusy
        kind, batch = route
        body = await read_body(scope, receive, LARGE if batch else SMALL)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = SignedRequest(method, path, scope["query_string"].decode("latin-1"), body, headers)
        if headers.get("x-hcp-key") not in self.reference.keys:
            await self.refresh_now()
        key, nonce = verify(request, self.reference.keys, clock.now())
        return await (self.take_batch(kind, body, key, nonce) if batch else self.take_one(kind, body, key, nonce))

    async def take_one(self, kind: str, body: bytes, key: ClientKey, nonce: str) -> tuple[int, bytes, bytes]:
        """Store one record or rating."""
        item = self.check(kind, decode(body, record_api.Given if kind == "records" else rating_api.Given), key)
        (stored,) = await self.store(kind, Waiting([item], key, nonce, asyncio.get_running_loop().create_future()))
        status, answer = API[kind].answer(stored)
        return status, _JSON if status < 400 else _PROBLEM, msgspec.json.encode(answer)  # noqa: PLR2004 - HTTP's own border

    async def take_batch(self, kind: str, body: bytes, key: ClientKey, nonce: str) -> tuple[int, bytes, bytes]:
        """Store up to 1000 items; each has an answer of its own."""
        raw = decode(body, list[msgspec.Raw])
        if len(raw) > BATCH:
            raise TooLarge
        answers: list[Any] = [None] * len(raw)
        good: list[tuple[int, Any]] = []
        for number, text in enumerate(raw):
            try:
                good.append((number, self.check(kind, decode(text, record_api.Given if kind == "records" else rating_api.Given), key)))
            except Refusal as refusal:
                answers[number] = refusal.problem()
        waiting = Waiting([item for _, item in good], key, nonce, asyncio.get_running_loop().create_future())
        await self.commit(kind, [waiting])
        for (number, _), stored in zip(good, await waiting.answer, strict=True):
            answers[number] = API[kind].answer(stored)[1]
        return 200, _JSON, msgspec.json.encode({"items": answers})

    def check(self, kind: str, given: Any, key: ClientKey) -> Any:
        """Apply the rules that need no database."""
        if kind == "records":
            return record_api.check(given, self.reference.tree.resolve, key.reach, clock.now())
        return rating_api.check(given, self.reference.catalogue, clock.now())


ROUTES: Mapping[str, tuple[str, bool]] = {
    "/api/v1/records": ("records", False),
    "/api/v1/records/batch": ("records", True),
    "/api/v1/evaluations": ("evaluations", False),
    "/api/v1/evaluations/batch": ("evaluations", True),
}
API: Mapping[str, Any] = {"records": record_api, "evaluations": rating_api}


def decode[T](body: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Decode JSON into a type; raises NotJson naming the field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise NotJson(Words(f"字段不符合要求：{error}", f"A field is not as documented: {error}"), code="bad_field") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotJson(Words(f"不是有效的 JSON：{error}", f"This is not valid JSON: {error}")) from None


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Read the body up to a limit; raises TooLarge before reading what announces itself as larger."""
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limit:
            raise TooLarge
        if name == b"content-encoding":
            raise NotJson(Words("请勿压缩请求体。", "Send the body uncompressed."))
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise NotJson(Words("连接中断。", "The connection was lost."))
        body += bytes(message.get("body", b""))
        if len(body) > limit:
            raise TooLarge
        if not message.get("more_body"):
            return body


app = Collector()
