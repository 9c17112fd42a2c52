"""Reading the lake."""

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max, Sum

from haochaping.analytics import queries as figures
from haochaping.feed import queries as feed
from haochaping.kernel.db import rows
from haochaping.kernel.moments import begin_of, business_day
from haochaping.lake import models, rules


def home() -> Path:
    """Return where the lake is."""
    return Path(settings.HOME) / "lake"


def next_batches(limit: int) -> list[feed.Numbered]:
    """Return the batches that have no file yet, in order."""
    last = models.File.objects.aggregate(last=Max("no"))["last"] or 0
    return feed.batches(after=last, limit=limit)


def path(one: models.File) -> str:
    """Return where a file lies within the lake."""
    return rules.path_of(one.month, one.no, one.first)


def days_to_compact(today: date) -> list[list[models.File]]:
    """Return the files of days that are over, day by day, where a day has several."""
    found = list[list[models.File]]()
    begin = begin_of(today)
    every = models.File.objects.filter(first=None, made_at__lt=begin).order_by("no")
    for _, some in groupby(every, lambda one: (one.month, business_day(one.made_at))):
        day = list(some)
        if len(day) > 1:
            found.append(day)
    return found


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
    answer = json.loads(_engine(sql=sql))
    return answer["columns"], answer["rows"]


def part(city: int, since: date, until: date) -> bytes:
    """Return the rows of a city (6 digits; a province's own departments have the province's code)
    from a day until before another, as a Parquet file. Raises BadQuestion.
    """
    return _part(rules.COLUMNS, f"city = {city:d}", since, until)


def part_of_department(department_id: int, since: date, until: date) -> bytes:
    """Return the rows of a department from a day until before another, as a Parquet file, without
    the hour and the member of staff: who serves the raters shall not find out who they were.
    Raises BadQuestion.
    """
    names = [name for name in rules.COLUMNS if name not in {"hour", "staff_id"}]
    return _part(names, f"department_id = {department_id:d}", since, until)


def _part(names: Iterable[str], whose: str, since: date, until: date) -> bytes:
    sql = (
        f"SELECT {', '.join(names)} FROM ratings WHERE {whose} AND day >= DATE '{since:%Y-%m-%d}' "  # noqa: S608 - numbers and days
        f"AND day < DATE '{until:%Y-%m-%d}' ORDER BY day, county, department_id"
    )
    return _engine(sql=sql, parquet=True)


def _files() -> list[str]:
    """Return the files that rows name: each fact lies in one of them."""
    return [str(home() / path(one)) for one in models.File.objects.order_by("no")]


def _engine(**asked: object) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "haochaping.lake.engine"],
            input=json.dumps({**asked, "home": str(home()), "files": _files()}).encode(),
            capture_output=True,
            timeout=rules.SECONDS + 5,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise rules.refused("timeout") from None
    if done.returncode != 0:
        raise rules.refused(done.stderr.decode(errors="replace").strip())
    return done.stdout
