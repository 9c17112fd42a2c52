"""What is entered of each rating, what its citizen can prove, and what a superuser cannot hide."""

import base64
import csv
import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import people
import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from people import NOON, given_rating, given_record, register, submit

from haochaping.evaluations import actions as evaluations
from haochaping.feed import actions as feed
from haochaping.kernel import clock
from haochaping.kernel.db import rows
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger import rules as notes
from haochaping.proofs import actions, models, queries, rules
from haochaping.records.rules import Applicant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """A folder of logs of its own."""
    settings.HOME = tmp_path
    return tmp_path


def drain(at: Any = None) -> None:
    """Have the ledger take everything that waits."""
    at = at or clock.now()
    while feed.sequence(at=at):
        pass
    while actions.follow(at=at):
        pass


def rate(level: int = 5, times: int = 1, **given: Any) -> list[int]:
    """Rate services; return their keys."""
    services = [given_record() for _ in range(times)]
    register(*services)
    stored = submit(*(given_rating(service, level, **given) for service in services))
    return [one.id for one in stored]


def log() -> logs.Log:
    return logs.logs()[0]


def publish() -> bool:
    return ledger.publish(log_id=log().pk, at=clock.now())


def kinds() -> list[int]:
    return [body[1] for body in logs.entries(log().pk, 0, log().size)]


def test_every_rating_gets_one_leaf_in_the_order_of_its_commit(world: people.Place) -> None:
    first = rate(5, 3)
    drain()
    second = rate(1)
    drain()
    actions.enter(facts=[(2, key) for key in first], at=clock.now())  # told twice
    openings = [one for one in queries.opened(log().pk, 0, 99) if one.what == 2]
    assert [one.ref for one in openings] == [*sorted(first), *second]
    assert kinds().count(notes.Leaf.SUBMITTED) == 4
    assert notes.Leaf.INVITED in kinds()  # how many could be rated stands before them


def test_a_leaf_tells_nothing_and_its_opening_everything(world: people.Place) -> None:
    (key,) = rate(2, words="排队两个小时", codes=[207])
    drain()
    publish()
    proof = notes.parse_proof(queries.proof_of(key) or "")
    opening = json.loads(proof.extra)
    record = opening["record"]
    assert (record["level"], record["kind"]) == (2, "rating")
    assert record["text_sha256"] == hashlib.sha256("排队两个小时".encode()).hexdigest()
    commitment = rules.commitment(bytes.fromhex(opening["salt"]), record)
    entry = notes.leaf(notes.Leaf.SUBMITTED, commitment)
    signed = notes.parse(proof.checkpoint)
    assert notes.signed_by(signed, logs.keys_of(log()))
    head = notes.parse_checkpoint(signed.text)
    notes.check_inclusion(notes.leaf_hash(entry), proof.index, head.size, proof.path, head.root)
    for level in range(1, 6):  # without the salt nobody can try all five
        guess = {**record, "level": level}
        assert rules.commitment(bytes(32), guess) != commitment


def test_a_replacement_and_a_verdict_name_the_leaf_they_change(world: people.Place) -> None:
    (key,) = rate(1)
    drain()
    assert evaluations.set_aside(evaluation_ids=[key], at=clock.now())
    drain()
    evaluations.restore(evaluation_id=key, at=clock.now())
    drain()
    no = logs_of(key)
    changes = [body for body in logs.entries(log().pk, 0, log().size) if len(body) == 43]
    assert [(body[1], int.from_bytes(body[34:42]), body[42]) for body in changes] == [
        (notes.Leaf.INVALIDATED, no, 1),
        (notes.Leaf.INVALIDATED, no, 0),
    ]
    assert queries.altered(queries.opened(log().pk, 0, log().size)) == []


def logs_of(key: int) -> int:
    return queries.numbers_of(log().pk, 2, [key])[key]


TAMPERING = {
    "a level": "UPDATE evaluations_evaluation SET level = 5 WHERE id = %s",
    "words": "UPDATE evaluations_evaluation SET words = '很好' WHERE id = %s",
    "an office": "UPDATE evaluations_evaluation SET department_id = department_id + 1 WHERE id = %s",
    "a removal": "DELETE FROM evaluations_evaluation WHERE id = %s",
    "its salts": "UPDATE proofs_opening SET salts = NULL WHERE ref = %s AND what = 2",
    "salts and rating": "WITH bare AS (UPDATE proofs_opening SET salts = NULL WHERE ref = %s AND what = 2 RETURNING ref) DELETE FROM evaluations_evaluation WHERE id IN (SELECT ref FROM bare)",
    "opening and rating": "WITH bare AS (DELETE FROM proofs_opening WHERE ref = %s AND what = 2 RETURNING ref) DELETE FROM evaluations_evaluation WHERE id IN (SELECT ref FROM bare)",
    "a salt": "UPDATE proofs_opening SET salts = set_byte(salts, 20, 1 - get_byte(salts, 20) %% 2) WHERE ref = %s AND what = 2",
}


@pytest.mark.parametrize("sql", TAMPERING.values(), ids=TAMPERING)
def test_a_rating_that_a_superuser_touches_is_noticed_and_nothing_is_signed(
    world: people.Place, sql: str
) -> None:
    (key, _) = rate(1, 2)
    drain()
    publish()
    assert actions.examine(transactions=2**30, at=NOON)
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
    assert not actions.examine(transactions=2**30, at=NOON)
    assert "altered" in log().frozen
    rate(5)
    drain()
    assert not publish()


def test_a_rating_put_in_beside_every_door_is_noticed(world: people.Place) -> None:
    (key,) = rate(5)
    assert queries.strangers() == []  # it waits for its leaf
    drain()
    assert queries.strangers() == []
    columns = ", ".join(
        row["attname"]
        for row in rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'evaluations_evaluation'::regclass "
            "AND attnum > 0 AND attname <> 'id' AND NOT attisdropped"
        )
    )
    rows(
        f"INSERT INTO evaluations_evaluation (id, {columns}) SELECT id + 1, {columns} "
        "FROM evaluations_evaluation WHERE id = $1",
        key,
    )
    assert len(queries.strangers()) == 1
    assert not actions.examine(transactions=100, at=NOON)
    assert "without a leaf" in log().frozen


BESIDE = {
    "set aside": "INSERT INTO evaluations_setaside (evaluation_id, region, at) VALUES ($1, 320700000000, now())",
    "replaced": "INSERT INTO evaluations_replacement (evaluation_id, region, before, level, codes, words, channel, at) VALUES ($1, 320700000000, 1, 5, '{}', '', 1, now())",
    "restored": "INSERT INTO evaluations_restored (evaluation_id, region, at) VALUES ($1, 320700000000, now())",
    "followed": "INSERT INTO evaluations_followup (evaluation_id, region, day, channel, level, codes, words, rated_at, digest) VALUES ($1, 320700000000, '2026-11-18', 1, 5, '{}', '', now(), 1)",
}


AFTERWARDS = {
    "sign": "UPDATE evaluations_evaluation SET sign = -1 WHERE id = $1",
    "day": "UPDATE evaluations_evaluation SET day = day - 40 WHERE id = $1",
    "city": "UPDATE evaluations_evaluation SET city = 320500 WHERE id = $1",
    "county": "UPDATE evaluations_evaluation SET county = 320507 WHERE id = $1",
    "follow-up": "UPDATE evaluations_followup SET level = 5 WHERE evaluation_id = $1",
    "day of a follow-up": "UPDATE evaluations_followup SET day = day - 40 WHERE evaluation_id = $1",
    "no follow-up": "DELETE FROM evaluations_followup WHERE evaluation_id = $1",
    "replacement": "UPDATE evaluations_replacement SET level = 5 WHERE evaluation_id = $1",
    "no replacement": "DELETE FROM evaluations_replacement WHERE evaluation_id = $1",
    "not set aside": "DELETE FROM evaluations_setaside WHERE evaluation_id = $1",
}


@pytest.mark.parametrize("sql", AFTERWARDS.values(), ids=AFTERWARDS)
def test_what_is_counted_by_and_what_befell_a_rating_is_watched_as_the_rating_itself(
    world: people.Place, sql: str
) -> None:
    first = people.given_record()
    people.register(first)
    stored = people.submit(
        people.given_rating(first, 1), people.given_rating(first, 2, kind=2, words="还没有回音")
    )
    (key,) = {one.key for one in stored}
    assert key is not None
    evaluations.replace(given=people.given_rating(first, 4), record_id=key, by=0, at=clock.now())
    evaluations.set_aside(evaluation_ids=[key], at=clock.now())
    drain()
    publish()
    assert actions.examine(transactions=2**30, at=NOON)
    rows(sql, key)
    assert not actions.examine(transactions=2**30, at=NOON)
    assert logs.logs()[0].frozen


@pytest.mark.parametrize("sql", BESIDE.values(), ids=BESIDE)
def test_what_befell_a_rating_beside_every_door_is_noticed(world: people.Place, sql: str) -> None:
    (key,) = rate(1)
    drain()
    publish()
    assert actions.examine(transactions=2**30, at=NOON)
    rows(sql, key)
    assert not actions.examine(transactions=2**30, at=NOON)
    assert "without a leaf" in log().frozen


def test_an_exemption_that_no_leaf_makes_is_none(world: people.Place) -> None:
    (key,) = rate(1)
    drain()
    publish()
    (opening,) = queries.known(2, [key])
    rows("UPDATE evaluations_evaluation SET level = 5 WHERE id = $1", key)
    said = json.dumps({"v": 1, "kind": "restatement", "leaves": [opening.no]})
    models.Restatement.objects.create(
        log_id=log().pk, no=opening.no + 1, said=said, leaves=[opening.no], at=NOON
    )
    assert not actions.examine(transactions=2**30, at=NOON)


def test_a_day_whose_row_and_files_were_changed_together_is_noticed(world: people.Place) -> None:
    day = closed_day()
    publish()
    assert actions.examine_days(at=NOON) == 0
    said = json.loads(day.statement)
    rows_ = queries.path_of(log(), day.day, "rows")
    book = rows_.read_bytes()[: -rules.ROW]
    rows_.write_bytes(book)
    said["daybook"] |= {"rows": len(book) // rules.ROW, "sha256": hashlib.sha256(book).hexdigest()}
    text = rules.canonical(said)
    queries.path_of(log(), day.day, "json").write_bytes(text)
    models.Day.objects.filter(pk=day.pk).update(statement=text.decode())
    assert actions.examine_days(at=NOON) == 1
    assert "is not what its statement says" in log().frozen


def test_a_table_that_was_emptied_at_one_stroke_shows_in_the_counters(world: people.Place) -> None:
    rate(5)
    before = queries.counters()
    rows("TRUNCATE evaluations_setaside")
    assert queries.counters().files != before.files


def test_everything_is_looked_at_in_turn(world: people.Place) -> None:
    rate(5, 3)
    drain()
    publish()
    end = actions.look_in_turn(begin=0, at=NOON)
    assert end == log().size
    assert actions.examine_all(at=NOON) == 0
    assert log().frozen == ""


def test_after_an_erasure_nothing_opens_the_leaf_any_more(world: people.Place) -> None:
    (key, other) = rate(1, 2)
    drain()
    publish()
    before = queries.proof_of(key)
    assert before
    salt = json.loads(notes.parse_proof(before).extra)["salt"]
    assert actions.forget(evaluation_ids=[key], kinds=[2], at=clock.now()) == 1
    assert queries.proof_of(key) is None
    assert queries.proof_of(other)
    dump = json.dumps(
        [[str(value) for value in row.values()] for row in rows("SELECT * FROM proofs_opening")]
    )
    assert salt not in dump
    assert actions.forget(evaluation_ids=[key], kinds=[2], at=clock.now()) == 0
    assert queries.strangers() == []
    assert kinds()[-1] == notes.Leaf.ERASED
    assert publish()
    assert queries.altered(queries.opened(log().pk, 0, log().size)) == []


def test_after_an_erasure_nobody_can_recompute_the_commitment_from_all_there_is(
    world: people.Place,
) -> None:
    (key, _) = rate(1, 2, words="排队两个小时，我叫张芳华")
    drain()
    publish()
    no = logs_of(key)
    fact = queries.found({2: [key]})[2, key]  # whoever remembers the rating to the letter
    (body,) = logs.entries(log().pk, no, no + 1)
    before = rows("SELECT level, day, department_id FROM evaluations_evaluation WHERE id = $1", key)
    actions.forget(evaluation_ids=[key], kinds=[2], at=clock.now())
    evaluations.erase(evaluation_id=key, reason="本人申请", by=0, at=clock.now())
    held = [one.salts for one in queries.opened(log().pk, 0, log().size) if one.sealed]
    for salt, row_salt in held:
        assert rules.commitment(salt, queries.record_of(2, fact, row_salt)) != body[2:34]
    row = rows("SELECT * FROM evaluations_evaluation WHERE id = $1", key)[0]
    assert (row["words"], row["rater_name"], row["phone"], row["rater_index"]) == (
        "",
        None,
        None,
        None,
    )
    after = rows("SELECT level, day, department_id FROM evaluations_evaluation WHERE id = $1", key)
    assert after == before  # it counted, and goes on counting
    assert actions.examine(transactions=2**30, at=NOON)  # no tampering: it was forgotten in order
    yesterday = clock.now() + timedelta(days=1)
    actions.close_days(at=yesterday)
    assert json.loads(queries.days()[0].statement)["excluded"]["erased"] == 1


def closed_day(times: int = 24) -> models.Day:
    """Close a day with so many good ratings and two bad ones."""
    yesterday = clock.now() - timedelta(days=1)
    rate(5, times)
    rate(1, 2)
    drain(yesterday)
    actions.close_days(at=clock.now())
    return queries.days()[0]


def test_a_day_of_which_something_was_altered_is_closed_once_that_was_put_back(
    world: people.Place,
) -> None:
    yesterday = clock.now() - timedelta(days=1)
    (key,) = rate(1)
    rate(5, 12)
    drain(yesterday)
    rows("UPDATE evaluations_evaluation SET level = 5 WHERE id = $1", key)
    assert actions.close_days(at=clock.now()) == 0  # nobody had looked until now
    assert "altered" in log().frozen
    rows("UPDATE evaluations_evaluation SET level = 1 WHERE id = $1", key)
    assert actions.close_days(at=clock.now()) == 0  # a person thaws it first
    assert not list((logs.folder(log().name) / "daybook").glob("*.rows"))
    ledger.thaw(log_id=log().pk, reason="put back", by=0, at=clock.now())
    assert actions.close_days(at=clock.now()) == 1


def test_a_day_is_closed_once_and_can_be_counted_again(world: people.Place) -> None:
    day = closed_day()
    statement = json.loads(day.statement)
    folder = logs.folder(log().name) / "daybook"
    data = (folder / f"{day.day}.rows").read_bytes()
    table = (folder / f"{day.day}.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == statement["daybook"]["sha256"]
    assert rules.table(rules.read(data)) == table
    assert statement["leaves"]["01"] == statement["daybook"]["rows"] == 26
    (row,) = csv.DictReader(io.StringIO(table.decode()))
    assert (row["ratings"], row["level5"], row["level1"]) == ("26", "24", "2")
    told = statement["invitations"]
    assert (told["services"], told["ratings"]) == (26, 26)
    assert (told["services_so_far"], told["rated_so_far"]) == (26, 26)
    (city,) = told["cities"]
    assert (city["city"], city["rated"]) == (str(people.CITY), 26)
    assert actions.close_days(at=clock.now()) == 0
    assert publish()
    assert actions.prove_days(at=clock.now()) == 1
    proof = notes.parse_proof((folder / f"{day.day}.tlog-proof").read_text())
    entry = notes.leaf(notes.Leaf.STATEMENT, rules.public(day.statement.encode()))
    head = notes.parse_checkpoint(notes.parse(proof.checkpoint).text)
    notes.check_inclusion(notes.leaf_hash(entry), proof.index, head.size, proof.path, head.root)


def test_a_citizen_finds_their_row_and_nobody_else_can(world: people.Place) -> None:
    day = closed_day()
    folder = logs.folder(log().name) / "daybook"
    book = rules.read((folder / f"{day.day}.rows").read_bytes())
    publish()
    (opening, *_) = [one for one in queries.opened(log().pk, 0, 99) if one.what == 2]
    proof = notes.parse_proof(queries.proof_of(opening.ref) or "")
    record = json.loads(proof.extra)["record"]
    tag = rules.row_tag(bytes.fromhex(record["row_salt"]), proof.index)
    (row,) = [row for row in book if row[:32] == tag]
    assert row[40] == record["level"]
    assert len({row[:32] for row in book}) == len(book)
    assert rules.row_tag(bytes.fromhex(record["row_salt"]), proof.index + 1) != tag


def test_probes_are_not_in_the_book_and_are_counted_as_left_out(world: people.Place) -> None:
    yesterday = clock.now() - timedelta(days=1)
    rate(5, 11)
    (probe,) = rate(5)
    rows("UPDATE evaluations_evaluation SET origin = 3 WHERE id = $1", probe)
    drain(yesterday)
    actions.close_days(at=clock.now())
    statement = json.loads(queries.days()[0].statement)
    assert statement["daybook"]["rows"] == 11
    assert statement["excluded"] == {"probe": 1}


def test_a_day_with_too_few_ratings_shows_none_of_them(world: people.Place) -> None:
    yesterday = clock.now() - timedelta(days=1)
    rate(5, 9)
    drain(yesterday)
    actions.close_days(at=clock.now())
    statement = json.loads(queries.days()[0].statement)
    assert (statement["daybook"]["rows"], statement["excluded"]) == (0, {"too_few": 9})


@hypothesis_settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 4)).map(
            lambda one: (1000 + one[0], 100 + one[0] // 3, 50 + one[0] // 6, 10)
        ),
        max_size=160,
    )
)
def test_no_cell_of_a_book_is_small_and_every_rating_is_in_its_own_or_one_above(
    paths: list[tuple[int, ...]],
) -> None:
    cells = rules.rolled_up(paths)
    counts: dict[int, int] = {}
    for path in paths:
        cell = cells[path[0]]
        assert cell is None or cell in path
        if cell is not None:
            counts[cell] = counts.get(cell, 0) + 1
    assert all(number >= rules.SMALLEST for number in counts.values())
    assert (None in cells.values()) == (0 < len(paths) < rules.SMALLEST)
    for path in paths:  # what anybody can check of a receipt
        assert cells[path[0]] == next((one for one in path if one in counts), None)
    for region in {one for path in paths for one in path[1:]}:
        inside = [path for path in paths if region in path]
        out = sum(cells[path[0]] in path[path.index(region) + 1 :] for path in inside)
        # who knows the whole of a region knows no few of it by what is published inside
        assert out == 0 or out >= rules.SMALLEST or out == len(inside)


def test_the_files_are_served_as_they_lie(world: people.Place) -> None:
    day = closed_day()
    publish()
    actions.prove_days(at=clock.now())
    browser = Client()
    name = log().name
    answer = browser.get(f"/ledger/{name}/checkpoint")
    assert notes.parse(b"".join(answer.streaming_content).decode())  # type: ignore[attr-defined]
    assert answer["Cache-Control"] == "no-cache"
    for place in (
        "keys",
        f"tile/0/000.p/{log().size}",
        f"daybook/{day.day}.json",
        f"daybook/{day.day}.tlog-proof",
        "daybook/cells.json",
    ):
        assert browser.get(f"/ledger/{name}/{place}").status_code == 200, place
    for place in (
        "../secret",
        "%2e%2e/secret",
        "tile/0/../../../secret",
        f"../{name}.keys",
        "tile/99/000",
        "daybook/2020-01-01.json",
    ):
        assert browser.get(f"/ledger/{name}/{place}").status_code == 404, place


def test_nothing_personal_is_in_any_published_byte(world: people.Place) -> None:
    canary = {"name": "欧阳金丝雀", "phone": "13912345678", "cert": "320102199003077651"}
    who = Applicant(canary["name"], 1, "111", canary["cert"], canary["phone"])
    services = [given_record(applicant=who) for _ in range(12)]
    register(*services)
    words = f"我是{canary['name']}，电话{canary['phone']}"
    submit(*(given_rating(service, 1, words=words) for service in services))
    drain(clock.now() - timedelta(days=1))
    actions.close_days(at=clock.now())
    publish()
    actions.prove_days(at=clock.now())
    for path in logs.folder(log().name).rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in (value.encode() for value in canary.values()):
                for told in (secret, secret.hex().encode(), base64.b64encode(secret)[:12]):
                    assert told not in data, path


def test_the_audit_trail_has_a_log_of_its_own_that_notices_changes(world: people.Place) -> None:
    ledger.enter_trail(at=clock.now())
    trail = next(one for one in logs.logs() if one.name.startswith(logs.AUDIT))
    assert trail.size
    assert ledger.enter_trail(at=clock.now()) == 0
    assert logs.changed_trail() == []
    (row,) = rows("SELECT min(id) AS id FROM audit_entry")
    rows("UPDATE audit_entry SET by = by + 1 WHERE id = $1", row["id"])
    assert logs.changed_trail() == [row["id"]]
    assert business_day(clock.now()).year == int(trail.name.removeprefix(logs.AUDIT))


def test_a_clean_sample_of_299_excludes_one_altered_rating_in_a_hundred() -> None:
    assert rules.share_found(0) == 1.0
    assert rules.share_found(299) == pytest.approx(0.00997, abs=1e-5)
    assert rules.share_found(1) == pytest.approx(0.95)
