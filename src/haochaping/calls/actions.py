"""Writing down calls."""

from collections.abc import Sequence
from datetime import datetime

from haochaping.calls import rules
from haochaping.kernel.db import Conversation, rows

_NOTE = """
WITH given AS (
  SELECT * FROM unnest($1::timestamptz[], $2::bigint[], $3::bigint[], $4::text[], $5::text[],
                       $6::smallint[], $7::text[], $8::text[], $9::int[], $10::int[], $11::int[],
                       $12::text[])
         AS given (at, client_id, region, kid, operation, status, code, says, items, refused, took,
                   address)
), kept AS (
  INSERT INTO calls_call (at, client_id, region, kid, operation, status, code, says, items,
                          refused, took, address)
  SELECT at, client_id, region, kid, operation, status, code, says, items, refused, took,
         address::inet FROM given
)
INSERT INTO calls_hour AS hour (client_id, region, hour, operation, status, code, calls, items,
                                refused, took)
SELECT client_id, max(region), date_trunc('hour', at), operation, status, code, count(*),
       sum(items), sum(refused), sum(took)
  FROM given GROUP BY client_id, date_trunc('hour', at), operation, status, code
 ORDER BY client_id, date_trunc('hour', at), operation, status, code
    ON CONFLICT (client_id, hour, operation, status, code) DO UPDATE
   SET calls = hour.calls + excluded.calls, items = hour.items + excluded.items,
       refused = hour.refused + excluded.refused, took = hour.took + excluded.took
"""


def write_down(*, calls: Sequence[rules.Called]) -> Conversation[None]:
    """Write down calls as they were answered, and count them."""
    columns = [
        [getattr(call, name) for call in calls] for name in rules.Called.__dataclass_fields__
    ]
    yield _NOTE, tuple(columns)


def forget(*, before: datetime) -> None:
    """Forget single calls from before a moment; hours are kept."""
    rows("DELETE FROM calls_call WHERE at < $1::timestamptz", before)
