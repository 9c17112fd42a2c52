"""Benchmarks are run by hand, so a test says when one could not even start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
# these are read by the others, once they have set Django up
READ = {"load", "lake", "province"}
STARTED = sorted(path for path in BENCH.glob("*.py") if path.stem not in READ)


@pytest.mark.parametrize("path", STARTED, ids=lambda path: path.stem)
def test_a_benchmark_can_be_loaded(path: Path, tmp_path: Path) -> None:
    """Mend its imports: what it measures has moved."""
    own = {"HCP_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "haochaping.config.settings"}
    env = os.environ | own | {"PYTHONPATH": str(BENCH.parent / "tests")}
    done = subprocess.run(
        [sys.executable, "-c", f"import {path.stem}"],
        cwd=BENCH,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
