"""What the platform does while nobody asks anything (issue 10 §4.8; `bench/idle.py` has the figures)."""

import time
from collections.abc import Iterator

import pytest
from stack import Stack

_COUNTED = """
SELECT (SELECT xact_commit + xact_rollback FROM pg_stat_database
         WHERE datname = current_database()) AS transactions,
       (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal') AS fsyncs
"""
_WINDOW = 12  # seconds

pytestmark = pytest.mark.slow


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
    """
    with platform.database() as connection:
        connection.autocommit = True
        quietest = (10**9, 10**9)
        for _ in range(3):
            before = connection.execute(_COUNTED).fetchone()
            time.sleep(_WINDOW)  # nothing is waited for: what happens meanwhile is counted
            after = connection.execute(_COUNTED).fetchone()
            assert before
            assert after
            quietest = min(quietest, (after[0] - before[0], after[1] - before[1]))
            if max(quietest) <= _WINDOW:
                break
    assert quietest[0] <= _WINDOW, quietest
    assert quietest[1] <= _WINDOW, quietest
