"""Benchmarks are run by hand, so a test says when one could not even start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
# these are read by the others, once they have set Django up
READ = {"load", "lake", "province"}
STARTED = sorted(path.stem for path in BENCH.glob("*.py") if path.stem not in READ)
_LOAD = """
import importlib, sys, traceback
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException:
        print(name, traceback.format_exc())
"""


@pytest.mark.nightly
def test_every_benchmark_can_be_loaded(tmp_path: Path) -> None:
    """Mend its imports: what it measures has moved."""
    own = {"HCP_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "haochaping.config.settings"}
    env = os.environ | own | {"PYTHONPATH": str(BENCH.parent / "tests")}
    command = [sys.executable, "-c", _LOAD, *STARTED]
    done = subprocess.run(command, cwd=BENCH, env=env, capture_output=True, text=True, check=True)
    assert not done.stdout, done.stdout[-4000:]
