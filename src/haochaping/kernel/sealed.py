"""Columns that are sealed as they are written and opened as they are read, and how all that is
sealed is sealed anew with a later key.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models, transaction

from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows


def wrapped(value: object, context: str) -> str:
    """Return a value for a sealed column of JSON, as SQL takes it: a JSON text."""
    keyring: Keyring = settings.KEYRING
    return json.dumps(keyring.wrap(json.dumps(value, ensure_ascii=False), context))


def unwrapped(value: object, context: str) -> Any:
    """Return what `wrapped` sealed, as a sealed column gives it; what was stored before it was
    sealed is as it is.
    """
    keyring: Keyring = settings.KEYRING
    return json.loads(keyring.unwrap(value, context)) if isinstance(value, str) else value


class SealedJSON(models.JSONField):
    """A JSON value that lies sealed in its column, for it holds what people wrote.

    No look-up reaches into it. What was stored before it was sealed is read as it is.
    """

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave the context out of migrations: the database knows nothing of it."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Open it."""
        return unwrapped(super().from_db_value(value, expression, connection), self.context)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Seal it."""
        if isinstance(value, dict):
            keyring: Keyring = settings.KEYRING
            value = keyring.wrap(json.dumps(value, ensure_ascii=False), self.context)
        return super().get_db_prep_value(value, connection, prepared)


@dataclass(frozen=True)
class Sealed:
    """A table with sealed columns of bytes: their contexts by name, and how its rows are told apart
    in what is sealed ("" where that is not known as it is sealed).
    """

    table: str
    columns: Mapping[str, Callable[[Mapping[str, Any]], str]]
    row: Callable[[Mapping[str, Any]], object] = lambda _row: ""
    needs: Sequence[str] = ()  # further columns that contexts and rows are made of
    key: Sequence[str] = ("id",)


_SOME = 500  # rows of a transaction


def reseal(tables: Sequence[Sealed]) -> Iterator[tuple[str, int]]:
    """Seal anew what is not sealed with the present key; yield each table and how many values.

    It can be stopped and run again, beside everything else.
    """
    for table in tables:
        yield table.table, sum(_reseal(table, column) for column in table.columns)


def _reseal(table: Sealed, column: str) -> int:
    keyring: Keyring = settings.KEYRING
    names, done, last = ", ".join(table.key), 0, list[Any]()
    wanted = ", ".join(dict.fromkeys([*table.key, column, *table.needs]))
    here = " AND ".join(f"{name} = ${place}" for place, name in enumerate(table.key, 2))
    while True:
        after = f"AND ({names}) > ({', '.join(f'${n}' for n in range(1, len(last) + 1))})"
        # Names of ours.
        sql = f"""SELECT {wanted} FROM {table.table} WHERE {column} IS NOT NULL
          {after if last else ""} ORDER BY {names} LIMIT {_SOME} FOR UPDATE"""  # noqa: S608
        with transaction.atomic():
            found = rows(sql, *last)
            for row in found:
                if not row[column] or keyring.is_current(row[column]):
                    continue
                context, whose = table.columns[column](row), table.row(row)
                anew = keyring.seal(keyring.open(row[column], context, whose), context, whose)
                key = [row[name] for name in table.key]
                rows(f"UPDATE {table.table} SET {column} = $1 WHERE {here}", anew, *key)  # noqa: S608
                done += 1
        if not found:
            return done
        last = [found[-1][name] for name in table.key]
