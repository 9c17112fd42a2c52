"""A month's book from its files alone: counted again, mirrored, found by who rated, and taken back
after a restored backup.
"""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import people
import pytest
from django.test import Client
from people import OTHER, given_rating, given_record, item_of, register, submit
from test_verifiers import key, run

from haochaping.feed import actions as feed
from haochaping.kernel import clock
from haochaping.kernel.db import rows
from haochaping.kernel.moments import begin_of, business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.proofs import actions, models, queries
from haochaping.publication import queries as published

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PROVINCE = 320000000000


def _rate(level: int, times: int, **of: object) -> list[int]:
    services = [given_record(**of) for _ in range(times)]
    register(*services)
    return [one.id for one in submit(*(given_rating(service, level) for service in services))]


def _close(at: Any) -> None:
    actions.close_days(at=at)
    actions.close_months(at=at)
    for log in logs.logs():
        ledger.publish(log_id=log.pk, at=at)
    actions.prove_days(at=at)
    actions.prove_months()


@pytest.fixture
def log(tmp_path: Path, settings: Any, world: people.Place) -> logs.Log:
    """A log of last month, in which two offices had seven and six ratings on each of two days."""
    settings.HOME = tmp_path / "home"
    first = begin_of(business_day(clock.now()).replace(day=1))
    away = {"department_code": OTHER, "item_code": item_of(OTHER), "window_code": ""}
    away |= {"region": str(people.ELSEWHERE), "staff_number": ""}
    for hours in (36, 12):
        _rate(5, 7)
        _rate(1, 6, **away)
        at = first - timedelta(hours=hours)
        while feed.sequence(at=at) or actions.follow(at=at):
            pass
    _close(clock.now())
    return logs.logs()[0]


def test_anybody_counts_a_month_again_and_finds_a_rating_in_it(
    log: logs.Log, tmp_path: Path
) -> None:
    copy, (month,) = str(tmp_path / "copy"), queries.months()
    assert run("mirror", str(logs.folder(log.name)), copy, "--key", key()).returncode == 0
    done = run("month", month.month, "--from", copy, "--key", key())
    assert done.returncode == 0, done.stderr
    assert "26 条" in done.stdout
    (opening, *_) = [one for one in queries.opened(log.pk, 0, 99) if one.what == 2]
    mine = tmp_path / "mine.tlog-proof"
    mine.write_text(queries.proof_of(opening.ref) or "")
    done = run("receipt", str(mine), "--key", key(), "--book", copy)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout[: done.stdout.rindex("}") + 1])["row"]
    assert (found["cell"], found["month"]) == (PROVINCE, month.month)
    assert found["month_cell"] > 10**15  # its own office
    # the day on which the month was closed names it, and a mirror that has it goes on
    _close(clock.now() + timedelta(days=1))
    assert run("mirror", str(logs.folder(log.name)), copy, "--key", key()).returncode == 0
    today = str(business_day(clock.now()))
    assert run("day", today, "--from", copy, "--key", key()).returncode == 0
    done = run("month", "2020-01", "--from", copy, "--key", key())
    assert done.returncode == 2  # it says nothing about what is not there


def test_a_month_that_a_restored_database_lost_comes_back_and_is_not_closed_again(
    log: logs.Log, tmp_path: Path
) -> None:
    (month,), mirror = queries.months(), tmp_path / "mirror"
    shutil.copytree(logs.folder(log.name), mirror)
    rows("DELETE FROM proofs_said WHERE kind = 'monthbook'")
    folder = logs.folder(log.name) / "daybook"
    for file in [*folder.glob(f"{month.month}.*"), folder / "months.json"]:
        file.unlink()
    (folder / f"{month.month}.rows").write_bytes(b"of a month that was closed anew meanwhile")

    def fetch(place: str) -> bytes:
        return (mirror / place).read_bytes()

    now = clock.now()
    actions.recover(log_id=log.pk, fetch=fetch, reason="backup", by=0, at=now)
    (back,) = queries.months()
    assert (back.month, back.statement, back.no) == (month.month, month.statement, month.no)
    assert queries.month_holds(log, back)
    assert queries.months_listed(log, [back], now + timedelta(hours=2))
    assert actions.close_months(at=now) == 0
    (mirror / "daybook" / f"{month.month}.json").write_text(month.statement.replace("26", "27"))
    rows("DELETE FROM proofs_said WHERE kind = 'monthbook'")
    actions.recover(log_id=log.pk, fetch=fetch, reason="backup", by=0, at=now)
    assert queries.months() == []  # no leaf knows that one


def test_the_files_of_a_month_are_served_and_listed(log: logs.Log) -> None:
    (month,) = queries.months()
    browser = Client()
    for kind in ("rows", "csv", "json", "tlog-proof"):
        answer = browser.get(f"/ledger/{log.name}/daybook/{month.month}.{kind}")
        assert answer.status_code == 200, kind
    listed = browser.get(f"/ledger/{log.name}/daybook/months.json")
    assert json.loads(b"".join(listed.streaming_content)) == [month.month]
    assert listed["Cache-Control"] == "no-cache"
    page = browser.get("/open/ledger").content.decode()
    assert f"/ledger/{log.name}/daybook/{month.month}.csv" in page


def test_a_month_of_which_little_is_told_or_a_few_were_erased_is_listed(log: logs.Log) -> None:
    (month,) = queries.months()
    said = json.loads(month.statement)
    cell = {"cell": PROVINCE, "flags": 0}
    said |= {"missing": [{**cell, "rows": 12}], "withheld": [cell, cell]}
    models.Said.objects.filter(log_id=log.pk, no=month.no).update(said=json.dumps(said))
    assert [one.withheld for one in published.month_books()] == [2]
    for address in ("/open/ledger", "/open/data/datapackage.json"):
        assert Client().get(address).status_code == 200, address
