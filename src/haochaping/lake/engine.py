"""Answers one question over the lake: `python -m haochaping.lake.engine`, given in JSON and told in
JSON or as Parquet.

DuckDB, shut in: it may read the lake's folder and nothing else, and its settings are locked.
"""

import json
import resource
import sys
from collections.abc import Sequence

import duckdb
import pyarrow.parquet as pq

from haochaping.lake.rules import MEMORY, ROWS, SECONDS


def open_lake(home: str, files: Sequence[str] = ()) -> duckdb.DuckDBPyConnection:
    """Return a connection with the view `ratings` over these files, or all that lie there, shut
    in.
    """
    lake = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": MEMORY})
    which = list(files) or [f"{home}/ratings/*/*.parquet"]
    lake.execute(
        f"CREATE VIEW ratings AS SELECT * FROM read_parquet({which!r}, hive_partitioning = true)"  # noqa: S608 - names of ours
    )
    lake.execute(f"SET allowed_directories = ['{home}']")
    lake.execute("SET enable_external_access = false")
    lake.execute("SET lock_configuration = true")
    return lake


def main() -> None:
    """Answer what is asked on the standard input."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    given = json.load(sys.stdin)
    try:
        found = open_lake(given["home"], given.get("files", ())).execute(_select(given["sql"]))
        if given.get("parquet"):
            pq.write_table(found.to_arrow_table(), sys.stdout.buffer, compression="zstd")
            return
        columns = [column[0] for column in found.description or ()]
        rows = found.fetchmany(ROWS)
    except duckdb.Error as error:
        raise SystemExit(str(error)) from None
    sys.stdout.write(json.dumps({"columns": columns, "rows": rows}, default=str))


def _select(sql: str) -> str:
    """Return what is one SELECT; anything else could write into the folder that it may read."""
    statements = duckdb.extract_statements(sql)
    if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
        raise SystemExit("one SELECT only")
    return sql


if __name__ == "__main__":
    main()
