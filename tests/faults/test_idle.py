"""What the platform does while nobody asks anything (issue 10 §4.8; `bench/idle.py` has the figures)."""

import time
from collections.abc import Iterator

import pytest
from stack import Stack

_COUNTED = """
SELECT (SELECT xact_commit + xact_rollback FROM pg_stat_database
         WHERE datname = current_database()) AS transactions,
       (SELECT sum(fsyncs) FROM pg_stat_io
         WHERE object = 'wal' AND backend_type = 'client backend') AS fsyncs
"""
_WINDOW = 12  # seconds

pytestmark = pytest.mark.nightly  # it takes its time to see that nothing happens


@pytest.fixture
def platform() -> Iterator[Stack]:
    """All that `hcp serve` starts."""
    stack = Stack()
    stack.start()
    yield stack
    stack.stop()


def test_nobody_who_waits_asks_again_and_again(platform: Stack) -> None:
    """One reader that polled once a second would make twelve transactions in this time; what
    schedules do is far less, in the quietest of three stretches at least.

    What PostgreSQL's own processes write late, of the start, is no wait of ours.
    """
    stretches: list[tuple[int, int]] = []
    with platform.database() as connection:
        connection.autocommit = True
        while len(stretches) < 3 and not any(max(one) <= _WINDOW for one in stretches):
            before = connection.execute(_COUNTED).fetchone()
            time.sleep(_WINDOW)  # nothing is waited for: what happens meanwhile is counted
            after = connection.execute(_COUNTED).fetchone()
            assert before
            assert after
            stretches.append((after[0] - before[0], after[1] - before[1]))
    assert min(transactions for transactions, _ in stretches) <= _WINDOW, stretches
    assert min(fsyncs for _, fsyncs in stretches) <= _WINDOW, stretches
