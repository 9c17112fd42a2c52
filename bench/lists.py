"""The lists of the back office over ten million ratings and a million orders.

A fresh embedded PostgreSQL gets the province of `province.py`, two years of ratings, an order for
each bad one with its steps, its notice, its message and its rows of the audit trail. Then every
entry of the menu, and the lists with their filters, orders and later pages, are opened in process
as the gate opens them: as the province, a city, a department's handler, an administrator and an
auditor. A page is warm from its second request on.

The limit is the cheapest page of the same role and run, the account's own: what a page costs before
it reads a list. Issue 12 wants 50 ms and at most twelve statements; the statements of the desk and
of the menu count. Pages that need more are printed last. The last line is one JSON object.
usage: bench/lists.py [--ratings 10] [--keep DIR] [--only REGEX]
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ.setdefault("HCP_HOME", tempfile.mkdtemp(prefix="hcp-lists-"))

import psycopg
from django.urls import reverse
from insight import CITY, HCP, PROVINCE, TODAY, Page, asked_of, listed, p95, settings, signed_in
from province import SLOTS, World

from haochaping.config.menu import menu_for
from haochaping.identity import actions as identity
from haochaping.identity import queries as accounts
from haochaping.identity.rules import ROLES
from haochaping.kernel import clock, partitions
from haochaping.kernel.crypto import Keyring
from haochaping.notifications import models as messages
from haochaping.notifications.queries import whose_message

DAYS = 730
_REQUESTS = 6
_AT_ONCE = 500_000
_MESSAGES = 300_000

_RATINGS = f"""
INSERT INTO evaluations_evaluation
  (id, region, city, county, street, day, service_day, department_id, item_id, window_id, channel,
   level, codes, words, rated_at, anonymous, digest, origin)
SELECT (extract(epoch FROM at)::bigint - 1577836800) << 32 | (n::bigint * 2654435761 & 4294967295),
       county::bigint * 1000000, city, county, 0, (at AT TIME ZONE 'Asia/Shanghai')::date,
       (at AT TIME ZONE 'Asia/Shanghai')::date, department_id, item_id,
       windows_from + n % greatest(windows, 1), 1 + n % 9, level,
       CASE WHEN level <= 2 THEN ARRAY[200 + n % 7] ELSE '{{}}' END::smallint[],
       CASE WHEN n % 6 = 0 THEN '排队等候' || n % 1000 || '分钟，窗口人员解释清楚' ELSE '' END,
       at, n % 3 = 0, n, 1
  FROM generate_series($1::int, $2::int) AS n
  JOIN wheel ON slot = n::bigint * 7919 % {SLOTS},
LATERAL (SELECT $3::timestamptz - (n::bigint * 104729 % {DAYS * 86400}) * interval '1 second' AS at,
  CASE WHEN n % 20 = 0 THEN 1 WHEN n % 20 = 1 THEN 2 WHEN n % 20 = 2 THEN 3 WHEN n % 20 < 6 THEN 4
       ELSE 5 END AS level) AS said
"""
_ORDERS = """
INSERT INTO orders_order (number, evaluation_id, level, region, city, item_id, window_id,
  rated_department_id, department_id, state, due_at, provisional, calendar_version, terms,
  opened_at, moved_at, dispatched_at, closed_at, is_complex, extension, extended, objected,
  set_aside, reopened, declined, rung, climb_at)
SELECT 'CP' || to_char(rated_at, 'YYYYMMDD') || '-' || row_number() OVER (), id, level, region,
  city, item_id, window_id, department_id, department_id, state,
  CASE WHEN state <> 'closed' THEN rated_at + interval '7 days' END, false, 1, '{}', rated_at,
  rated_at + interval '2 days', rated_at, CASE WHEN state = 'closed' THEN rated_at + interval
  '5 days' END, false, 0, false, false, false, 0, 0, 0, NULL
  FROM evaluations_evaluation, LATERAL (SELECT CASE WHEN rated_at < $1::timestamptz - interval
    '20 days' AND id % 100 > 0 THEN 'closed' ELSE (ARRAY['opened', 'dispatched', 'verifying',
    'rectifying', 'answering', 'replied', 'called'])[1 + abs(id) % 7] END AS state) AS now
 WHERE level <= 2
"""
_BESIDE = (
    """INSERT INTO orders_step (order_id, move, state, given, before, by, at)
    SELECT id, move, 'closed', '{}', '{}', 1, opened_at FROM orders_order,
      unnest(ARRAY['dispatch', 'sign', 'close']) AS move""",
    """INSERT INTO audit_entry (at, by, verb, subject, subject_id, region, details)
    SELECT opened_at, 1 + id % 5, move, 'order', id, region, '{}' FROM orders_order,
      unnest(ARRAY['dispatch', 'sign', 'close']) AS move ORDER BY opened_at""",
    """INSERT INTO notifications_notice (office, "right", department_id, topic, subject_id, label,
      about, unit, at)
    SELECT region, 'handle', department_id, 'dispatched', id, number, '事项', '', opened_at
      FROM orders_order ORDER BY opened_at""",
    """INSERT INTO screening_hold (evaluation_id, region, level, reasons, held_at, note, doubt)
    SELECT id, region, level, ARRAY['off_hours'], rated_at, '', ''
      FROM evaluations_evaluation WHERE id % 200 = 0""",
    """INSERT INTO calls_call (at, client_id, region, kid, operation, status, code, says, items,
      refused, took, address)
    SELECT $1::timestamptz - n * interval '1 second', 1, 320000000000, 'bench', 'submitRatings',
      CASE WHEN n % 50 = 0 THEN 422 ELSE 200 END, CASE WHEN n % 50 = 0 THEN 'unknown' ELSE '' END,
      '', 100, 0, 8, NULL FROM generate_series(1000000, 1, -1) AS n""",
)
_PLANS = {
    "orders of the province by deadline": (
        "SELECT id FROM orders_order WHERE region BETWEEN 320000000000 AND 329999999999 AND state ="
        " 'verifying' ORDER BY due_at, id LIMIT 21"
    ),
    "ratings of a city, a later page": (
        "SELECT id FROM evaluations_evaluation WHERE region BETWEEN 320100000000 AND 320199999999"
        f" AND id < {(86400 * 365 * 6) << 32} ORDER BY id DESC LIMIT 21"
    ),
}


class Site:
    """A platform with so many ratings in a folder that may be kept."""

    def __init__(self, folder: Path, ratings: int) -> None:
        self.folder, self.ratings, self.world = folder, ratings, World()
        self.sessions = folder / "sessions.json"

    def stand(self) -> None:
        """Start the database; fill it unless it was kept from today."""
        settings.embedded.start()
        for command in ("migrate", "seed"):
            subprocess.run([*HCP, command], check=True)
        made = self.folder / f"lists-{TODAY}-{self.ratings}"
        if not made.exists():
            self._load()
            made.touch()
        self._sign_in()

    def _load(self) -> None:
        now = clock.now()
        partitions.create((now - timedelta(days=DAYS + 2)).date(), now.date())
        with psycopg.connect(settings.database_url(owner=True), autocommit=True) as owner:
            owner.execute("SET synchronous_commit = off")
            listed(owner, self.world)
            owner.execute(
                "CREATE TEMP TABLE wheel (slot int PRIMARY KEY, item_id int, department_id int, "
                "county int, city int, windows_from int, windows int)"
            )
            with owner.cursor().copy("COPY wheel FROM STDIN") as pipe:
                for low, high, *rest in self.world.wheel():
                    for slot in range(low, high):
                        pipe.write_row((slot, *rest))
            for first in range(1, self.ratings + 1, _AT_ONCE):
                last = min(first + _AT_ONCE - 1, self.ratings)
                _told(owner, _RATINGS, first, last, now)
            _told(owner, _ORDERS, now)
            for statement in _BESIDE:
                _told(owner, statement, *([now] if "$1" in statement else []))
            self._messages(owner)
            owner.execute("VACUUM ANALYZE")
            for name, question in _PLANS.items():
                print(f"-- {name}")
                print("\n".join(line for (line,) in owner.execute(f"EXPLAIN {question}")))

    def _messages(self, owner: psycopg.Connection) -> None:
        keyring: Keyring = settings.KEYRING
        columns = (
            'template, phone, phone_index, "values", region, extension, urgent, segments, state, '
            "tries, queued_at, provider_id, why"
        )
        now, index = clock.now(), bytes(8)
        copy = f"COPY notifications_message ({columns}) FROM STDIN"
        with owner.cursor().copy(copy) as pipe:
            for n in range(_MESSAGES):
                at = now - timedelta(seconds=90 * (_MESSAGES - n))
                whose = whose_message(messages.Message(phone_index=index, queued_at=at))
                phone = keyring.seal("13900001111", "message.phone", whose)
                region = 320100000000 + n % 13 * 100000000
                pipe.write_row(
                    (
                        "invite",
                        phone,
                        index,
                        phone,
                        region,
                        "",
                        False,
                        1,
                        "delivered",
                        1,
                        at,
                        "",
                        "",
                    )
                )

    def _sign_in(self) -> None:
        told = {}
        for role, region in (
            ("province", PROVINCE),
            ("city", CITY),
            ("handler", None),
            ("admin", PROVINCE),
            ("auditor", PROVINCE),
        ):
            of = max(self.world.departments, key=lambda one: one.windows[1])
            who = {"username": role, "name": role, "password": None, "role": role}
            user = accounts.user_of(role) or identity.appoint(
                **who,
                region=region or of.region,
                department_id=None if region else of.id,
                by=0,
                at=clock.now(),
            )
            told[role] = signed_in(user).cookies["sessionid"].value
        self.sessions.write_text(json.dumps(told))

    def pages(self) -> Iterator[Page]:
        """Yield what is opened: the menu of each role, and lists further on and narrowed."""
        for role, session in json.loads(self.sessions.read_text()).items():
            mine = [one for one in _menu(role) if one != "/insight/lake"]  # no list, province only
            further = [one for one in _NARROWED if one.split("?")[0] in mine]
            for address in dict.fromkeys((*mine, *further)):
                yield {"name": f"{role:<8} {address}", "address": address, "session": session}


def _told(owner: psycopg.Connection, statement: str, *given: Any) -> None:
    for n in range(len(given), 0, -1):
        statement = statement.replace(f"${n}", f"%({n})s")
    statement = statement if given else statement.replace("%", "%%")
    if given:
        statement = re.sub(r"%(?!\()", "%%", statement)
    owner.execute(statement, {str(n): one for n, one in enumerate(given, 1)})


def _menu(role: str) -> Iterator[str]:
    for _, entries in menu_for(ROLES[role].rights):
        for entry in entries:
            yield reverse(entry.route, kwargs=entry.kwargs)


_NARROWED = (
    *(f"/admin/orders/?tab={tab}" for tab in ("todispatch", "verifying", "closed")),
    *(f"/admin/orders/?tab=all&sort={sort}" for sort in ("-opened", "opened", "-moved")),
    "/admin/orders/?tab=all&page=2000",
    "/admin/orders/?tab=all&search=20260301-1",
    "/admin/orders/?tab=all&level=1&overdue=1",
    "/admin/orders/?tab=all&since=2026-01-01&until=2026-03-31",
    "/admin/ratings?level=bad",
    "/admin/ratings?level=3&city=320500&until=2025-12-31",
    "/admin/ratings?search=排队等候777分钟",
    "/admin/ratings?department=市场监督",
    "/admin/audit?verb=sign&page=50",
    "/admin/audit?subject=order",
    "/admin/messages/?state=failed",
    "/admin/findings?state=confirmed",
)


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ratings", type=float, default=10, help="millions")
    options.add_argument("--keep", type=Path, default=Path(os.environ["HCP_HOME"]).parent)
    options.add_argument("--only", default="", help="pages whose line matches")
    asked = options.parse_args()
    site = Site(Path(os.environ["HCP_HOME"]), round(asked.ratings * 1e6))
    try:
        site.stand()
        pages = [page for page in site.pages() if re.search(asked.only, page["name"])]
        found = asked_of(pages, _REQUESTS)
    finally:
        settings.embedded.stop()
    for page in sorted(found, key=lambda one: statistics.median(one["ms"][1:])):
        ms, sql = (statistics.median(page[key][1:]) for key in ("ms", "sql"))
        print(f"{ms:9.1f} ms (sql {sql:9.1f}, {page['statements'][-1]})  {page['name']}")
    print(json.dumps({"warm_p95_ms": p95([statistics.median(page["ms"][1:]) for page in found])}))


if __name__ == "__main__":
    main()
