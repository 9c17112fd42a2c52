"""The ledger under trouble of every kind: killed at each step, written by two at once, left behind,
by a clock set back, and in any order of what may happen to a rating (trust design §1.12).
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, LiteralString

import people
import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from people import NOON, given_rating, given_record, rated, register, submit
from stack import folder_served

from haochaping.evaluations import actions as evaluations
from haochaping.feed import actions as feed
from haochaping.feed import queries as feed_queries
from haochaping.feed.rules import Kind
from haochaping.kernel import clock
from haochaping.kernel.db import rows
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger import rules as notes
from haochaping.privacy import actions as privacy
from haochaping.proofs import actions, models, queries, rules, tasks

pytestmark = pytest.mark.slow

VERIFIER = Path(__file__).resolve().parents[2] / "clients/verify/hcp_verify.py"
committing = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """A folder of logs of its own."""
    settings.HOME = tmp_path
    return tmp_path


def leaves(begin: int, end: int) -> list[bytes]:
    """Return leaves that say their number, of a kind that nothing has to open."""
    return [notes.leaf(notes.Leaf.AUDIT, no.to_bytes(32)) for no in range(begin, end)]


def kinds(log: logs.Log) -> list[int]:
    """Return the kinds of a log's leaves."""
    return [body[1] for body in logs.entries(log.pk, 0, log.size)]


def drain(at: datetime) -> None:
    """Have the ledger take everything that waits."""
    while feed.sequence(at=at) or actions.follow(at=at):
        pass


def verify(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the standalone verifier, as anybody does."""
    return subprocess.run(
        [sys.executable, str(VERIFIER), *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | env,
    )


publishing = import_module("haochaping.ledger.actions.publish")
sequencing = import_module("haochaping.ledger.actions.sequence")
signed = publishing.models.Checkpoint.objects

# Where a process may die: at the first call of a function that is given what the test says.
PLACES: dict[str, tuple[Any, str, Callable[..., bool]]] = {
    "before the leaves are inserted": (sequencing, "rows", lambda *_: True),
    "before their root is": (signed, "create", lambda **_: True),
    "before the first file": (publishing, "put_all", lambda *_: True),
    "among the tiles": (publishing, "put", lambda path, _: "tile" in path.parts),
    "before they are read back": (publishing, "_check_written", lambda _: True),
    "before they are signed": (publishing, "_sign", lambda *_: True),
    "before the checkpoint stands": (publishing, "put", lambda path, _: path.name == "checkpoint"),
    "before the database knows": (signed, "filter", lambda **given: "size__lt" in given),
}


def _dying(where: Any, name: str, here: Callable[..., bool]) -> None:
    """Have this process be killed at a place."""
    real: Callable[..., Any] = getattr(where, name)

    def deadly(*args: Any, **given: Any) -> Any:
        if here(*args, **given):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **given)

    setattr(where, name, deadly)


def _grow(log_id: int, number: int) -> None:
    begin = logs.logs()[0].size
    ledger.append(log_id=log_id, entries=leaves(begin, begin + number))
    ledger.publish(log_id=log_id, at=NOON)


def _killed(work: Callable[[], None], place: tuple[Any, str, Callable[..., bool]]) -> bool:
    """Do a piece of work in a process that dies at a place; say whether it did."""
    connections.close_all()
    child = os.fork()
    if child == 0:  # no test goes on here, whatever happens
        try:
            _dying(*place)
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _holds(log_id: int, seen: dict[int, bytes]) -> None:
    """Numbers without gaps and each once, one root of a size, nothing published that is not
    committed, and what is signed leads to its root by the files alone.
    """
    log = next(one for one in logs.logs() if one.pk == log_id)
    assert list(logs.entries(log_id, 0, log.size)) == leaves(0, log.size)
    assert rows("SELECT count(*) AS n FROM ledger_entry WHERE log_id = $1", log_id)[0]["n"] == (
        log.size
    )
    assert log.frozen == ""
    path = logs.folder(log.name) / "checkpoint"
    if path.exists():
        head = notes.parse_checkpoint(logs.signed_by_us(log, path.read_text()).text)
        assert log.published <= head.size <= log.size
        assert logs.root_at(log_id, head.size) == head.root
        at = logs.in_files(log.name, head.size)
        assert notes.root_of(notes.frontier_at(head.size, at)) == head.root
        assert seen.setdefault(head.size, head.root) == head.root
        for old, new in pairwise(sorted(seen)):
            notes.check_consistency(old, new, notes.consistency(old, new, at), seen[old], seen[new])


@committing
@pytest.mark.parametrize(
    ("places", "times"),
    [
        pytest.param(list(PLACES), 2, id="everywhere"),
        *(pytest.param([one], 200, id=one, marks=pytest.mark.nightly) for one in PLACES),
    ],
)
def test_a_process_that_is_killed_anywhere_loses_doubles_and_forks_nothing(
    places: list[str], times: int
) -> None:
    log, dice, seen = ledger.open_log(name="2026", at=NOON), Random(7), dict[int, bytes]()
    _grow(log.pk, 3)
    for turn, place in enumerate(times * places):
        number = 260 if place == "among the tiles" else dice.choice((1, 7, 40, 260))
        assert _killed(partial(_grow, log.pk, number), PLACES[place])
        _holds(log.pk, seen)
        if turn % 3 == 2:  # somebody starts it again, and it gets through
            _grow(log.pk, number)
            _holds(log.pk, seen)
    _grow(log.pk, 1)
    _holds(log.pk, seen)
    assert max(seen) == logs.logs()[0].size


@committing
def test_of_two_that_enter_the_same_facts_exactly_one_enters_each() -> None:
    people.build()
    keys = [rated(5) for _ in range(60)]
    troubles: list[Exception] = []
    both = threading.Barrier(2)

    def enter() -> None:
        both.wait()
        try:
            for begin in range(0, 60, 5):
                facts = [(int(Kind.RATING), key) for key in keys[begin : begin + 5]]
                actions.enter(facts=facts, at=NOON)
                ledger.publish(log_id=logs.logs()[0].pk, at=NOON)
            drain(NOON)  # what is on the feed is the same once more
        except Exception as error:  # noqa: BLE001 - told below
            troubles.append(error)
        finally:
            connections.close_all()

    several = [threading.Thread(target=enter) for _ in range(2)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert troubles == []
    (log,) = logs.logs()
    openings = [one for one in queries.opened(log.pk, 0, log.size) if one.what == Kind.RATING]
    assert sorted(one.ref for one in openings) == sorted(keys)
    assert len(list(logs.entries(log.pk, 0, log.size))) == log.size
    assert (kinds(log).count(notes.Leaf.SUBMITTED), log.frozen) == (60, "")


@pytest.mark.django_db
def test_while_the_ledger_stands_still_ratings_are_taken_and_it_is_told(
    world: people.Place,
) -> None:
    now = clock.now()
    _rate(1)
    drain(now)
    (key,) = [one.id for one in _rate(1)]
    while feed.sequence(at=now):  # the others go on
        pass
    assert "ledger" not in feed_queries.alarms(now)
    (later,) = [one.id for one in _rate(1)]
    assert queries.proof_of(key) is None
    assert "ledger" in feed_queries.alarms(now + timedelta(minutes=10))
    drain(clock.now())
    ledger.publish(log_id=logs.logs()[0].pk, at=clock.now())
    assert queries.proof_of(key)
    assert queries.proof_of(later)
    assert "ledger" not in feed_queries.alarms(clock.now())


def _rate(times: int, level: int = 5, **more: Any) -> Any:
    services = [given_record() for _ in range(times)]
    register(*services)
    return submit(*(given_rating(one, level, **more) for one in services))


@pytest.mark.django_db
def test_a_clock_that_is_set_back_turns_no_number_back(world: people.Place) -> None:
    now = clock.now()
    sizes = []
    for at in (now, now - timedelta(hours=2), now - timedelta(days=1), now):
        _rate(2)
        drain(at)
        (log,) = logs.logs()
        assert ledger.publish(log_id=log.pk, at=at)
        text = (logs.folder(log.name) / "checkpoint").read_text()
        sizes.append(notes.parse_checkpoint(notes.parse(text).text).size)
    assert sizes == sorted(set(sizes))
    (log,) = logs.logs()
    actions.close_days(at=now + timedelta(days=1))
    books = queries.days()
    assert [day.day for day in books] == sorted({day.day for day in books})
    assert [day.begin for day in books[1:]] == [day.end for day in books[:-1]]
    told = json.loads(books[-1].statement)
    counted = sum(json.loads(day.statement)["leaves"].get("01", 0) for day in books)
    assert counted == 8, told


@pytest.mark.slow
@pytest.mark.django_db
def test_a_copy_that_any_program_made_is_verified_offline_and_says_the_same_everywhere(
    world: people.Place, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    yesterday = clock.now() - timedelta(days=1)
    _rate(24)
    _rate(3, level=1)
    drain(yesterday)
    actions.close_days(at=clock.now())
    (log,) = logs.logs()
    ledger.publish(log_id=log.pk, at=clock.now())
    actions.prove_days(at=clock.now())
    (day,) = queries.days()
    copy = tmp_path_factory.mktemp("copy")
    with folder_served(logs.folder(log.name)) as url:
        subprocess.run(
            ["wget", "-q", "-r", "-np", "-nH", "-P", copy, f"{url}/"],
            check=True,
            env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        )
    vkey = logs.vkeys(log)[0]
    shutil.rmtree(home / "ledger")  # nothing of ours is left to ask
    assert verify("log", "--from", str(copy), "--key", vkey).returncode == 0
    told = []
    for machine in (
        {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8"},
    ):
        done = verify("day", str(day.day), "--from", str(copy), "--key", vkey, **machine)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert told[0] == told[1]
    # another's arithmetic, from the rows alone
    book = (copy / "daybook" / f"{day.day}.rows").read_bytes()
    table = (copy / "daybook" / f"{day.day}.csv").read_bytes()
    assert rules.table([book[at : at + 42] for at in range(0, len(book), 42)]) == table


@pytest.mark.django_db
def test_a_year_ends_with_its_last_day_and_another_log_goes_on(world: people.Place) -> None:
    last = datetime(2026, 12, 31, 4, tzinfo=UTC)
    new_year = [last + timedelta(days=day) for day in range(5)]
    _rate(12)
    drain(last)
    assert actions.close_days(at=new_year[1]) == 1
    _rate(11)
    drain(new_year[1])
    assert actions.close_days(at=new_year[2]) == 1
    assert [(str(day.day), day.rows) for day in queries.days()] == [
        ("2027-01-01", 11),
        ("2026-12-31", 12),
    ]
    actions.close_days(at=new_year[4])
    old, new = logs.logs()
    assert (old.name, new.name) == ("2026", "2027")
    assert [day.log_id for day in queries.days()] == [new.pk, new.pk, old.pk]
    for log in (old, new):
        assert ledger.publish(log_id=log.pk, at=new_year[4])
    assert actions.prove_days(at=new_year[4]) == 3


def closed_yesterday(now: datetime) -> logs.Log:
    """Close a day of twelve ratings, and publish."""
    _rate(12)
    drain(now - timedelta(days=1))
    (log,) = logs.logs()
    actions.close_days(at=now)
    ledger.publish(log_id=log.pk, at=now)
    return log


@pytest.mark.django_db
def test_every_file_of_a_closed_day_is_served(world: people.Place) -> None:
    now = clock.now()
    log = closed_yesterday(now)
    actions.prove_days(at=now)
    folder = logs.folder(log.name)
    places = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    assert {place.suffix for place in places} >= {".rows", ".said", ".tlog-proof", ".txt"}
    for place in places:
        answer = Client().get(f"/ledger/{log.name}/{place}")
        assert answer.status_code == 200, place
        again = {"if-none-match": answer["ETag"]}
        assert Client().get(f"/ledger/{log.name}/{place}", headers=again).status_code == 304, place


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM proofs_day",
        'UPDATE proofs_day SET "end" = "end" + 7',
        "UPDATE proofs_invited SET services = 999",
        "DELETE FROM proofs_said WHERE kind = 'daybook'",
        "UPDATE proofs_said SET said = replace(said, 'daybook', 'x') WHERE kind = 'daybook'",
    ],
)
def test_rows_that_say_what_public_leaves_commit_to_are_watched_and_no_day_is_closed_twice(
    world: people.Place, change: LiteralString
) -> None:
    now = clock.now()
    log = closed_yesterday(now)
    assert actions.examine_all(at=now) == actions.examine_days(at=now) == 0
    (there,) = logs.folder(log.name).glob("daybook/[0-9]*.json")
    before = there.read_bytes()
    rows(change)
    actions.close_days(at=now)
    assert there.read_bytes() == before
    assert actions.examine_all(at=now) + actions.examine_days(at=now)
    assert logs.logs()[0].frozen


@pytest.mark.django_db
def test_a_day_whose_row_was_changed_is_noticed_at_once_and_no_next_one_is_closed(
    world: people.Place,
) -> None:
    now = clock.now()
    closed_yesterday(now)
    assert actions.examine(transactions=2**30, at=now)
    rows('UPDATE proofs_day SET "end" = "end" + 7')
    _rate(12)
    drain(now)
    assert actions.close_days(at=now + timedelta(days=1)) == 0
    rows("UPDATE ledger_log SET frozen = ''")
    assert not actions.examine(transactions=2**30, at=now)
    assert "the row of the day" in logs.logs()[0].frozen


@pytest.mark.django_db
def test_a_freeze_that_the_database_alone_takes_back_holds(
    world: people.Place, home: Path, django_capture_on_commit_callbacks: Any
) -> None:
    rated(1)
    drain(NOON)
    (log,) = logs.logs()
    with django_capture_on_commit_callbacks(execute=True):
        ledger.freeze(log_id=log.pk, reason="x", at=NOON)
    rows("UPDATE ledger_log SET frozen = '', frozen_at = NULL")
    assert not ledger.publish(log_id=log.pk, at=NOON)
    assert logs.logs()[0].frozen
    with django_capture_on_commit_callbacks(execute=True):
        ledger.thaw(log_id=log.pk, reason="people have looked", by=0, at=NOON)
    assert ledger.publish(log_id=log.pk, at=NOON)


@pytest.mark.django_db
def test_a_rating_that_is_gone_before_it_has_a_leaf_is_missed(world: people.Place) -> None:
    key = rated(1)
    feed.sequence(at=NOON)
    rows("DELETE FROM evaluations_evaluation WHERE id = $1", key)
    drain(NOON)
    assert "gone before" in logs.logs()[0].frozen


BETWEEN = {
    "a level": "UPDATE evaluations_evaluation SET level = 5 WHERE id = $1",
    "words": "UPDATE evaluations_evaluation SET words = '很好' WHERE id = $1",
    "a moment": "UPDATE evaluations_evaluation SET rated_at = rated_at - interval '1 h' "
    "WHERE id = $1",
    "its stamp": "UPDATE evaluations_evaluation SET level = 5, stamp = NULL WHERE id = $1",
    "no stamp, of long ago": "WITH old AS (UPDATE django_migrations SET applied = now() "
    "WHERE name = '0012_stamps') "
    "UPDATE evaluations_evaluation SET level = 5, stamp = NULL WHERE id = $1",
    "another case": "UPDATE records_record SET project_no = project_no || '1' WHERE id = $1",
    "a follow-up": "INSERT INTO evaluations_followup (evaluation_id, region, day, channel, level, "
    "codes, words, rated_at, digest) SELECT id, region, day, channel, 5, '{}', '', rated_at, 1 "
    "FROM evaluations_evaluation WHERE id = $1",
    "a replacement": "INSERT INTO evaluations_replacement (evaluation_id, region, before, level, "
    "codes, words, channel, at) SELECT id, region, level, 5, '{}', '', channel, rated_at "
    "FROM evaluations_evaluation WHERE id = $1",
}
TOLD = {"a follow-up": Kind.FOLLOW_UP, "a replacement": Kind.REPLACED}


@pytest.mark.django_db
@pytest.mark.parametrize("what", BETWEEN)
def test_a_rating_that_is_rewritten_or_invented_before_it_has_a_leaf_is_noticed(
    world: people.Place, what: str
) -> None:
    key = rated(1)
    rows(BETWEEN[what], key)
    if what in TOLD:  # whoever invents one announces it too
        feed.announce(kind=TOLD[what], refs=[key])
    drain(NOON)
    assert "not what was handed in" in logs.logs()[0].frozen


@pytest.mark.django_db
def test_what_doors_hand_in_is_what_is_entered(world: people.Place) -> None:
    service = given_record()
    register(service)
    first = given_rating(service, 1, words="等了两个小时，电话 13800012001", codes=(102, 101))
    more = given_rating(service, 2, kind=2, words="还没有回音")
    key, _ = (one.id for one in submit(first, more))
    again = given_rating(service, 4, words="办好了")
    evaluations.replace(given=again, record_id=key, by=0, at=clock.now())
    erased = rated(1)
    privacy.erase(evaluation_id=erased, reason="test", by=0, at=clock.now())  # before its leaf
    drain(NOON)
    assert logs.logs()[0].frozen == ""
    assert Counter(kinds(logs.logs()[0]))[notes.Leaf.ERASED] == 1


@pytest.mark.django_db
def test_what_is_of_last_year_is_looked_at_in_turn_and_freezes_its_own_log(
    world: people.Place,
) -> None:
    last = datetime(2026, 12, 31, 4, tzinfo=UTC)
    key = rated(1)
    drain(last)
    rated(5)
    drain(last + timedelta(days=1))
    begin = actions.look_in_turn(begin=0, at=last + timedelta(days=2))
    assert [log.frozen for log in logs.logs()] == ["", ""]
    rows("UPDATE evaluations_evaluation SET level = 5 WHERE id = $1", key)
    for _ in range(3):
        begin = actions.look_in_turn(begin=begin, at=last + timedelta(days=2))
    old, new = logs.logs()
    assert old.frozen
    assert not new.frozen


@pytest.mark.django_db
def test_an_audit_entry_that_is_gone_with_its_row_is_missed(world: people.Place) -> None:
    log = ledger.open_log(name="audit-2026", at=NOON)
    ledger.freeze(log_id=log.pk, reason="x", at=NOON)  # leaves an entry
    ledger.thaw(log_id=log.pk, reason="x", by=0, at=NOON)
    ledger.enter_trail(at=NOON)
    assert logs.check_trail().well
    rows("DELETE FROM ledger_trail WHERE no = 0")
    assert logs.check_trail().bare == [0]
    assert not logs.check_trail().well


TOUCHED = {
    "the keys": "keys",
    "the list of days": "daybook/index.json",
    "a row of a day book": "daybook/*.rows",
    "a table of a day": "daybook/*.csv",
    "a statement": "daybook/[0-9]*.json",
    "the names of a day's cells": "daybook/cells-*.json",
    "the rules of a day": "daybook/rules-*.txt",
    "a bundle": "tile/entries/000",
    "a tile": "tile/0/000",
    "a tile above": "tile/1/*.p/*",
}


@pytest.mark.django_db
@pytest.mark.parametrize("busy", [False, True], ids=["quiet", "busy"])
@pytest.mark.parametrize("place", TOUCHED.values(), ids=TOUCHED)
def test_a_published_file_that_somebody_touches_is_noticed_at_the_next_look(
    world: people.Place, place: str, busy: bool
) -> None:
    now, yesterday = clock.now(), clock.now() - timedelta(days=1)
    _rate(12)
    drain(yesterday)
    (log,) = logs.logs()
    ledger.append(log_id=log.pk, entries=leaves(0, 600))
    actions.close_days(at=now)
    ledger.publish(log_id=log.pk, at=now)
    actions.prove_days(at=now)
    tasks.watch(now)
    tasks.watch(now)
    assert logs.logs()[0].frozen == ""
    (path,) = logs.folder(log.name).glob(place)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    if busy:  # ratings go on coming in, and are published before the next look
        _rate(1)
        drain(now)
        ledger.publish(log_id=log.pk, at=now)
    tasks.watch(now)
    assert logs.logs()[0].frozen or (busy and place == "keys")  # these each signature writes anew


@committing
@pytest.mark.parametrize(
    ("days", "first", "others"),
    [
        pytest.param(0, "SET track_counts = off", 300, id="uncounted"),
        pytest.param(0, "SET track_counts = off", 0, id="alone"),
        pytest.param(30, "SELECT 1", 300, id="old"),  # what follows at once is counted later
    ],
)
def test_what_an_intruder_commits_long_after_it_was_written_is_noticed_at_the_next_look(
    days: int, first: LiteralString, others: int
) -> None:
    people.build()
    key = rated(5, served_at=(NOON - timedelta(days=days, hours=1)).isoformat())
    drain(NOON)
    connection.ensure_connection()
    for _ in range(2):
        tasks.watch(NOON)
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as intruder:
        intruder.execute(first)
        with intruder.transaction():
            intruder.execute("UPDATE evaluations_evaluation SET level = 4 WHERE id = %s", [key])
            for _ in range(others):
                rows("SELECT pg_current_xact_id()")
            tasks.watch(NOON)
            assert logs.logs()[0].frozen == ""
        tasks.watch(NOON)
        assert "altered" in logs.logs()[0].frozen


@pytest.mark.django_db
def test_a_log_that_grows_while_it_is_read_holds(world: people.Place, tmp_path: Path) -> None:
    log, now = ledger.open_log(name="2026", at=NOON), clock.now()
    ledger.append(log_id=log.pk, entries=leaves(0, 600))
    ledger.publish(log_id=log.pk, at=now)
    folder, key = logs.folder(log.name), logs.vkeys(log)[0]
    seen = (folder / "checkpoint").read_bytes()
    ledger.append(log_id=log.pk, entries=leaves(600, 900))
    ledger.publish(log_id=log.pk, at=now)
    assert not (folder / "tile/entries/002.p").exists()  # of which the checkpoint before tells
    (folder / "checkpoint").write_bytes(seen)
    for words in (("log", "--from", str(folder)), ("mirror", str(folder), str(tmp_path / "copy"))):
        done = verify(*words, "--key", key)
        assert done.returncode == 0, done.stderr
    assert verify("log", "--from", str(tmp_path / "copy"), "--key", key).returncode == 0
    assert verify("log", "--from", "http://127.0.0.1:9", "--key", key).returncode == 2


@committing
@pytest.mark.parametrize("what", ["row", "file"])
def test_what_happened_while_nobody_watched_is_looked_for_when_the_watch_starts(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    people.build()
    key = rated(5, served_at=(NOON - timedelta(days=30, hours=1)).isoformat())
    drain(NOON)
    (log,) = logs.logs()
    ledger.append(log_id=log.pk, entries=leaves(0, 600))
    ledger.publish(log_id=log.pk, at=NOON)
    monkeypatch.setattr(tasks, "_watch", tasks._Watch())
    monkeypatch.setattr(actions.watch, "_TURN", 0)  # what comes in turn comes too late
    tasks.watch(NOON)
    assert logs.logs()[0].frozen == ""
    if what == "row":
        rows("UPDATE evaluations_evaluation SET level = 4 WHERE id = $1", key)
        for _ in range(300):
            rows("SELECT pg_current_xact_id()")
    else:
        path = logs.folder(log.name) / "tile/entries/001"
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(tasks, "_watch", tasks._Watch())  # as another process begins
    tasks.watch(NOON)
    assert logs.logs()[0].frozen


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["daybook/*.rows", "daybook/*.said", "daybook/index.json"])
def test_a_published_file_that_somebody_takes_away_is_noticed_at_the_next_look(
    world: people.Place, place: str
) -> None:
    now = clock.now()
    log = closed_yesterday(now)
    actions.prove_days(at=now)
    tasks.watch(now)
    assert logs.logs()[0].frozen == ""
    (path,) = logs.folder(log.name).glob(place)
    path.unlink()
    tasks.watch(now)
    assert logs.logs()[0].frozen
    assert actions.examine_days(at=now) == 1


@pytest.mark.django_db
def test_after_a_restored_backup_what_was_lost_is_counted_and_what_came_since_is_behind_it(
    world: people.Place,
) -> None:
    now, yesterday = clock.now(), clock.now() - timedelta(days=1)
    _rate(12)
    drain(yesterday)
    (log,) = logs.logs()
    ledger.publish(log_id=log.pk, at=now)
    backup = logs.logs()[0]
    lost = [one.id for one in _rate(5)]
    drain(yesterday)
    evaluations.set_aside(evaluation_ids=lost[:1], at=yesterday)
    drain(yesterday)
    ledger.publish(log_id=log.pk, at=now)
    # the backup comes back; what it lacks never was, as far as the database knows
    for table in ("ledger_entry", "proofs_opening", "proofs_invited"):
        rows(f"DELETE FROM {table} WHERE no >= $1", backup.size)
    rows("DELETE FROM ledger_checkpoint WHERE size > $1", backup.size)
    rows("DELETE FROM evaluations_setaside")
    rows("DELETE FROM evaluations_evaluation WHERE id = ANY($1)", lost)
    backup.save()
    since = [one.id for one in _rate(12)]
    drain(yesterday)
    evaluations.set_aside(evaluation_ids=since[:1], at=yesterday)
    drain(yesterday)
    actions.state(said={"v": 1, "kind": "canary", "tested": 1}, kind=notes.Leaf.CANARY, at=now)
    assert not ledger.publish(log_id=log.pk, at=now)
    assert "another history" in logs.logs()[0].frozen

    def fetch(place: str) -> bytes:
        return (logs.folder(log.name) / place).read_bytes()

    # five ratings, how many could be rated, and one that was set aside
    assert actions.recover(log_id=log.pk, fetch=fetch, reason="backup", by=0, at=now) == 7
    ledger.rebuild(log_id=log.pk)
    assert ledger.publish(log_id=log.pk, at=now)
    changes = [body for body in logs.entries(log.pk, 0, logs.logs()[0].size) if len(body) == 43]
    named = queries.numbers_of(log.pk, Kind.RATING, since)[since[0]]
    assert int.from_bytes(changes[-1][34:42]) == named
    canary = queries.last_said("canary")
    assert canary is not None
    (body,) = logs.entries(log.pk, canary.no, canary.no + 1)
    assert body == notes.leaf(notes.Leaf.CANARY, rules.public(canary.said.encode()))
    assert actions.examine_all(at=now) == 0
    actions.close_days(at=now)
    ledger.publish(log_id=log.pk, at=now)
    actions.prove_days(at=now)
    (day,) = queries.days()
    assert json.loads(day.statement)["excluded"] == {"orphan": 5}
    folder, key = str(logs.folder(log.name)), logs.vkeys(log)[0]
    done = verify("day", str(day.day), "--from", folder, "--key", key)
    assert done.returncode == 0, done.stderr
    assert all(queries.proof_of(one) for one in since)


@pytest.mark.django_db
def test_a_closed_day_that_a_restored_database_lost_comes_back_and_is_not_closed_again(
    world: people.Place, tmp_path: Path
) -> None:
    now, yesterday = clock.now(), clock.now() - timedelta(days=1)
    _rate(12)
    drain(yesterday)
    (log,) = logs.logs()
    ledger.publish(log_id=log.pk, at=now)
    backup = logs.logs()[0]
    actions.close_days(at=now)
    ledger.publish(log_id=log.pk, at=now)
    actions.prove_days(at=now)
    (day,) = queries.days()
    mirror = tmp_path / "mirror"
    shutil.copytree(logs.folder(log.name), mirror)
    rows("DELETE FROM ledger_entry WHERE no >= $1", backup.size)
    rows("DELETE FROM proofs_opening WHERE no >= $1", backup.size)
    rows("DELETE FROM ledger_checkpoint WHERE size > $1", backup.size)
    rows("DELETE FROM proofs_day")
    backup.save()
    shutil.rmtree(logs.folder(log.name) / "daybook")
    assert not ledger.publish(log_id=log.pk, at=now)

    def fetch(place: str) -> bytes:
        return (mirror / place).read_bytes()

    # the root of the book, and the statement
    assert actions.recover(log_id=log.pk, fetch=fetch, reason="backup", by=0, at=now) == 2
    ledger.rebuild(log_id=log.pk)
    assert ledger.publish(log_id=log.pk, at=now)
    assert actions.close_days(at=now) == 0
    (again,) = queries.days()
    assert (again.day, again.statement, again.no) == (day.day, day.statement, day.no)
    assert queries.book_holds(log, again)
    (mirror / "daybook" / f"{day.day}.json").write_text(day.statement.replace("12", "13"))
    rows("DELETE FROM proofs_day")
    actions.recover(log_id=log.pk, fetch=fetch, reason="backup", by=0, at=now)
    assert queries.days() == []  # no leaf knows that one


@pytest.mark.django_db
def test_a_log_that_is_lost_with_its_mirrors_ends_and_another_goes_on_in_public(
    world: people.Place,
) -> None:
    now = clock.now()
    days = [now + timedelta(days=day) for day in (-2, -1, 0, 1)]
    _rate(24)
    drain(days[0])
    actions.close_days(at=days[1])  # the last day that was closed
    before = [one.id for one in _rate(12)]
    drain(days[1])
    said = {"v": 1, "kind": "canary", "tested": 5, "failed": {}, "at": days[1].isoformat()}
    (old,) = logs.logs()
    ledger.publish(log_id=old.pk, at=now)
    signed = logs.logs()[0].published
    with pytest.raises(notes.LogSound):
        actions.succeed(log_id=old.pk, reason="", by=0, at=now)
    # the disk is lost, and the backup is of another history; nobody mirrored it
    shutil.rmtree(logs.folder(old.name))
    rows("UPDATE ledger_entry SET body = set_byte(body, 10, 255 - get_byte(body, 10)) WHERE no = 2")
    gone, *late = (one.id for one in _rate(4))
    drain(now)
    actions.state(said=said, kind=notes.Leaf.CANARY, at=now)
    actions.forget(evaluation_ids=[gone], kinds=(Kind.RATING,), at=now)
    assert not ledger.publish(log_id=old.pk, at=now)
    assert queries.proof_of(late[0]) is None
    with pytest.raises(publishing.Broken):
        ledger.rebuild(log_id=old.pk)
    assert "ledger" in feed_queries.alarms(now)
    name = actions.succeed(log_id=old.pk, reason="机房失火，镜像同毁", by=0, at=now)
    assert name == f"{old.name}-2"
    assert "ledger" not in feed_queries.alarms(now)
    with pytest.raises(notes.LogSound):
        actions.succeed(log_id=old.pk, reason="", by=0, at=now)
    for again in (
        partial(ledger.thaw, log_id=old.pk, reason="", by=0, at=now),
        partial(ledger.append, log_id=old.pk, entries=leaves(0, 1)),
    ):
        with pytest.raises(notes.LogEnded):
            again()
    later = [one.id for one in _rate(12)]
    drain(now)
    new = logs.logs()[-1]
    assert (new.name, new.origin == old.origin) == (name, False)
    assert ledger.publish(log_id=new.pk, at=now)
    for key in (*before, *late, *later):  # whatever no closed day holds can be proved again
        proof = notes.parse_proof(queries.proof_of(key) or "")
        assert notes.signed_by(notes.parse(proof.checkpoint), logs.keys_of(new))
    (first,) = logs.entries(new.pk, 0, 1)
    told = json.loads(models.Restatement.objects.get(log_id=new.pk, no=0).said)
    assert first == notes.leaf(notes.Leaf.RESTATEMENT, rules.public(rules.canonical(told)))
    assert (told["of"]["origin"], told["of"]["size"]) == (old.origin, signed)
    assert kinds(new).count(notes.Leaf.SUBMITTED) == 27
    canary = queries.last_said("canary")
    assert canary is not None
    (body,) = logs.entries(new.pk, canary.no, canary.no + 1)
    assert body == notes.leaf(notes.Leaf.CANARY, rules.public(canary.said.encode()))
    actions.close_days(at=days[3])
    books = queries.days()  # each on its own day
    assert [day.log_id for day in books] == [new.pk, new.pk, old.pk]
    assert [json.loads(day.statement)["leaves"].get("01", 0) for day in books] == [15, 12, 24]
    assert actions.examine_all(at=now) == 0  # nobody took the erased one for a stranger
    page = Client().get("/open/ledger").content.decode()
    assert "机房失火，镜像同毁" in page
    assert f"下本接续：{name}" in "".join(page.split())


class Fates(RuleBasedStateMachine):
    """Ratings that are given, replaced, set aside, restored and erased in any order: the day's
    statement counts what this model counts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.at = clock.now() - timedelta(days=1)
        self.expected: Counter[str] = Counter()
        self.keys: list[int] = []
        self.services: dict[int, Any] = {}
        self.replaced, self.aside = set[int](), set[int]()
        self.restored, self.erased = set[int](), set[int]()

    @rule(level=st.integers(1, 5))
    def rate(self, level: int) -> None:
        """Somebody rates."""
        service = given_record()
        register(service)
        (stored,) = submit(given_rating(service, level))
        self.keys.append(stored.id)
        self.services[stored.id] = service
        self.expected["01"] += 1
        drain(self.at)

    def _one(self, dice: int, but: set[int]) -> int | None:
        there = [key for key in self.keys if key not in but]
        return there[dice % len(there)] if there else None

    @rule(dice=st.integers(0, 99), level=st.integers(1, 5))
    def replace(self, dice: int, level: int) -> None:
        """A citizen's last word, once, and not after a verdict."""
        key = self._one(dice, self.erased | self.replaced | self.aside)
        if key is not None:
            again = given_rating(self.services[key], level)
            evaluations.replace(given=again, record_id=key, by=0, at=self.at)
            self.replaced.add(key)
            self.expected["02"] += 1
            drain(self.at)

    @rule(dice=st.integers(0, 99))
    def set_aside(self, dice: int) -> None:
        """An objection is upheld, once."""
        key = self._one(dice, self.erased | self.aside)
        if key is not None:
            evaluations.set_aside(evaluation_ids=[key], at=self.at)
            self.aside.add(key)
            self.expected["03"] += 1
            drain(self.at)

    @rule(dice=st.integers(0, 99))
    def restore(self, dice: int) -> None:
        """An appeal is upheld, once."""
        key = self._one(dice, self.erased | self.restored | (set(self.keys) - self.aside))
        if key is not None:
            evaluations.restore(evaluation_id=key, at=self.at)
            self.restored.add(key)
            self.expected["03"] += 1
            drain(self.at)

    @rule(dice=st.integers(0, 99))
    def erase(self, dice: int) -> None:
        """A citizen has it erased."""
        key = self._one(dice, self.erased)
        if key is not None:
            kinds = (Kind.RATING, Kind.FOLLOW_UP, Kind.REPLACED)
            self.expected["04"] += actions.forget(evaluation_ids=[key], kinds=kinds, at=self.at)
            self.erased.add(key)

    def teardown(self) -> None:
        """Close the day, and compare."""
        if self.keys:
            drain(self.at)
            actions.close_days(at=clock.now())
            (day,) = queries.days()
            statement = json.loads(day.statement)
            counted = {kind: n for kind, n in statement["leaves"].items() if kind in self.expected}
            assert counted == {kind: n for kind, n in self.expected.items() if n}
            excluded = statement["excluded"]
            assert statement["daybook"]["rows"] + excluded.get("too_few", 0) == (
                len(self.keys) - len(self.erased)
            )
            assert excluded.get("erased", 0) == len(self.erased)


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_befalls_ratings_the_days_counts_are_those_of_a_model(
    world: people.Place, home: Path
) -> None:
    from django.db import transaction

    class Anew(Fates):
        """The same, in a transaction and a folder of its own."""

        def __init__(self) -> None:
            self.around = transaction.atomic()
            self.around.__enter__()
            super().__init__()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                transaction.set_rollback(True)
                self.around.__exit__(None, None, None)
                shutil.rmtree(home / "ledger", ignore_errors=True)

    run_state_machine_as_test(
        Anew,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.nightly
@committing
def test_ten_million_leaves_need_no_more_memory_than_one() -> None:
    log, begun, peaks = ledger.open_log(name="2026", at=NOON), time.monotonic(), []
    for begin in range(0, 10_000_000, 50_000):
        ledger.append(log_id=log.pk, entries=leaves(begin, begin + 50_000))
        if begin % 1_000_000 == 950_000:
            assert ledger.publish(log_id=log.pk, at=NOON)
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    print(f"ten million leaves in {time.monotonic() - begun:.0f} s, peak MiB {peaks}")
    assert logs.logs()[0].published == 10_000_000
    assert peaks[-1] - peaks[0] < 64  # MiB
    assert models.Day.objects.count() == 0


@pytest.mark.django_db
def test_next_years_keys_are_made_in_december_and_said_in_this_years_log(
    world: people.Place, settings: Any
) -> None:
    november, december = (datetime(2026, month, 30, 4, tzinfo=UTC) for month in (11, 12))
    key = notes.vkey("audit/w", notes.COSIGNATURE, bytes(32))
    settings.LEDGER_WITNESSES = f"https://w.example {key}"
    assert not actions.prepare_year(at=november)
    assert actions.prepare_year(at=december)
    assert not actions.prepare_year(at=december)  # once
    (said,) = queries.said_of("next_keys")
    told = json.loads(said.said)
    page = Client().get("/open/ledger").content.decode()
    assert all(one in page for one in (*told["keys"], key))
    assert key in Client().get("/open/verify").content.decode()
    assert actions.examine_all(at=december) == 0
    log = ledger.open_log(name="2027", at=datetime(2027, 1, 1, 4, tzinfo=UTC))
    assert (log.origin, logs.vkeys(log)) == (told["origin"], told["keys"])
