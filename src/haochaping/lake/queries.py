"""Reading the lake."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max, Sum

from haochaping.analytics import queries as figures
from haochaping.feed import queries as feed
from haochaping.kernel.db import rows
from haochaping.lake import models, rules


def home() -> Path:
    """Return where the lake is."""
    return Path(settings.HOME) / "lake"


def next_batches(limit: int) -> list[feed.Numbered]:
    """Return the batches that have no file yet, in order."""
    last = models.File.objects.aggregate(last=Max("no"))["last"] or 0
    return feed.batches(after=last, limit=limit)


def changes(batch: feed.Numbered) -> list[dict[str, Any]]:
    """Return what a batch changes, in a fixed order: the same whenever it is asked."""
    return rows(figures.CHANGES, list(batch.kinds), list(batch.refs))


def state() -> tuple[int, int]:
    """Return the last batch with a file, and how many rows there are."""
    found = models.File.objects.aggregate(last=Max("no"), n=Sum("rows"))
    return found["last"] or 0, found["n"] or 0


def ask(sql: str) -> tuple[list[str], list[list[Any]]]:
    """Answer a question of SQL over the lake, in a process of its own that reads nothing else,
    writes nothing, and has little time and memory; return columns and rows. Raises BadQuestion.
    """
    given = json.dumps({"sql": sql, "home": str(home())})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "haochaping.lake.engine"],
            input=given,
            capture_output=True,
            text=True,
            timeout=rules.SECONDS + 5,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise rules.refused("timeout") from None
    if done.returncode != 0:
        raise rules.refused(done.stderr.strip())
    answer = json.loads(done.stdout)
    return answer["columns"], answer["rows"]
