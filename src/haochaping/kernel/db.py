"""One way to run SQL that the collector (asyncpg) and Django (psycopg) share.

A conversation is a generator that yields `(sql, arguments)` and is sent the rows back; it holds no
connection and does no I/O, so the same steps serve one rating from a phone, a group of the
collector, a batch and an import. Placeholders are PostgreSQL's own `$1`.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import batched
from typing import Any, Protocol

from django.db import connection, transaction
from psycopg import RawCursor
from psycopg.rows import dict_row, tuple_row

type Row = Mapping[str, Any]
type Conversation[T] = Generator[tuple[str, Sequence[Any]], Sequence[Row], T]


class AsyncFetcher(Protocol):
    """What a conversation needs of asyncpg."""

    async def fetch(self, query: str, *args: object) -> Sequence[Row]:
        """Run one statement and return its rows."""


@contextmanager
def _cursor() -> Iterator[RawCursor[dict[str, Any]]]:
    """Open a cursor whose errors Django sees, so that it drops a connection that the database has
    lost.
    """
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        RawCursor(connection.connection, row_factory=dict_row) as cursor,
    ):
        yield cursor


def talk[T](conversation: Conversation[T]) -> T:
    """Hold a conversation on Django's connection, in one transaction."""
    with transaction.atomic(), _cursor() as cursor:
        try:
            sql, arguments = next(conversation)
            while True:
                cursor.execute(sql.encode(), arguments)
                sql, arguments = conversation.send(cursor.fetchall() if cursor.description else [])
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]


async def talk_async[T](conversation: Conversation[T], fetcher: AsyncFetcher) -> T:
    """Hold a conversation on an asyncpg connection.

    The caller opens the transaction if more than one statement must hang together.
    """
    try:
        sql, arguments = next(conversation)
        while True:
            sql, arguments = conversation.send(await fetcher.fetch(sql, *arguments))
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


def rows(sql: str, *arguments: object) -> list[dict[str, Any]]:
    """Run one statement with `$n` places on Django's connection and return its rows as
    dictionaries.
    """
    with _cursor() as cursor:
        cursor.execute(sql.encode(), arguments)
        return cursor.fetchall() if cursor.description else []


def stream(sql: str, *arguments: object, size: int = 20_000) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Run one statement and yield its rows as they come, `size` at a time: a million rows need the
    memory of so many. The connection is busy until the last one is taken.
    """
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        RawCursor(connection.connection, row_factory=tuple_row) as cursor,
    ):
        yield from batched(cursor.stream(sql.encode(), arguments, size=size), size)


def one_at_a_time(what: str) -> None:
    """Wait until no other transaction is at the same thing, by any name that says which.

    Within a transaction only: it ends what was begun here. Two names that hash alike (64 bits) wait
    for each other and are right all the same.
    """
    rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", what)


_TRY, _LET_GO = (
    f"SELECT pg_{what}(hashtextextended($1, 1)) AS done"
    for what in ("try_advisory_lock", "advisory_unlock")
)


@contextmanager
def alone(what: str) -> Iterator[bool]:
    """Say whether nobody else, in any process, is at the same thing, and be at it until the end.

    No transaction is open meanwhile; whoever is killed lets go.
    """
    got = bool(rows(_TRY, what)[0]["done"])
    try:
        yield got
    finally:
        if got:
            rows(_LET_GO, what)


def unnested(columns_and_types: Sequence[tuple[str, str]]) -> str:
    """Return `unnest($1::text[], …) WITH ORDINALITY AS given (…, ord)`: rows as one array per
    column, the one form that is fast from 1 to 1000 rows.

    `ord` counts the rows from 1. Arguments after the columns start at `$len(columns) + 1`.
    """
    arrays = ", ".join(
        f"${place}::{kind}[]" for place, (_, kind) in enumerate(columns_and_types, 1)
    )
    names = ", ".join(name for name, _ in columns_and_types)
    return f"unnest({arrays}) WITH ORDINALITY AS given ({names}, ord)"


def columns(items: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Turn rows into columns for `unnest`; no rows give `width` empty columns. The first column
    must not be all None.

    A column of nothing but None is sent empty: `unnest` fills it up, and encoding is what a batch
    costs most.
    """
    return (
        [
            [] if column.count(None) == len(column) else list(column)
            for column in zip(*items, strict=True)
        ]
        if items
        else [[] for _ in range(width)]
    )
