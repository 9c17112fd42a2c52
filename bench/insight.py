"""The pages of analysis over one, ten and a hundred million ratings.

Two years of ratings of 13 cities, 3 000 departments, 20 000 windows and 5 000 items (`province.py`,
`lake.py`) are counted into the roll-ups of a fresh embedded PostgreSQL, and every page is opened in
process as the gate opens it: signed in as the province and as a city, within their scope, with two
dozen fresh ratings that the fold has not counted yet. Single ratings stay in Parquet; all bad ones
are orders in PostgreSQL.

cold    the first request of a fresh process after a restart of PostgreSQL whose files were put out
        of the memory of the operating system (posix_fadvise), one restart for each address
warm    the second to the sixth request of an address in one process: most are shown what was
        worked out in the same seconds (insight/views/again.py)
anew    the same page worked out anew five times in that warm process
sql     of those, the time within statements, and how many they are
cpu     the CPU time of a page worked out anew: ours, the backend's and its workers'; on a machine
        with others it says more than the clock

Beside them the main questions of the pages as statements over the roll-ups and as scans of the raw
Parquet by DuckDB, which must give the same figures. `over_duckdb` is ours over theirs, the median
of the questions. The last line is one JSON object.
usage: bench/insight.py [--sizes 1,10,100] [--keep DIR] [--only REGEX] [--no-cold]
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve()
sys.path[:0] = [str(_HERE.parents[1] / "tests"), str(_HERE.parent)]
os.environ.setdefault("HCP_HOME", tempfile.mkdtemp(prefix="hcp-bench-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "haochaping.config.settings"

import django  # noqa: E402 - settings first

django.setup()

import psycopg  # noqa: E402 - as above
from django.db import connection, transaction  # noqa: E402 - as above
from django.test import Client  # noqa: E402 - as above
from lake import Lake, copied  # noqa: E402 - the ratings
from people import signed_in  # noqa: E402 - the tests' way to sign in
from province import World, listed, rated_now  # noqa: E402 - whose they are
from stack import HCP  # noqa: E402 - the tests' way to run the platform

from haochaping.analytics import queries  # noqa: E402 - after django.setup
from haochaping.analytics.queries import Cut, Fresh  # noqa: E402 - as above
from haochaping.analytics.rules.grains import GRAINS, LEVELS, Subject, month_of  # noqa: E402 - as above
from haochaping.config import gate, settings  # noqa: E402 - as above
from haochaping.identity import actions as identity  # noqa: E402 - as above
from haochaping.identity import queries as accounts  # noqa: E402 - as above
from haochaping.indicators import queries as indicators  # noqa: E402 - as above
from haochaping.insight.views import again  # noqa: E402 - as above
from haochaping.kernel import clock  # noqa: E402 - as above
from haochaping.kernel.db import rows  # noqa: E402 - as above
from haochaping.kernel.moments import business_day  # noqa: E402 - as above
from haochaping.regions.rules import scope  # noqa: E402 - as above

PROVINCE, CITY, COUNTY = 320000000000, 320100000000, 320106000000
TODAY = business_day(clock.now())
SPANS = ("month", "last month", "quarter", "year")  # the last month is over
_COOKIE = "sessionid"
_REQUESTS = 6
_FRESH = 24  # ratings that wait to be counted while pages are opened

type Page = dict[str, str]  # its name, its address and whose session
type Costs = dict[str, dict[str, list[float]]]  # of pages by name


class Site:
    """A platform with so many ratings in a folder that may be kept."""

    def __init__(self, folder: Path, ratings: int) -> None:
        self.folder, self.ratings, self.world = folder, ratings, World()
        self.sessions = folder / "sessions.json"
        self.lake = Lake(folder / f"ratings-{TODAY}", ratings, TODAY)

    def stand(self) -> None:
        """Start the database; make everything unless it was kept from today, with these grains."""
        made = self.folder / f"made-{TODAY}-{len(GRAINS)}"
        if not made.exists():
            shutil.rmtree(settings.embedded.home, ignore_errors=True)
        settings.embedded.start()
        for command in ("migrate", "seed"):
            subprocess.run([*HCP, command], check=True)
        if not made.exists():
            self._load()
            rated_now(self.world, _FRESH)
            made.touch()
        self._sign_in()
        connection.close()

    def _load(self) -> None:
        began = time.perf_counter()
        self.lake.prepare(self.world, indicators.catalogue())
        cells = 0
        with psycopg.connect(settings.database_url(owner=True)) as owner:
            owner.execute("SET synchronous_commit = off")
            listed(owner, self.world)
            for month in self.lake.months:
                self.lake.throw(month)
                cells += copied(self.lake, owner, self.lake.count(month))
            cells += copied(self.lake, owner, self.lake.loop())
        with psycopg.connect(settings.embedded.dsn("postgres"), autocommit=True) as admin:
            admin.execute("VACUUM ANALYZE")
            size = admin.execute(f"SELECT pg_database_size('{admin.info.dbname}')").fetchone()
        lake = sum(file.stat().st_size for file in self.lake.folder.glob("*.parquet"))
        print(
            f"{self.ratings / 1e6:g} M   {cells:,} cells and orders, {size[0] / 1e9:.2f} GB in "
            f"PostgreSQL, {lake / 1e9:.2f} GB of Parquet, {time.perf_counter() - began:.0f} s",
            flush=True,
        )

    def _sign_in(self) -> None:
        told = {}
        for role, region in (("province", PROVINCE), ("city", CITY)):
            who = {"username": role, "name": role, "password": None, "role": role}
            known = accounts.user_of(role)
            user = known or identity.appoint(
                **who, region=region, department_id=None, by=0, at=clock.now()
            )
            told[role] = signed_in(user).cookies[_COOKIE].value
        self.sessions.write_text(json.dumps(told))

    def pages(self) -> Iterator[Page]:
        """Yield what is opened: every page, for two posts, four periods, hot and quiet units."""
        sessions = json.loads(self.sessions.read_text())
        month = month_of(month_of(TODAY) - timedelta(days=1))
        for role, region in (("province", PROVINCE), ("city", CITY)):
            units = [one for one in self.world.departments if one.windows[1] and one.within(region)]
            units.sort(key=lambda one: -one.windows[1])
            paths = ["", "departments", "loop", "places", "trust"]
            paths += [f"places/{place}" for place in (CITY, COUNTY)]
            for one in (units[0], units[len(units) // 2]):
                paths += [f"departments/{one.id}", f"windows/{one.windows[0]}"]
                paths.append(f"items/{one.items.start}")
            for path in paths:
                for span in SPANS:
                    asked = f"span=month&day={month}" if span == "last month" else f"span={span}"
                    yield {
                        "name": f"{role:<8} /insight/{path} {span}",
                        "address": f"/insight/{path}?{asked}",
                        "session": sessions[role],
                    }


# in a process of its own


def opened(pages: Sequence[Page], times: int) -> None:
    """Open pages so many times each, then as often as pages that nobody saw a moment ago; print a
    JSON line for each with what they cost.
    """
    for module in (settings.ROOT_URLCONF, "haochaping.config.wsgi"):
        import_module(module)  # as gunicorn has before it accepts
    meter = _Meter()
    client = Client(headers={"accept-encoding": "gzip", "host": "localhost"})
    for page in pages:
        client.cookies[_COOKIE] = page["session"]
        found = []
        for turn in range(2 * times - 1):
            if turn >= times:
                again.forget()
            meter.start()
            answer = client.get(page["address"])
            found.append(meter.read())
            assert answer.status_code == HTTPStatus.OK, (page["name"], answer.status_code)
        costs = dict(zip(("ms", "cpu", "sql", "statements"), zip(*found, strict=True), strict=True))
        print(json.dumps({"name": page["name"], **costs}), flush=True)


class _Meter:
    """What a request costs: milliseconds, of CPU and of statements, and how many these were."""

    def __init__(self) -> None:
        execute = psycopg.Cursor.execute

        def watched(cursor: Any, *arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return execute(cursor, *arguments, **named)
            finally:
                self.sql += time.perf_counter() - began
                self.statements += 1

        psycopg.Cursor.execute = watched  # type: ignore[method-assign]

    def start(self) -> None:
        """Begin anew."""
        self.sql, self.statements = 0.0, 0
        self.cpu, self.began = self._cpu(), time.perf_counter()

    def read(self) -> tuple[float, ...]:
        """Return what was spent since."""
        spent = time.perf_counter() - self.began, self._cpu() - self.cpu, self.sql
        return (*(seconds * 1000 for seconds in spent), self.statements)

    def _cpu(self) -> float:
        """Return the CPU time of this process, its backend, and parallel workers that ended."""
        held = connection.connection
        backend = held.info.backend_pid if held else "self"
        ran = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9 if held else 0.0
        ended = Path(f"/proc/{settings.embedded.pid()}/stat").read_text().rsplit(")", 1)[1].split()
        workers = sum(map(int, ended[13:15])) / os.sysconf("SC_CLK_TCK")
        return time.process_time() + ran + workers


# in the process of a size


def asked_of(pages: Sequence[Page], times: int) -> list[dict[str, Any]]:
    """Open pages in a fresh process and return what it says."""
    command = [sys.executable, str(_HERE), "--ask", str(times)]
    told = subprocess.run(
        command, input=json.dumps(pages), stdout=subprocess.PIPE, text=True, check=True
    )
    return [json.loads(line) for line in told.stdout.splitlines()]


def coldly(pages: Sequence[Page]) -> Costs:
    """Open each page as the first of everything."""
    found = {}
    for page in pages:
        settings.embedded.stop()
        evict(settings.embedded.data)
        settings.embedded.start()
        (found[page["name"]],) = asked_of([page], 1)
    return found


def evict(folder: Path) -> None:
    """Put the files of a folder out of the memory of the operating system, and only them; whoever
    wrote them has made them safe on the disk.
    """
    for file in folder.rglob("*"):
        if file.is_file():
            handle = os.open(file, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


@contextmanager
def office(region: int) -> Iterator[None]:
    """Read as a page does: within a scope."""
    with transaction.atomic():
        rows(gate._SCOPE, *map(str, scope(region)))  # noqa: SLF001 - the gate's own statement
        yield


def best(question: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median milliseconds of a question, asked once before, and its answer."""
    answer, spent = question(), []
    for _ in range(5):
        began = time.perf_counter()
        question()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent), answer


def questions(site: Site) -> dict[str, float]:
    """Ask the pages' main questions of the roll-ups and of the raw ratings; return the ratios."""
    month = month_of(TODAY)
    year = date(month.year - 1, month.month, 1)
    unit = max(site.world.departments, key=lambda one: one.windows[1])
    of_all = Cut(scope(PROVINCE), month, TODAY)
    asked = {
        "province by channel, month": (of_all, "channel"),
        "by department, month": (of_all, "department_id"),
        "a department, 13 months": (replace(of_all, since=year, department_id=unit.id), "month"),
    }
    ratios = {}
    for name, (cut, by) in asked.items():
        subject = Subject.DEPARTMENT if by == "department_id" else None
        with office(PROVINCE):
            ours, answer = best(
                lambda cut=cut, by=by, of=subject: queries.totals(
                    cut, (by,), now=Fresh(), subject=of
                )
            )
        theirs, scanned = best(lambda cut=cut, by=by: site.lake.scanned(cut, by))
        told = {row[by]: tuple(row[level] for level in LEVELS) for row in answer}
        told = {key: levels for key, levels in told.items() if sum(levels)}
        assert told == scanned, (name, told, scanned)
        ratios[name] = ours / theirs
        print(
            f"{site.ratings / 1e6:g} M   {name:<27} {ours:8.1f} ms  DuckDB {theirs:8.1f} ms  "
            f"ratio {ratios[name]:.4f}",
            flush=True,
        )
    connection.close()
    return ratios


def timed(ratings: int, cold: Costs, warm: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Print the pages; return the percentiles and the median of each page."""
    every, cpu, first, worked, medians = [], [], [], [], {}
    for page in warm:
        name, told = page["name"], ""
        if name in cold:
            first.append(cold[name]["ms"][0])
            told = f"cold {first[-1]:7.1f} ms (sql {cold[name]['sql'][0]:7.1f})  "
        every += page["ms"][1:_REQUESTS]
        worked += page["ms"][_REQUESTS:]
        cpu.append(statistics.mean(page["cpu"][_REQUESTS:]))  # workers are told in steps of 10 ms
        medians[name], sql = (statistics.median(page[key][_REQUESTS:]) for key in ("ms", "sql"))
        print(
            f"{ratings / 1e6:g} M   {name:<45} {told}warm"
            f" {statistics.median(page['ms'][1:_REQUESTS]):7.1f} ms  anew {medians[name]:7.1f} ms"
            f" (sql {sql:7.1f}, {page['statements'][-1]}; cpu {cpu[-1]:7.1f})",
            flush=True,
        )
    return {
        "cold_p95_ms": p95(first),
        "warm_p95_ms": p95(every),
        "anew_p95_ms": p95(worked),
        "anew_cpu_p95_ms": p95(cpu),
        "anew": {name: round(ms, 1) for name, ms in medians.items()},
    }


def p95(values: Sequence[float]) -> float | None:
    """Return the 95th percentile."""
    return round(sorted(values)[int(len(values) * 0.95)], 1) if values else None


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Make a size, or take it as it was kept, and open its pages."""
    site = Site(options.keep / f"{options.one:g}", round(options.one * 1e6))
    try:
        site.stand()
        over = questions(site)
        pages = [page for page in site.pages() if re.search(options.only, page["name"])]
        cold = {} if options.no_cold else coldly(pages)
        found = timed(site.ratings, cold, asked_of(pages, _REQUESTS))
        return {**found, "over_duckdb": over}
    finally:
        settings.embedded.stop()


# in the process that was started


def sizes(options: argparse.Namespace) -> dict[str, Any]:
    """Measure one size after the other, each in a process and a folder of its own."""
    keep = options.keep or Path(tempfile.mkdtemp(prefix="hcp-insight-"))
    found: dict[float, dict[str, Any]] = {}
    for size in sorted(map(float, options.sizes.split(","))):
        command = [sys.executable, str(_HERE), "--one", str(size), "--keep", str(keep)]
        command += ["--only", options.only, *(["--no-cold"] if options.no_cold else [])]
        env = {**os.environ, "HCP_HOME": str(keep / f"{size:g}" / "home")}
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as one:
            assert one.stdout is not None
            line = ""
            for line in one.stdout:
                if not line.startswith("{"):
                    print(line, end="", flush=True)
        assert one.returncode == 0, f"{size:g} million failed"
        found[size] = json.loads(line)
        told = {key: value for key, value in found[size].items() if key.endswith("_ms")}
        print(f"{size:g} M   {told}", flush=True)
        if not options.keep:
            shutil.rmtree(keep / f"{size:g}")
    return compared(found)


def compared(found: dict[float, dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of the greatest size, and how pages that are worked out anew grew."""
    least, most = found[min(found)], found[max(found)]
    grown = sorted(ms / least["anew"][page] for page, ms in most["anew"].items())
    return {
        "millions": list(found),
        "cold_p95_ms": most["cold_p95_ms"],
        "warm_p95_ms": most["warm_p95_ms"],
        "anew_p95_ms": most["anew_p95_ms"],
        "anew_cpu_p95_ms": most["anew_cpu_p95_ms"],
        "growth_1_to_100": round(most["anew_p95_ms"] / least["anew_p95_ms"], 2),
        "growth_of_a_page": round(statistics.median(grown), 2),
        "growth_at_most": round(grown[-1], 2),
        "over_duckdb": round(statistics.median(most["over_duckdb"].values()), 5),
    }


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="1,10,100", help="millions of ratings")
    options.add_argument("--keep", type=Path, help="a folder for Parquet and databases")
    options.add_argument("--only", default="", help="pages whose line matches")
    options.add_argument("--no-cold", action="store_true")
    options.add_argument("--one", type=float, help=argparse.SUPPRESS)
    options.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.ask:
        opened(json.load(sys.stdin), asked.ask)
    else:
        print(json.dumps(measure(asked) if asked.one else sizes(asked)))


if __name__ == "__main__":
    main()
