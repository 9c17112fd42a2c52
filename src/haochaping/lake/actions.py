"""Writing the lake."""

import hashlib
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
        month, path = rules.folder(batch.no, business_day(batch.at))
        digest = _write(queries.home() / path, changes)
        models.File.objects.create(
            no=batch.no, month=month, rows=len(changes), sha256=digest, made_at=at
        )
        facts += len(batch.refs)
    return facts


def _write(path: Path, changes: Sequence[dict[str, Any]]) -> str:
    """Write rows as Parquet, whole or not at all; return the SHA-256 of the file."""
    columns = {name: [row[name] for row in changes] for name in rules.COLUMNS}
    table, file = pa.Table.from_pydict(columns, schema=SCHEMA), pa.BufferOutputStream()
    pq.write_table(table, file, compression="zstd")
    data: bytes = file.getvalue().to_pybytes()
    put(path, data)
    return hashlib.sha256(data).hexdigest()
