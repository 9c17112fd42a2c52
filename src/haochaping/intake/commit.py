"""Group commit: requests that wait together are committed together (ADR 0004, performance design
§4).

One writer per kind takes whatever waits the moment the previous commit returns; there is no timer,
the fsync in progress is the window.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import asyncpg

from haochaping.evaluations import actions as evaluations
from haochaping.feed import actions as feed
from haochaping.identity import actions as identity
from haochaping.identity.rules import ClientKey, Replayed
from haochaping.kernel import clock
from haochaping.kernel.db import talk_async
from haochaping.kernel.errors import Refusal, TooBusy
from haochaping.kernel.words import Words
from haochaping.policies.queries import Windows
from haochaping.records import actions as records

log = logging.getLogger(__name__)

GROUP = 200  # requests that share a commit
QUEUE = 4000  # requests that may wait; more are shed
KINDS = ("records", "evaluations")
AWAY = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    TimeoutError,
    TooBusy,
)


class Unstorable(Refusal):
    """The database would not take the values, though the rules did."""

    code = "unstorable"
    says = Words(
        "数据无法入库，请检查字段内容。", "The database refused the values; check the fields."
    )


# what stands in the answer for an item that was refused
REFUSED: Mapping[str, Callable[[Refusal], Any]] = {
    "records": lambda refusal: records.Stored(None, 0, refusal),
    "evaluations": lambda refusal: evaluations.Stored(None, None, refusal),
}


@dataclass
class Waiting:
    """A request that waits for its commit.

    What is to be stored, by whom, and where the answer goes.
    """

    items: Sequence[Any]
    key: ClientKey
    nonce: str
    answer: asyncio.Future[Sequence[Any]]


class Committer:
    """Stores what requests hand in. `pool` is set before anything is stored."""

    def __init__(self) -> None:
        self.pool: asyncpg.Pool[Any] | None = None
        self.rousing: asyncio.Task[None] | None = None
        self.windows: Windows | None = None  # of the policies; asked for where they are not known
        self.queues: dict[str, asyncio.Queue[Waiting]] = {
            kind: asyncio.Queue(QUEUE) for kind in KINDS
        }

    def connection(self) -> Any:
        """Borrow a connection."""
        if self.pool is None:
            raise TooBusy
        return self.pool.acquire(timeout=5)

    async def drain(self) -> None:
        """Return when everything that waited is committed or refused."""
        for queue in self.queues.values():
            await queue.join()

    async def store(self, kind: str, waiting: Waiting) -> Sequence[Any]:
        """Put a request into the next group and return its outcomes once they are committed.

        Raises TooBusy when too many wait.
        """
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
        """Commit a group and answer each request.

        A request that the database will not take fails alone.
        """
        connection: Any = None
        try:
            async with self.connection() as connection:
                group = await self.without_replays(connection, group)
                await self.commit_isolated(kind, group, connection)
            self.rouse()
        except Exception as error:  # the writer must outlive any bug
            # What a lost connection raises depends on where it was lost: asyncpg's own errors, the
            # event loop's, or the socket's.
            if isinstance(error, AWAY) or (connection is not None and connection.is_closed()):
                log.warning("database away: %s", type(error).__name__)
                self.answer_all(group, TooBusy())
            else:
                log.exception("a group could not be committed")
                self.answer_all(group, error)

    def rouse(self) -> None:
        """Tell the worker soon that facts wait: beside the commits, and ten times a second at
        most.
        """
        if self.rousing is None:
            self.rousing = asyncio.create_task(self._rouse())

    async def _rouse(self) -> None:
        await asyncio.sleep(0.1)
        self.rousing = None  # what is committed from here on is told of anew
        try:
            async with self.connection() as connection:
                await connection.execute(feed.ROUSE)
        except AWAY as away:
            log.warning("the worker was not told, it will look: %s", type(away).__name__)

    async def commit_isolated(self, kind: str, group: Sequence[Waiting], connection: Any) -> None:
        """Commit a group.

        On a data error halve it, so that only the request at fault is refused.
        """
        if not group:
            return
        try:
            await self.commit_together(kind, group, connection)
        except (
            asyncpg.DataError,
            asyncpg.IntegrityConstraintViolationError,
            ValueError,
            OverflowError,
        ) as bad:
            if connection.is_closed():
                raise
            if len(group) == 1:
                log.warning("refused by the database: %s", type(bad).__name__)
                await self.commit_each(kind, group[0], connection)
                return
            half = len(group) // 2
            await self.commit_isolated(kind, group[:half], connection)
            await self.commit_isolated(kind, group[half:], connection)

    async def commit_each(self, kind: str, waiting: Waiting, connection: Any) -> None:
        """Commit the items of one request by halves, so that each has its own answer."""
        if len(waiting.items) == 1:
            self.answer_all([waiting], Unstorable())
            return
        half, outcomes = len(waiting.items) // 2, list[Any]()
        for items in (waiting.items[:half], waiting.items[half:]):
            part = replace(waiting, items=items, answer=asyncio.get_running_loop().create_future())
            await self.commit_isolated(kind, [part], connection)
            try:
                outcomes.extend(await part.answer)
            except Unstorable as refusal:
                outcomes.append(REFUSED[kind](refusal))
        if not waiting.answer.done():
            waiting.answer.set_result(outcomes)

    async def commit_together(self, kind: str, group: Sequence[Waiting], connection: Any) -> None:
        """Store a group in as few statements as clients, and hand each request its outcomes."""
        for key in {waiting.key.client_id: waiting.key for waiting in group}.values():
            mine = [waiting for waiting in group if waiting.key.client_id == key.client_id]
            items = [item for waiting in mine for item in waiting.items]
            if kind == "records":
                stored: Sequence[Any] = await talk_async(
                    records.register(records=items, client=key.client), connection
                )
            else:
                stored = await talk_async(
                    evaluations.submit(ratings=items, client=key.client, windows=self.windows),
                    connection,
                )
            outcomes = iter(stored)
            for waiting in mine:
                mine_alone = [next(outcomes) for _ in waiting.items]
                if not waiting.answer.done():
                    waiting.answer.set_result(mine_alone)

    async def without_replays(self, connection: Any, group: Sequence[Waiting]) -> list[Waiting]:
        """Spend the nonces; refuse requests whose nonce was spent before."""
        pairs = {(waiting.key.kid, waiting.nonce): waiting for waiting in group}
        spending = identity.spend_nonces(pairs=list(pairs), at=clock.now())
        fresh = await talk_async(spending, connection)
        good = [waiting for pair, waiting in pairs.items() if pair in fresh]
        chosen = set(map(id, good))
        self.answer_all([waiting for waiting in group if id(waiting) not in chosen], Replayed())
        return good

    def answer_all(self, group: Sequence[Waiting], error: Exception) -> None:
        """Fail every request of a group that has no answer yet."""
        for waiting in group:
            if not waiting.answer.done():
                waiting.answer.set_exception(error)
