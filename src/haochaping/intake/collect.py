"""The collector: the hot path that takes records and ratings from systems, as bare ASGI with group
commit (ADR 0004).

A request is verified and checked, joins the group that waits (`intake/commit.py`), and is answered
after COMMIT.
"""

import asyncio
import gc
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
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
from haochaping.identity.rules import ClientKey, SignedRequest, verify  # noqa: E402
from haochaping.indicators import queries as indicators  # noqa: E402
from haochaping.indicators.rules import Indicator  # noqa: E402
from haochaping.intake import doors, listen  # noqa: E402
from haochaping.intake.commit import AWAY, KINDS, Committer, Waiting  # noqa: E402
from haochaping.kernel import clock  # noqa: E402
from haochaping.kernel.db import talk_async  # noqa: E402
from haochaping.kernel.errors import NotFound, Refusal, TooBusy  # noqa: E402
from haochaping.kernel.limits import Limits  # noqa: E402
from haochaping.kernel.sheets import nearest  # noqa: E402
from haochaping.kernel.words import Words, printable  # noqa: E402
from haochaping.records import api as record_api  # noqa: E402
from haochaping.regions import queries as regions  # noqa: E402

log = logging.getLogger(__name__)

BATCH = 1000  # items in a batch
SMALL, LARGE = 64 * 1024, 8 * 1024 * 1024  # bytes of a single and of a batch body
REFRESH_SECONDS = 20  # reference data and keys; a revoked key stops within this time
_REFRESH_AGAIN = timedelta(seconds=1)
_JSON = b"application/json; charset=utf-8"
_PROBLEM = b"application/problem+json; charset=utf-8"

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class TooLarge(Refusal):
    """The body is larger than is read."""

    status = 413
    code = "too_large"
    says = Words(
        "请求体过大：单条不超过 64 KB，批量不超过 8 MB、1000 条。",
        "The body is too large: 64 KB for one, 8 MB and 1000 items for a batch.",
    )


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


class NotJson(Refusal):
    """The body is not the JSON that was expected."""

    status = 400
    code = "bad_json"


@dataclass
class Reference:
    """What requests are checked against; refreshed in the background."""

    keys: Mapping[str, ClientKey] = field(default_factory=dict)
    tree: regions.Tree = field(default_factory=lambda: regions.Tree({}, {}))
    catalogue: Mapping[int, Indicator] = field(default_factory=dict)


class Collector:
    """The ASGI application."""

    def __init__(self, committer: Committer | None = None) -> None:
        self.reference = Reference()
        self.committer = committer or Committer()
        self.tasks: list[asyncio.Task[None]] = []
        self.stopping = False
        self.refreshed_at = clock.now()
        self.refreshing = asyncio.Lock()
        self.limits = Limits(settings.CLIENT_PER_MINUTE)
        self.board = listen.Switchboard(self.committer.connection)

    # --- life

    async def start(self) -> None:
        """Connect, load what is checked against, start the writers."""
        self.committer.pool = await asyncpg.create_pool(
            settings.DSN,
            min_size=3,
            max_size=6,
            command_timeout=30,
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
        for task in self.tasks:
            task.cancel()
        if self.committer.pool is not None:
            await self.committer.pool.close()

    async def refresh(self) -> None:
        """Read keys, regions and indicators."""
        self.refreshed_at = clock.now()
        async with self.committer.connection() as connection:
            self.reference = Reference(
                await talk_async(identity.load_keys(), connection),
                await talk_async(regions.load(), connection),
                await talk_async(indicators.load(), connection),
            )

    async def refresh_for_ever(self) -> None:
        """Keep reference data fresh; an old copy serves while the database is away."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            with suppress(*AWAY):
                await self.refresh()

    async def refresh_now(self) -> None:
        """Look whether an unknown key was issued a moment ago.

        At most once a second, so that strangers cannot make us read for ever.
        """
        async with self.refreshing:  # who comes while it is read waits for the answer
            if clock.now() - self.refreshed_at > _REFRESH_AGAIN:
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
        status, body, wait = await self.answer(scope, receive)
        headers = [
            (b"content-type", _JSON if status < 400 else _PROBLEM),  # noqa: PLR2004 - HTTP's border
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        if status in (429, 503):
            headers.append((b"retry-after", str(wait).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes, int]:
        """Return status and body for a request, and after how many seconds to try again."""
        try:
            status, told = await self.handle(scope, receive)
            return status, msgspec.json.encode(told), 2
        except Refusal as refusal:
            seconds = getattr(refusal, "seconds", 2)
            return refusal.status, msgspec.json.encode(refusal.problem()), seconds
        except Exception:
            log.exception("bug at %s", scope.get("path"))
            problem = {**Refusal(BROKEN, code="internal").problem(), "status": 500}
            return 500, msgspec.json.encode(problem), 2

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
        if path == "/api/v1/health":
            return 200, {"status": "ok"}
        route = ROUTES.get(path)
        if route is None and path not in doors.PATHS:
            raise NotFound(NO_SUCH_DOOR)
        if scope["method"] != "POST":
            raise NotPost
        if self.stopping:
            raise TooBusy
        kind, batch = route or ("", path.endswith("/file"))
        request = await read_request(scope, receive, LARGE if batch else SMALL)
        if request.headers.get("x-hcp-key") not in self.reference.keys:
            await self.refresh_now()
        at = clock.now()
        key, nonce = verify(request, self.reference.keys, at)
        self.limits.spend(key.kid, at)
        body = request.body
        if route is None:
            query = dict(parse_qsl(request.query))
            return await asyncio.to_thread(doors.open_door, path, query, body, key, nonce, decode)
        take = self.take_batch if batch else self.take_one
        return await take(kind, body, key, nonce)

    async def take_one(self, kind: str, body: bytes, key: ClientKey, nonce: str) -> tuple[int, Any]:
        """Store one record or rating."""
        item = self.check(kind, decode(body, API[kind].Given), key, clock.now())
        (stored,) = await self.committer.store(
            kind, Waiting([item], key, nonce, asyncio.get_running_loop().create_future())
        )
        status, told = API[kind].answer(stored)
        return status, told

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
                answers[number] = refusal.problem()
        waiting = Waiting(
            [item for _, item in good], key, nonce, asyncio.get_running_loop().create_future()
        )
        await self.committer.commit(kind, [waiting])
        for (number, _), stored in zip(good, await waiting.answer, strict=True):
            answers[number] = API[kind].answer(stored)[1]
        return 200, {"items": answers}

    def check(self, kind: str, given: Any, key: ClientKey, at: datetime) -> Any:
        """Apply the rules that need no database."""
        if kind == "records":
            return record_api.check(given, self.reference.tree.resolve, key.client, at)
        return rating_api.check(given, self.reference.catalogue, at)


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
        raise _bad_field(str(error), kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotJson(
            Words(f"不是有效的 JSON：{error}", f"This is not valid JSON: {error}")
        ) from None


def _bad_field(error: str, kind: type[Any]) -> NotJson:
    """Say which field is wrong and, of one that is none of ours, which may be meant."""
    found = _UNKNOWN_FIELD.search(error)
    near = nearest(found[1], _field_names(kind)) if found else None
    meant = Words(f"，是否应为 {near}？", f": is {near} meant?") if near else Words("", "")
    return NotJson(
        Words(
            f"字段不符合要求：{printable(error)}{meant.zh}",
            f"A field is not as documented: {printable(error)}{meant.en}",
        ),
        code="unknown_field" if found else "bad_field",
        field=printable(found[1])[:60] if found else None,
    )


_UNKNOWN_FIELD = re.compile(r"unknown field `(.*?)`")


def _field_names(kind: type[Any]) -> set[str]:
    """Return the names of a struct's fields and of those inside them."""
    if not isinstance(kind, type) or not issubclass(kind, msgspec.Struct):
        return set()
    inside = (_field_names(field.type) for field in msgspec.structs.fields(kind))
    return set(kind.__struct_fields__).union(*inside)


def decode_each(body: bytes, kind: type[Any]) -> list[Any]:
    """Decode a JSON array into items.

    What stands in place of an item that is not as documented is the refusal.
    """
    try:
        return msgspec.json.decode(body, type=list[kind])  # type: ignore[valid-type]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass  # slower, item by item, so that only what is wrong is refused
    items: list[Any] = []
    for text in decode(body, list[msgspec.Raw]):
        try:
            items.append(decode(text, kind))
        except NotJson as refusal:
            items.append(refusal)
    return items


async def read_request(scope: Scope, receive: Receive, limit: int) -> SignedRequest:
    """Read a request whole, as what was signed; raises TooLarge or NotJson."""
    body = await read_body(scope, receive, limit)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return SignedRequest(scope["method"], scope["path"], query, body, headers)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Read the body up to a limit.

    Raises TooLarge before reading what announces itself as larger.
    """
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
