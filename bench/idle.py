"""What an idle platform costs: everything that `hcp serve` starts, while nobody asks anything.

Transactions are those that PostgreSQL counts, flushes those of its log (fsyncs), CPU is that of all
processes together, in percent of one core. The limits stand in issue 10: 0.2 transactions a second
and 1 % of a core.

The last line is one JSON object.
usage: bench/idle.py [--seconds 600]
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from stack import Stack

_SETTLE = 600  # seconds, for what is done once after a start, vacuuming what was seeded above all
_TICKS = os.sysconf("SC_CLK_TCK")
_COUNTED = """
SELECT (SELECT xact_commit + xact_rollback FROM pg_stat_database
         WHERE datname = current_database()) AS transactions,
       (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal') AS fsyncs
"""
_FIELDS_BEFORE_USER_TIME = 11  # of /proc/PID/stat, after the name in brackets


def tree(root: int) -> set[int]:
    """Return a process and all that come from it."""
    parents = dict[int, int]()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rpartition(")")[2].split()[1]
            )
        except OSError:
            continue  # it ended meanwhile
    found, grew = {root}, True
    while grew:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found, grew = found | more, bool(more)
    return found


def seconds_of_cpu(pids: set[int]) -> float:
    """Return the CPU time that processes have used."""
    spent = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        spent += sum(map(int, fields[_FIELDS_BEFORE_USER_TIME : _FIELDS_BEFORE_USER_TIME + 2]))
    return spent / _TICKS


def main() -> None:
    """Start a platform, leave it alone, and print what it did all the same."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=600)  # whole slots of schedules
    asked = options.parse_args()
    platform = Stack()
    try:
        platform.start()
        time.sleep(_SETTLE)
        postmaster = int((platform.home / "postgres/data/postmaster.pid").read_text().split()[0])
        assert platform.process is not None
        processes = {"platform": platform.process.pid, "postgres": postmaster}
        with platform.database() as connection:

            def counted() -> tuple[int, int]:
                row = connection.execute(_COUNTED).fetchone()
                return row or (0, 0)

            trees = {name: tree(pid) for name, pid in processes.items()}
            before, cpu = counted(), {name: seconds_of_cpu(pids) for name, pids in trees.items()}
            time.sleep(asked.seconds)
            after = counted()
            spent = {name: seconds_of_cpu(pids) - cpu[name] for name, pids in trees.items()}
        figures = {
            # our own looks count as one
            "transactions_per_s": round((after[0] - before[0] - 1) / asked.seconds, 3),
            "fsyncs_per_s": round(float(after[1] - before[1]) / asked.seconds, 3),
            **{f"cpu_{name}": round(100 * s / asked.seconds, 2) for name, s in spent.items()},
        }
        print(json.dumps(figures))
    finally:
        platform.stop()


if __name__ == "__main__":
    main()
