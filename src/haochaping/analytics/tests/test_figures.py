"""Figures are exact at every moment: whatever has been folded, numbered or is still pending."""

import random
import threading
from datetime import timedelta

import people
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from people import NOON, given_rating, given_record, rated, register, submit

from haochaping.analytics import actions, queries, rules
from haochaping.analytics.rules.grains import Subject
from haochaping.evaluations.rules import Kind
from haochaping.feed import actions as feed
from haochaping.feed import models as feed_tables
from haochaping.kernel import clock
from haochaping.kernel.db import rows
from haochaping.kernel.moments import business_day
from haochaping.regions.rules import scope

DAY = business_day(NOON)
PROVINCE = scope(320000000000)
RECOUNT = """
SELECT (SELECT count(*) FROM evaluations_evaluation) AS total, (SELECT count(*)
  FROM evaluations_evaluation WHERE level <= 2) AS bad,
       (SELECT count(*) FROM records_record) AS services, (SELECT count(*)
         FROM evaluations_followup) AS follow_ups
"""


def seen() -> tuple[int, int, int, int, int]:
    """Return what the figures say now."""
    whole = queries.figures(PROVINCE, DAY - timedelta(days=400), DAY + timedelta(days=400)).whole
    return whole.total, whole.bad, whole.services, whole.follow_ups, whole.rated


def test_the_figures_are_the_same_before_numbering_between_and_after_folding(
    world: people.Place,
) -> None:
    service = given_record()
    register(service, given_record())
    submit(given_rating(service, 2))
    submit(given_rating(service, 5, kind=Kind.FOLLOW_UP))
    expected = (1, 1, 2, 1, 1)
    assert seen() == expected  # pending
    assert feed.sequence(at=NOON) == 4
    assert seen() == expected  # numbered, not folded
    assert actions.fold() == 4
    assert seen() == expected  # folded
    rated(5)
    assert seen() == (2, 1, 3, 1, 2)  # partly folded
    assert actions.fold() == 0


def test_a_narrow_cut_is_the_same_folded_or_not(world: people.Place) -> None:
    rated(1)
    for folded in (False, True):
        if folded:
            feed.sequence(at=NOON)
            actions.fold()
        with queries.still():
            now = queries.fresh()
            for narrow in ({}, {"department_id": world.bureau}):
                cut = queries.Cut(PROVINCE, DAY - timedelta(days=9), DAY, **narrow)
                for by in ((), ("department_id",), ("department_id", "day")):
                    found = queries.totals(cut, by, now=now, subject=Subject.DEPARTMENT)
                    assert [queries.counts(row).total for row in found] == [1], (narrow, by)


def test_figures_end_at_the_border_of_the_scope(world: people.Place) -> None:
    rated(5)
    rated(5, region=str(people.ELSEWHERE))
    for city, other in ((people.CITY, people.ELSEWHERE), (people.ELSEWHERE, people.CITY)):
        figures = queries.figures(scope(city), DAY, DAY)
        assert figures.whole.total == 1
        assert other // 10**6 not in figures.by_city
    assert queries.figures(PROVINCE, DAY, DAY).whole.total == 2


@pytest.mark.django_db(transaction=True)
def test_no_reader_ever_sees_a_wrong_figure_while_others_write_roll_back_and_fold() -> None:
    """Data design §2 "Exactness": writers, rollbacks and a folder at work.

    Each read is compared with a recount in the same snapshot.
    """
    people.build()
    stop = threading.Event()
    failures: list[BaseException] = []

    def guarded(work: object) -> threading.Thread:
        def run() -> None:
            try:
                while not stop.is_set():
                    work()  # type: ignore[operator]
            except BaseException as error:  # noqa: BLE001 - shown to the test
                failures.append(error)
            finally:
                connection.close()

        return threading.Thread(target=run)

    def write() -> None:
        with transaction.atomic():
            rated(random.choice((5, 4, 2)))
            if random.random() < 0.3:
                transaction.set_rollback(True)

    def fold() -> None:
        feed.sequence(limit=7, at=clock.now())
        actions.fold()

    threads = [guarded(write), guarded(write), guarded(fold)]
    for thread in threads:
        thread.start()
    wrong = reads = 0
    try:
        while reads < 60:
            with transaction.atomic():
                rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                truth = rows(RECOUNT)[0]
                reads += 1
                wrong += seen()[:4] != (
                    truth["total"],
                    truth["bad"],
                    truth["services"],
                    truth["follow_ups"],
                )
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    assert wrong == 0
    numbers = list(feed_tables.Batch.objects.order_by("no").values_list("no", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 3


@given(st.lists(st.tuples(*[st.integers(0, 1000)] * 5), min_size=1, max_size=5))
def test_counts_add_up_and_rates_have_their_denominators(
    parts: list[tuple[int, int, int, int, int]],
) -> None:
    whole = sum((rules.Counts(part) for part in parts), rules.Counts())
    assert whole.good + whole.bad == whole.total == sum(map(sum, parts))
    assert (whole.good_rate is None) == (whole.total == 0)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_the_interval_holds_the_share_and_narrows_with_numbers(successes: int, more: int) -> None:
    total = successes + more
    low, high = rules.wilson(successes, total)
    assert 0 <= low <= high <= 1
    if total:
        assert low - 1e-9 <= successes / total <= high + 1e-9
        wider = rules.wilson(successes * 4, total * 4)
        assert wider[1] - wider[0] < high - low
