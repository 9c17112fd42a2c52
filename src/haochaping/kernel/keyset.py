"""Going on through a long list from the place of its last row: page 10 000 costs what page 1 does,
and a row that comes in meanwhile shifts nothing.
"""

import base64
from binascii import Error
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Model, Q, QuerySet

from haochaping.kernel.db import rows

MOST_COUNTED = 10_000  # rows of a list; where there are more it says so


def how_many(found: QuerySet[Any]) -> int:
    """Return how many rows a list has; one more than MOST_COUNTED stands for more than those."""
    return found.order_by()[: MOST_COUNTED + 1].count()


def how_many_each(
    table: str, column: str, values: Sequence[str], where: str, *arguments: object
) -> dict[str, int]:
    """Return how many rows of a table have each value of a column, as how_many counts them, in one
    statement. `where` is SQL over the table, whose places begin with `$2`.
    """
    sql = f"""
      SELECT value, (SELECT count(*) FROM (
               SELECT FROM {table} WHERE {table}.{column} = each.value AND {where}
                LIMIT {MOST_COUNTED + 1}) AS there) AS n
        FROM unnest($1::text[]) AS each (value)
    """  # noqa: S608 - built from constants of ours
    return {row["value"]: row["n"] for row in rows(sql, list(values), *arguments)}


def page[M: Model](
    found: QuerySet[M], order: tuple[str, str], *, after: str = "", size: int
) -> tuple[list[M], str]:
    """Return so many rows of a list from a place on, and the place to go on from ("" at its end).

    `order` is a field of moments and the key, both upwards or both downwards, as of an index; a
    field that may be empty only goes upwards, and its empty rows come last. A place that is none is
    the beginning.
    """
    field, key = (name.lstrip("-") for name in order)
    down = order[0].startswith("-")
    place = _read(after)
    listed = found.order_by(*order)
    if place is None:
        there = list(listed[: size + 1])
    elif place[0] is None:
        empty = {f"{field}__isnull": True, f"{key}__gt": place[1]}
        there = list(listed.filter(**empty)[: size + 1])
    else:
        bound, past = ("lte", "gte") if down else ("gte", "lte")
        seen = Q(**{field: place[0], f"{key}__{past}": place[1]})
        there = list(listed.filter(~seen, **{f"{field}__{bound}": place[0]})[: size + 1])
        if not down and len(there) <= size:  # what has no moment comes after all that have one
            rest = found.filter(**{f"{field}__isnull": True}).order_by(key)
            there += rest[: size + 1 - len(there)]
    shown = there[:size]
    return shown, _place(shown[-1], field) if len(there) > size else ""


def _place(row: Model, field: str) -> str:
    moment = getattr(row, field)
    told = msgspec.json.encode((moment, row.pk))
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _read(place: str) -> tuple[datetime | None, int] | None:
    try:
        told = base64.urlsafe_b64decode(place + "=" * (-len(place) % 4))
        return msgspec.json.decode(told, type=tuple[datetime | None, int]) if place else None
    except (Error, ValueError, msgspec.MsgspecError):
        return None
