"""Writing the lake."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.files import put
from haochaping.kernel.moments import business_day
from haochaping.lake import models, queries, rules

_TYPES = {
    "date32": pa.date32(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "list<int16>": pa.list_(pa.int16()),
}
SCHEMA = pa.schema([(name, _TYPES[kind]) for name, kind in rules.COLUMNS.items()])


@transaction.atomic
def pull(*, limit: int = 20, at: datetime) -> int:
    """Write the next batches of the feed as files; return how many facts.

    Exactly once: a file is written beside, synced, and renamed to a name that its number alone
    decides; the row that says so comes after. Killed in between, the next try writes the same file
    again (data design §4).
    """
    one_at_a_time("lake")
    facts = 0
    for batch in queries.next_batches(limit):
        changes = queries.changes(batch)
        month = rules.month_of(business_day(batch.at))
        digest = _write(queries.home() / rules.path_of(month, batch.no), _table(changes))
        models.File.objects.create(
            no=batch.no, month=month, rows=len(changes), sha256=digest, made_at=at
        )
        facts += len(batch.refs)
    return facts


def compact(*, at: datetime) -> int:
    """Put the files of each day that is over together, sorted by place and department, and say in
    manifest.json what they hold; return how many went into others (data design §4).

    What is asked here reads the files that rows name, so nothing is ever counted twice; whoever
    reads the folder as it is may see a day twice for the moment between two names.
    """
    days = queries.days_to_compact(business_day(at))
    gone = sum(_compact(some) for some in days)
    _sweep()
    if days:
        _tell()
    return gone


@transaction.atomic
def _compact(some: Sequence[models.File]) -> int:
    one_at_a_time("lake")
    home, first, last = queries.home(), some[0].first or some[0].no, some[-1]
    tables = [pq.read_table(home / queries.path(one), schema=SCHEMA) for one in some]
    order = [("county", "ascending"), ("department_id", "ascending"), ("day", "ascending")]
    table = pa.concat_tables(tables).sort_by(order)
    digest = _write(home / rules.path_of(last.month, last.no, first), table)
    models.File.objects.filter(no__in=[one.no for one in some[:-1]]).delete()
    last.first, last.rows, last.sha256 = first, len(table), digest
    last.save(update_fields=["first", "rows", "sha256"])
    return len(some)


def _sweep() -> None:
    """Delete the files that went into others; what stands beyond the last row was written by
    whoever was killed before it was noted, and is written again.
    """
    named = {queries.path(one) for one in models.File.objects.all()}
    last = queries.state()[0]
    for file in queries.home().glob("ratings/*/batch*.parquet"):
        number = int(file.stem.rpartition("=")[2].rpartition("-")[2])
        if number <= last and file.relative_to(queries.home()).as_posix() not in named:
            file.unlink(missing_ok=True)


def _tell() -> None:
    """Write what the files of days hold, for whoever reads the folder with another engine."""
    files = [
        {
            "path": queries.path(one),
            "batches": [one.first, one.no],
            "rows": one.rows,
            "sha256": one.sha256,
        }
        for one in models.File.objects.exclude(first=None).order_by("no")
    ]
    told = {"columns": dict(rules.COLUMNS), "files": files}
    put(queries.home() / "manifest.json", json.dumps(told, indent=1).encode())


def _table(changes: Sequence[dict[str, Any]]) -> pa.Table:
    columns = {name: [row[name] for row in changes] for name in rules.COLUMNS}
    return pa.Table.from_pydict(columns, schema=SCHEMA)


def _write(path: Path, table: pa.Table) -> str:
    """Write a table as Parquet, whole or not at all; return the SHA-256 of the file."""
    file = pa.BufferOutputStream()
    pq.write_table(table, file, compression="zstd")
    data: bytes = file.getvalue().to_pybytes()
    put(path, data)
    return hashlib.sha256(data).hexdigest()
