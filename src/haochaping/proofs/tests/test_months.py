"""What a month tells of the ratings that its days told of wider places."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import people
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from people import OTHER, given_rating, given_record, item_of, register, submit

from haochaping.kernel import clock
from haochaping.kernel.db import rows as sql
from haochaping.kernel.moments import begin_of, business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger import rules as notes
from haochaping.proofs import actions, models, queries, rules
from haochaping.proofs.tests.test_proofs import drain, home, log, publish, rate

__all__ = ["home"]  # the fixture
pytestmark = pytest.mark.django_db
PROVINCE = 320000000000

type Given = tuple[tuple[int, ...], int, int]  # path, level, flags

OFFICES = st.integers(0, 12).map(lambda n: (1000 + n, 100 + n // 3, 50 + n // 6, PROVINCE))
RATINGS = st.lists(st.tuples(OFFICES, st.integers(1, 5), st.integers(0, 1)), max_size=60)


def rolled_on(day: Sequence[Given], begin: int) -> list[rules.Rolled]:
    """Return what a day's book rolls up, as `actions.months` finds it."""
    found = []
    for flags in (0, 1):
        kind = [(no, one) for no, one in enumerate(day, begin) if one[2] == flags]
        cells = rules.rolled_up([path for _, (path, _, _) in kind])
        for no, (path, level, _) in kind:
            came = cells[path[0]]
            if came != path[0]:
                tag = rules.month_tag(bytes(32), no)
                found.append(rules.Rolled(tag, path, came or rules.UNTOLD, level, flags))
    return found


def place_of(row: bytes) -> rules.Place:
    return int.from_bytes(row[40:48]), row[49]


@hypothesis_settings(max_examples=300)
@given(st.lists(RATINGS, min_size=1, max_size=5), st.sets(st.integers(0, 299), max_size=80))
def test_what_comes_again_adds_up_to_what_the_days_told_and_shows_no_few(
    month: list[list[Given]], erased: set[int]
) -> None:
    every = [one for at, day in enumerate(month) for one in rolled_on(day, at * 100)]
    told = Counter((one.came, one.flags) for one in every if one.came != rules.UNTOLD)
    left = [one for at, one in enumerate(every) if at not in erased]
    again = rules.told_again(left, told)
    assert again.rows == sorted(set(again.rows))
    groups = Counter((row[32:50][:16], row[49]) for row in again.rows)  # cell and origin
    assert all(number >= rules.SMALLEST for number in groups.values())
    paths = {one.tag: one.path for one in left}
    for row in again.rows:
        cell, came = int.from_bytes(row[32:40]), int.from_bytes(row[40:48])
        path = paths[row[:32]]
        assert cell in path[: path.index(came) + 1 if came else None]
    rows = Counter(map(place_of, again.rows))
    for place, number in told.items():
        # who subtracts finds nothing, ten at least, or everything
        assert number - rows[place] in {0, number} or number - rows[place] >= rules.SMALLEST
        assert number - rows[place] >= again.missing.get(place, 0)
        if place not in again.missing and place not in again.withheld:
            days = Counter(one.level for one in every if (one.came, one.flags) == place)
            assert days == Counter(row[48] for row in again.rows if place_of(row) == place)
    for flags in (0, 1):
        untold = [one for one in left if (one.came, one.flags) == (rules.UNTOLD, flags)]
        assert rows[rules.UNTOLD, flags] + again.too_few[flags] == len(untold)
        assert again.too_few[flags] < rules.SMALLEST


@pytest.mark.parametrize(
    ("gone", "shown"), [(0, 20), (1, 0), (9, 0), (10, 10), (11, 0), (19, 0), (20, 0)]
)
def test_of_a_cell_that_misses_a_few_nothing_is_told(gone: int, shown: int) -> None:
    some = [
        rules.Rolled(rules.month_tag(bytes(32), no), (1000, 100, PROVINCE), 100, 5, 0)
        for no in range(20 - gone)
    ]
    again = rules.told_again(some, {(100, 0): 20})
    assert len(again.rows) == shown
    assert again.missing == ({(100, 0): 10} if gone == 10 else {})
    assert list(again.withheld) == ([(100, 0)] if gone and not shown else [])
    assert not again.too_few  # that is said of what no day told


def test_an_office_that_lies_elsewhere_now_is_told_where_its_day_told_it() -> None:
    path = (1000, 200, PROVINCE)
    some = [rules.Rolled(bytes([no]) * 32, path, 100, 5, 0) for no in range(12)]
    again = rules.told_again(some, {(100, 0): 12})
    assert {int.from_bytes(row[32:40]) for row in again.rows} == {100}


def last_month() -> list[datetime]:
    """Return noon of the last two days of the month before."""
    first = begin_of(business_day(clock.now()).replace(day=1))
    return [first - timedelta(hours=hours) for hours in (36, 12)]


def elsewhere(level: int, times: int) -> None:
    """Rate services of an office of another city."""
    of = {"department_code": OTHER, "item_code": item_of(OTHER), "region": str(people.ELSEWHERE)}
    services = [given_record(window_code="", staff_number="", **of) for _ in range(times)]
    register(*services)
    submit(*(given_rating(service, level) for service in services))


@pytest.fixture
def closed(world: people.Place) -> queries.Month:
    """A month of two days with seven ratings here and six there, and one with twelve here."""
    for at in last_month():
        rate(5, 7)
        elsewhere(1, 6)
        drain(at)
    actions.close_days(at=clock.now())
    assert actions.close_months(at=clock.now()) == 1
    return queries.months()[0]


def test_a_month_tells_offices_that_its_days_could_not_tell(closed: queries.Month) -> None:
    for day in queries.days():  # thirteen ratings of the province, and no office
        book = rules.read(queries.path_of(log(), day.day, "rows").read_bytes())
        assert {int.from_bytes(row[32:40]) for row in book} == {PROVINCE}
    statement = json.loads(closed.statement)
    rows = queries.path_of(log(), closed.month, "rows").read_bytes()
    table = queries.path_of(log(), closed.month, "csv").read_text()
    assert hashlib.sha256(rows).hexdigest() == statement["book"]["sha256"]
    told = {line["cell"]: line for line in csv.DictReader(io.StringIO(table))}
    assert [(one["level5"], one["level1"]) for one in told.values()] == [("14", "0"), ("0", "12")]
    assert all(int(cell) > rules.DEPARTMENT for cell in told)
    assert (statement["missing"], statement["excluded"]) == ([], {})
    assert list(statement["days"]) == sorted(str(day.day) for day in queries.days())
    assert actions.close_months(at=clock.now()) == 0  # once


def test_a_month_is_closed_when_it_is_over_and_proved_once_it_is_signed(
    world: people.Place,
) -> None:
    rate(5, 12)
    drain(last_month()[0])
    before = last_month()[1]
    actions.close_days(at=before)
    assert actions.close_months(at=before) == 0
    assert actions.close_months(at=clock.now()) == 0  # its last day is not closed
    actions.close_days(at=clock.now())
    assert actions.close_months(at=clock.now()) == 1  # nothing was rolled up: its book is empty
    assert json.loads(queries.months()[0].statement)["book"]["rows"] == 0
    assert actions.prove_months() == 0
    publish()
    assert actions.prove_months() == 1
    month = queries.months()[0]
    named = json.loads(queries.path_of(log(), "months", "json").read_text())
    assert named == [month.month]
    proof = notes.parse_proof(queries.path_of(log(), month.month, "tlog-proof").read_text())
    entry = notes.leaf(notes.Leaf.STATEMENT, rules.public(month.statement.encode()))
    head = notes.parse_checkpoint(notes.parse(proof.checkpoint).text)
    notes.check_inclusion(notes.leaf_hash(entry), proof.index, head.size, proof.path, head.root)


def test_who_was_erased_since_takes_the_others_of_the_cell_along(world: people.Place) -> None:
    for at in last_month():
        keys = rate(5, 7)
        elsewhere(1, 6)
        drain(at)
    actions.close_days(at=clock.now())
    actions.forget(evaluation_ids=[keys[0]], kinds=[2], at=clock.now())
    assert actions.close_months(at=clock.now()) == 1
    statement = json.loads(queries.months()[0].statement)
    assert statement["withheld"] == [{"cell": str(PROVINCE), "flags": 0}]
    assert (statement["missing"], statement["book"]["rows"]) == ([], 0)


@pytest.mark.parametrize("kind", ["rows", "csv", "json"])
def test_a_file_of_a_month_that_somebody_touches_freezes_the_log(
    closed: queries.Month, kind: str
) -> None:
    publish()
    actions.prove_months()
    assert actions.examine_days(at=clock.now()) == 0
    path = queries.path_of(log(), closed.month, kind)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    actions.look_at(paths=[path], at=clock.now())
    assert closed.month in log().frozen


def test_a_month_that_is_left_out_of_the_list_freezes_the_log(closed: queries.Month) -> None:
    publish()
    actions.prove_months()
    queries.path_of(log(), "months", "json").write_text("[]")
    actions.look_in_turn(begin=0, at=clock.now())
    assert log().frozen == ""  # whoever was killed before writing it comes again
    actions.look_in_turn(begin=0, at=clock.now() + timedelta(hours=2))
    assert "list of months" in log().frozen


def test_who_was_killed_between_a_proof_and_the_list_writes_the_list_next_time(
    closed: queries.Month,
) -> None:
    publish()
    actions.prove_months()
    listed = queries.path_of(log(), "months", "json")
    listed.unlink()
    assert actions.prove_months() == 0
    assert json.loads(listed.read_text()) == [closed.month]


def test_a_month_of_which_a_rating_was_altered_is_not_closed(world: people.Place) -> None:
    (key,) = rate(1)
    rate(5, 12)
    drain(last_month()[0])
    actions.close_days(at=clock.now())
    sql("UPDATE evaluations_evaluation SET level = 5 WHERE id = $1", key)
    assert actions.close_months(at=clock.now()) == 0
    assert "altered" in log().frozen
    sql("UPDATE evaluations_evaluation SET level = 1 WHERE id = $1", key)
    ledger.thaw(log_id=log().pk, reason="put back", by=0, at=clock.now())
    assert actions.close_months(at=clock.now()) == 1


def test_a_month_of_which_something_was_admitted_or_closed_by_older_rules_has_no_book(
    world: people.Place,
) -> None:
    rate(5, 12)
    drain(last_month()[0])
    actions.close_days(at=clock.now())
    assert actions.months_due(at=clock.now())
    day = queries.days()[-1]
    was = models.Day.objects.filter(pk=day.pk)
    was.update(statement=day.statement.replace(rules.RULES, "daybook/1"))
    assert not actions.months_due(at=clock.now())
    was.update(statement=day.statement)
    actions.admit(log_id=log().pk, reason="x", by=0, at=clock.now())  # of nothing
    assert actions.months_due(at=clock.now())
    ledger.freeze(log_id=log().pk, reason="x", at=clock.now())
    (key,) = [one.ref for one in queries.opened(log().pk, 0, 99) if one.what == 2][:1]
    sql("UPDATE evaluations_evaluation SET level = 4 WHERE id = $1", key)
    actions.admit(log_id=log().pk, reason="x", by=0, at=clock.now())
    assert log().frozen == ""
    assert actions.close_months(at=clock.now()) == 0


def test_the_leaf_of_a_month_says_so_to_everybody(closed: queries.Month) -> None:
    assert queries.silent(log().pk, 0, log().size) == []
    assert closed.statement in queries.texts_between(log().pk, 0, log().size).values()
    assert actions.examine_all(at=clock.now()) == 0
    assert logs.bodies(log().pk, [closed.no])[closed.no][1] == notes.Leaf.STATEMENT
