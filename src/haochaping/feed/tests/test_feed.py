"""The feed: facts are numbered once, and each reader passes each of them once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import OperationalError
from people import NOON

from haochaping.feed import actions, models, queries
from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty() -> None:
    """Number what the fixtures announced, so that each test begins at the head."""
    while actions.sequence(at=NOON):
        pass


class Reader:
    """A reader that remembers what it was given."""

    def __init__(self, name: str = "reader") -> None:
        self.name, self.seen = name, list[tuple[int, int]]()
        self.read()
        self.seen.clear()

    def take(self, facts: Sequence[tuple[int, int]]) -> None:
        """Remember facts."""
        self.seen += facts

    def read(self, limit: int = 20) -> int:
        """Read on."""
        return actions.follow(name=self.name, effect=self.take, limit=limit)


def test_facts_are_given_in_order_once_to_each_reader() -> None:
    one, two = Reader("one"), Reader("two")
    actions.announce(kind=Kind.RATING, refs=[3, 1])
    assert one.read() == 0  # not numbered yet
    assert actions.sequence(at=NOON) == 2
    actions.announce(kind=Kind.RECORD, refs=[9])
    assert actions.sequence(at=NOON) == 1
    assert actions.sequence(at=NOON) == 0
    assert one.read(limit=1) == 2
    assert one.read() == 1
    assert one.read() == 0
    assert one.seen == [(Kind.RATING, 1), (Kind.RATING, 3), (Kind.RECORD, 9)]
    assert two.read() == 3
    assert two.seen == one.seen


def test_an_effect_that_fails_moves_nothing() -> None:
    reader = Reader()
    actions.announce(kind=Kind.RATING, refs=[1])
    actions.sequence(at=NOON)

    def fail(_facts: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        actions.follow(name=reader.name, effect=fail)
    assert reader.read() == 1


def test_statements_are_numbered_a_few_at_a_time_and_large_batches_one_by_one() -> None:
    reader = Reader()
    for ref in range(3):
        actions.announce(kind=Kind.RATING, refs=[ref])
    assert actions.sequence(limit=2, at=NOON) == 2
    assert actions.sequence(limit=2, at=NOON) == 1
    for base in (0, 6_000, 12_000):
        actions.announce(kind=Kind.FOLLOW_UP, refs=list(range(base, base + 6_000)))
        actions.sequence(at=NOON)
    assert reader.read() == 3 + 12_000  # enough after ten thousand
    assert reader.read() == 6_000


def test_what_a_reader_has_not_covered_is_numbered_past_it_or_still_pending() -> None:
    reader = Reader()
    for ref in (1, 2):
        actions.announce(kind=Kind.RATING, refs=[ref])
        actions.sequence(at=NOON)
        if ref == 1:
            reader.read()
    actions.announce(kind=Kind.RATING, refs=[3])
    found = rows(queries.uncovered(reader.name))
    assert sorted(row["ref"] for row in found) == [2, 3]
    assert len(rows(queries.uncovered("nobody"))) >= 3
    with pytest.raises(ValueError, match="drop"):
        queries.uncovered("x'; drop")


def test_state_and_lag_of_each_reader_are_told() -> None:
    reader = Reader()
    for minutes in (1, 2):
        actions.announce(kind=Kind.RATING, refs=[minutes])
        actions.sequence(at=NOON + timedelta(minutes=minutes))
    actions.announce(kind=Kind.RATING, refs=[7, 8, 9])
    state = queries.state()
    assert state["pending"] == 3
    assert state["head"] - state["cursor_reader"] == 2
    for number in (1, 2):
        actions.note_failure(
            name="reader", error="x" * 300, at=NOON + timedelta(minutes=5 * number)
        )
    (told,) = [line for line in queries.readers() if line.name == "reader"]
    assert (told.behind, told.oldest) == (2, NOON + timedelta(minutes=1))
    assert (told.failing_since, len(told.error)) == (NOON + timedelta(minutes=5), 200)
    assert models.Trouble.objects.get(name="reader").times == 2
    actions.note_success(name="reader")
    reader.read()
    (told,) = [line for line in queries.readers() if line.name == "reader"]
    assert (told.behind, told.oldest, told.error, told.failing_since) == (0, None, "", None)


def test_a_reader_that_never_read_but_failed_is_told_too() -> None:
    actions.note_failure(name="newcomer", error="no", at=NOON)
    assert [line.error for line in queries.troubles() if line.name == "newcomer"] == ["no"]


def test_kinds_keep_their_numbers_for_old_entries() -> None:
    assert {kind.name: int(kind) for kind in Kind} == {
        "RECORD": 1,
        "RATING": 2,
        "AMENDED": 9,
        "FOLLOW_UP": 3,
        "SET_ASIDE": 4,
        "REPLACED": 5,
        "ORDER": 6,
        "RESTORED": 7,
        "ERASED": 8,
    }


def test_single_facts_are_numbered_by_the_thousand_and_large_statements_are_not_piled_up() -> None:
    for ref in range(300):
        actions.announce(kind=Kind.RATING, refs=[ref])
    assert actions.sequence(at=NOON) == 300
    for begin in range(0, 30_000, 1000):
        actions.announce(kind=Kind.RATING, refs=list(range(begin, begin + 1000)))
    assert [actions.sequence(at=NOON) for _ in range(4)] == [10_000, 10_000, 10_000, 0]


def test_a_fact_that_cannot_be_taken_stops_nothing_behind_it_and_is_tried_again() -> None:
    taken: list[int] = []
    broken = {7}

    def effect(facts: Sequence[tuple[int, int]]) -> None:
        for _, ref in facts:
            models.Trouble.objects.create(name=f"t{ref}", since=NOON, times=1, error="")
            if ref in broken:
                raise ValueError(ref)
        taken.extend(ref for _, ref in facts)

    actions.announce(kind=Kind.RATING, refs=list(range(40)))
    actions.sequence(at=NOON)
    assert actions.follow(name="poisoned", effect=effect) == 40
    assert sorted(taken) == [ref for ref in range(40) if ref != 7]
    assert models.Trouble.objects.filter(name__startswith="t").count() == 39  # nothing half done
    ((name, number, error),) = queries.aside()
    assert (name, number) == ("poisoned", 1)
    assert "ValueError at tests/test_feed.py" in error
    assert "7" not in error.split(":")[0]
    assert actions.follow(name="poisoned", effect=effect) == 0  # not yet
    models.Aside.objects.update(next_at=NOON)
    assert actions.follow(name="poisoned", effect=effect) == 0
    assert models.Aside.objects.get().times == 2
    models.Aside.objects.update(next_at=NOON)
    broken.clear()
    assert actions.follow(name="poisoned", effect=effect) == 1
    assert queries.aside() == []
    assert 7 in taken


def test_a_reader_that_can_take_nothing_moves_nothing() -> None:
    def fail(_facts: object) -> None:
        raise RuntimeError

    actions.announce(kind=Kind.RATING, refs=list(range(40)))
    actions.sequence(at=NOON)
    with pytest.raises(RuntimeError):
        actions.follow(name="broken", effect=fail)
    assert queries.aside() == []
    assert actions.follow(name="broken", effect=lambda _facts: None) >= 40


def test_a_lock_is_no_facts_fault() -> None:
    def locked(_facts: object) -> None:
        raise OperationalError

    actions.announce(kind=Kind.RATING, refs=[1])
    actions.sequence(at=NOON)
    with pytest.raises(OperationalError):
        actions.follow(name="locked", effect=locked)
    assert queries.aside() == []
