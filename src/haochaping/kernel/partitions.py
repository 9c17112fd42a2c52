"""Monthly partitions of the big tables, all cut at the same keys so that children go with their
parents (architecture §4.4).

The database function `hcp_make_month` makes the partitions of one month where they are missing; it
belongs to the owner of the tables, so the application's role can call it and nothing more. Which
tables are big is said by the rooms that own them (`PARTITIONED` in their queries).
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

from haochaping.kernel import clock
from haochaping.kernel.db import Conversation, rows
from haochaping.kernel.ids import moment_of

_MONTHS = """
SELECT inhparent::regclass::text AS parent, right(inhrelid::regclass::text, 6) AS month
  FROM pg_inherits WHERE inhparent = ANY($1::regclass[])
"""
_seen: set[date] = set()
_LATELY = timedelta(days=100)


def months(since: date, until: date) -> Iterator[date]:
    """Yield the first day of every month from one date's month to the other's."""
    year, month = since.year, since.month
    while (year, month) <= (until.year, until.month):
        yield date(year, month, 1)
        year, month = year + month // 12, month % 12 + 1


def ensure_for(keys: Iterable[int]) -> Conversation[None]:
    """Make the partitions that these fact keys need.

    A month of these days that this process has seen costs nothing: it was made beforehand, by
    `hcp seed` and each hour. An older one may have been made in a transaction that was taken back,
    so it is asked for each time.
    """
    days = {key >> 48 for key in keys}  # keys that share these bits lie within 18 hours
    moments = [
        moment for day in days for moment in (moment_of(day << 48), moment_of((day + 1) << 48))
    ]
    needed = {date(moment.year, moment.month, 1) for moment in moments}
    for month in sorted(needed - _seen):
        yield "SELECT hcp_make_month($1::date)", (month,)
        if month > (clock.now() - _LATELY).date():
            _seen.add(month)


def create(since: date, until: date) -> None:
    """Make the partitions from one month to another."""
    for month in months(since, until):
        rows("SELECT hcp_make_month($1::date)", month)


def existing_months(tables: Collection[str]) -> set[str]:
    """Return the months that every one of these big tables has a partition for, as `YYYYMM`."""
    found = rows(_MONTHS, list(tables))
    by_table = {
        table: {row["month"] for row in found if row["parent"] == table} for table in tables
    }
    return set.intersection(*by_table.values())
