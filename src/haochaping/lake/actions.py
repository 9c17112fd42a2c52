"""Writing the lake."""

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction

from haochaping.kernel.db import one_at_a_time
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
        month, path = rules.folder(batch.no, business_day(batch.at))
        digest = _write(queries.home() / path, changes)
        models.File.objects.create(
            no=batch.no, month=month, rows=len(changes), sha256=digest, made_at=at
        )
        facts += len(batch.refs)
    return facts


def _write(path: Path, changes: Sequence[dict[str, Any]]) -> str:
    """Write rows as Parquet, whole or not at all; return the SHA-256 of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: [row[name] for row in changes] for name in rules.COLUMNS}
    table = pa.Table.from_pydict(columns, schema=SCHEMA)
    beside = path.with_suffix(".tmp")
    pq.write_table(table, beside, compression="zstd")
    data = beside.read_bytes()
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return hashlib.sha256(data).hexdigest()
