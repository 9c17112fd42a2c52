"""Forgetting messages of long ago."""

from datetime import datetime

from haochaping.kernel.db import rows

_AT_ONCE = 10_000
_MESSAGES = """
WITH gone AS (
  DELETE FROM notifications_message WHERE id IN (
    SELECT id FROM notifications_message WHERE queued_at < $1::timestamptz AND due_at IS NULL
     ORDER BY queued_at LIMIT $2) RETURNING 1
) SELECT count(*) AS n FROM gone
"""
_REPLIES = """
WITH gone AS (
  DELETE FROM notifications_reply WHERE id IN (
    SELECT id FROM notifications_reply WHERE received_at < $1::timestamptz
     ORDER BY received_at LIMIT $2) RETURNING 1
) SELECT count(*) AS n FROM gone
"""


def forget_messages(*, before: datetime) -> int:
    """Forget SMS, both ways, from before a moment, some at once; return how many."""
    total = 0
    for sql in (_MESSAGES, _REPLIES):
        while gone := rows(sql, before, _AT_ONCE)[0]["n"]:
            total += gone
    return total
