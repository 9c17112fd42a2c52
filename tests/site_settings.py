"""Settings of the tests.

A PostgreSQL of their own in a temporary folder, never the developer's ./var.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_home = Path(tempfile.mkdtemp(prefix="hcp-test-"))
os.environ["HCP_HOME"] = str(_home)
os.environ.pop("DATABASE_URL", None)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # a browser of another test has a loop here
os.environ["HCP_OUTBOUND_ALLOW"] = "127.0.0.0/8, ::1"  # gateways and hotlines of the tests

from haochaping.config.settings import *  # noqa: E402, F403 - the platform's own settings
from haochaping.config.settings import DATABASES, embedded  # noqa: E402

# Unit tests do not test the disk; the journeys and faults run their own, durable stack. Vacuuming by
# itself would meet the tests that alter tables in their transaction, and one of both would be killed.
embedded.settings = {"fsync": "off", "autovacuum": "off"}  # started for the first test that asks it
DATABASES["default"]["USER"] = "postgres"
DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["passwords.Quick"]


def _tidy() -> None:
    embedded.stop()
    shutil.rmtree(_home, ignore_errors=True)


atexit.register(_tidy)
