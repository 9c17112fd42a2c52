"""The roll-ups are what the facts say, whatever happens in whatever order."""

import random
from dataclasses import replace
from datetime import date, timedelta

import people
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from people import NOON, given_rating, given_record, register, submit

from haochaping.analytics import actions, queries, rules
from haochaping.analytics.queries import kept
from haochaping.analytics.rules import grains
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations.rules import AlreadyRated, Given, Kind
from haochaping.feed import actions as feed
from haochaping.kernel.db import rows
from haochaping.kernel.errors import Refusal
from haochaping.kernel.moments import begin_of, business_day
from haochaping.orders import actions as orders
from haochaping.regions.rules import scope

DAY = business_day(NOON)
PROVINCE = scope(320000000000)
SINCE, UNTIL = DAY - timedelta(days=400), DAY + timedelta(days=70)


class History:
    """What happens, drawn by dice; every step goes through the real door."""

    def __init__(self, world: people.Place, seed: int) -> None:
        self.world, self.dice = world, random.Random(seed)
        self.rated: list[tuple[int, people.record.Given]] = []
        self.orders: list[int] = []
        self.gone: set[int] = set()

    def serve(self) -> None:
        """A service, rated at once, later, or never; by persons and enterprises."""
        ago = timedelta(days=self.dice.choice((0, 1, 20, 45, 100)), hours=self.dice.randrange(9))
        service = given_record(
            served_at=(NOON - ago).isoformat(),
            region=str(self.dice.choice((people.CITY, people.CITY + 3 * 10**6, PROVINCE[0]))),
            applicant=people.record.Applicant(
                "某人", self.dice.choice((1, 2)), "111", phone="13812345678"
            ),
        )
        register(service)
        if self.dice.random() < 0.8:
            level = self.dice.choice((5, 5, 4, 3, 2, 1))
            at = NOON - self.dice.random() * ago
            (stored,) = submit(given_rating(service, level, rated_at=at.isoformat()))
            assert stored.key is not None
            self.rated.append((stored.key, service))

    def follow(self) -> None:
        """A follow-up, better or worse."""
        if self.rated:
            _, service = self.dice.choice(self.rated)
            submit(given_rating(service, self.dice.choice((5, 1)), kind=Kind.FOLLOW_UP))

    def replace(self) -> None:
        """A citizen's last word."""
        if self.rated:
            key, service = self.dice.choice(self.rated)
            level = self.dice.choice((5, 3, 1))
            again = given_rating(service, level)
            with_moment = Given(**{name: getattr(again, name) for name in again.__struct_fields__})
            try:
                evaluations.replace(given=with_moment, record_id=key, by=0, at=NOON)
            except (AlreadyRated, Refusal):
                return

    def set_aside(self) -> None:
        """An objection that was upheld."""
        open_ = [key for key, _ in self.rated if key not in self.gone]
        if open_:
            key = self.dice.choice(open_)
            self.gone.add(key)
            evaluations.set_aside(evaluation_ids=[key], at=NOON)

    def restore(self) -> None:
        """An appeal that was upheld: the same rating twice changes nothing more."""
        if self.gone:
            evaluations.restore(evaluation_id=self.dice.choice(sorted(self.gone)), at=NOON)

    def order(self) -> None:
        """An order, opened or moved on."""
        if self.orders and self.dice.random() < 0.7:
            self.move(self.dice.choice(self.orders))
        elif self.rated:
            key, _ = self.dice.choice(self.rated)
            self.orders.append(orders.open_for(evaluation_id=key, at=NOON))

    def move(self, order: int) -> None:
        """The next step of the loop."""
        users, bureau = self.world.users, self.world.bureau
        steps = (
            ("dispatch", "agent", {"department": str(bureau)}),
            ("sign", "handler", {}),
            ("uphold", "handler", {"finding": "属实，窗口解释不清"}),
            ("rectify", "handler", {"measures": "已调整窗口并重新培训"}),
            ("reply", "handler", {"reply": "已为您补办，向您致歉"}),
            ("call_back", "agent", {"satisfaction": self.dice.choice(("satisfied", "unreached"))}),
            ("close", "agent", {}),
        )
        later = NOON + timedelta(days=self.dice.choice((0, 1, 12)))
        for move, who, facts in steps:
            try:
                orders.advance(order_id=order, move=move, given=facts, by=users[who], at=later)
            except Refusal:
                continue
            return

    def number(self) -> None:
        """The feed is numbered, in part."""
        feed.sequence(limit=self.dice.choice((1, 50)), at=NOON)

    def fold(self) -> None:
        """What is numbered is folded."""
        actions.fold()

    def rebuild(self) -> None:
        """An operator makes months anew in the middle of it."""
        actions.rebuild(since=DAY - timedelta(days=50), until=DAY)
        if self.dice.random() < 0.3:
            actions.rebuild_loop()


def truth(where: str = "true") -> tuple[int, ...]:
    """Count the ratings themselves, by level, as first given."""
    sums = ", ".join(f"count(*) FILTER (WHERE level = {n}) AS n{n}" for n in range(5, 0, -1))
    return tuple(rows(f"SELECT {sums} FROM evaluations_evaluation WHERE {where}")[0].values())


def last_words(where: str = "true") -> tuple[int, ...]:
    """Count the adjusted figures from the ratings, their replacements, and what was set aside for
    good.
    """
    level = "COALESCE(r.level, e.level)"
    sums = ", ".join(f"count(*) FILTER (WHERE {level} = {n}) AS n{n}" for n in range(5, 0, -1))
    return tuple(
        rows(
            f"""SELECT {sums} FROM evaluations_evaluation e
                  LEFT JOIN evaluations_replacement r ON r.evaluation_id = e.id
                 WHERE (NOT EXISTS (SELECT FROM evaluations_setaside s WHERE s.evaluation_id = e.id)
                   OR EXISTS (SELECT FROM evaluations_restored b WHERE b.evaluation_id = e.id))
                   AND {where}"""
        )[0].values()
    )


def seen(cut: queries.Cut) -> rules.Counts:
    """Return what the figures say of a cut now."""
    found = queries.totals(cut, now=queries.fresh())
    return queries.counts(found[0]) if found else rules.Counts()


def agree(world: people.Place) -> None:
    """Every way to ask gives what the rows themselves say."""
    cut = queries.Cut(PROVINCE, SINCE, UNTIL)
    whole = seen(cut)
    assert whole.levels == truth()
    assert whole.adjusted.levels == last_words()
    services = rows("SELECT count(*) AS n FROM records_record")[0]["n"]
    assert (whole.services, whole.rated) == (services, sum(whole.levels))
    for name, value, column in (
        ("department_id", world.bureau, "department_id"),
        ("channel", int(people.rating.Channel.TABLET), "channel"),
        ("party", 2, None),
    ):
        one = seen(queries.Cut(PROVINCE, SINCE, UNTIL, **{name: value}))
        where = (
            f"{column} = {value}"
            if column
            else "(SELECT applicant_kind FROM records_record r WHERE r.id = e.id) <> 1"
        )
        assert one.adjusted.levels == last_words(where if column is None else f"e.{where}")
    for day in (DAY, DAY - timedelta(days=1), DAY - timedelta(days=20)):
        assert seen(queries.Cut(PROVINCE, day, day)).levels == truth(f"day = '{day}'")
    loop = queries.loops(cut, now=queries.fresh())[0]
    answers = rows("SELECT count(*) AS opened, count(answer_due_at) AS due FROM orders_order")[0]
    assert (loop["opened"], loop["due"]) == (answers["opened"], answers["due"])
    every_table_agrees()


def added(found: list[dict[str, int]], names: tuple[str, ...]) -> tuple[int, ...]:
    """Add rows up."""
    return tuple(sum(row[name] for row in found) for name in names)


def every_table_agrees() -> None:
    """Whichever tables a plan chooses, of cities or counties, days or months, units or places."""
    now = queries.fresh()
    whole = queries.Cut(PROVINCE, grains.month_of(SINCE), grains.last_of_month(UNTIL))
    counties = {int(row["county"]) for row in queries.totals(whole, ("county",), now=now)}
    parts = [replace(whole, scope=(one * 10**6, one * 10**6 + 999_999)) for one in counties]
    truth = added(queries.totals(whole, now=now), grains.SUMS)
    for by in ((), ("city",), ("county",), ("day",), ("month",), ("channel", "party")):
        assert added(queries.totals(whole, by, now=now), grains.SUMS) == truth, by
    narrow = [row for one in parts for row in queries.totals(one, now=now)]
    assert added(narrow, grains.SUMS) == truth
    for of in (grains.Subject.DEPARTMENT, grains.Subject.ITEM):
        found = queries.totals(whole, (of.value,), now=now, subject=of)
        by_channel = queries.totals(whole, (of.value, "channel"), now=now, subject=of)
        assert added(found, grains.SUMS) == added(by_channel, grains.SUMS) == truth
        adjusted = [n - x for n, x in zip(truth[:5], truth[5:10], strict=True)]
        levels = queries.levels(whole, of, now=now)
        assert [sum(one) for one in zip(*levels.values(), strict=True)] == adjusted or not levels
    hours = added(queries.hours(whole, ("weekday", "hour"), now=now), grains.LEVELS)
    assert hours == added(queries.hours(whole, ("day",), now=now), grains.LEVELS) == truth[:5]
    codes = [row for one in parts for row in queries.codes(one, now=now)]
    assert added(codes, grains.CODES) == added(queries.codes(whole, now=now), grains.CODES)
    loop = added(queries.loops(whole, now=now), grains.LOOP)
    for by in (("department_id",), ("county",), ("month",)):
        assert added(queries.loops(whole, by, now=now), grains.LOOP) == loop
    lengths = [queries.lengths(one, now=now) for one in (whole, *parts)]
    counted = [sum(n for some in one.values() for _, n in some) for one in lengths]
    assert counted[0] == sum(counted[1:])


@pytest.mark.slow
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking a history takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.integers(0, 2**32),
    st.lists(
        st.sampled_from(
            ["serve"] * 6
            + ["follow", "replace", "replace", "set_aside", "restore", "order", "order", "order"]
            + ["number", "number", "fold", "fold", "rebuild"]
        ),
        min_size=15,
        max_size=40,
    ),
)
def test_the_figures_equal_a_recount_after_any_history(
    world: people.Place, seed: int, steps: list[str]
) -> None:
    history = History(world, seed)
    for step in steps:
        getattr(history, step)()
    agree(world)
    assert queries.recount(SINCE, UNTIL) == []
    while feed.sequence(at=NOON) or actions.fold():
        pass
    agree(world)
    assert queries.recount(SINCE, UNTIL) == []


def test_a_recount_names_the_table_and_the_day_that_is_wrong(world: people.Place) -> None:
    people.rated(2)
    feed.sequence(at=NOON)
    actions.fold()
    assert queries.recount(DAY, DAY) == []
    rows("UPDATE analytics_departmentday SET n2 = n2 + 1")
    rows("UPDATE analytics_codemonth SET n = n + 1")
    found = {(one.table, one.day) for one in queries.recount(DAY, DAY)}
    assert found == {
        ("analytics_departmentday", DAY),
        ("analytics_codemonth", grains.month_of(DAY)),
    }
    actions.rebuild(since=DAY, until=DAY)
    assert queries.recount(DAY, DAY) == []


def test_a_recount_misses_people_and_a_rebuild_brings_them_back(world: people.Place) -> None:
    people.rated(2)
    feed.sequence(at=NOON)
    actions.fold()
    rows("DELETE FROM analytics_register WHERE city = 0")
    rows("UPDATE analytics_register SET rho = 0")
    found = [(one.table, one.day, one.cells) for one in queries.recount(DAY, DAY)]
    assert found == [("analytics_register", grains.month_of(DAY), 2)]
    actions.rebuild(since=DAY, until=DAY)
    rows("UPDATE analytics_register SET rho = rho + 1 WHERE city <> 0")  # of who was erased since
    assert queries.recount(DAY, DAY) == []


def test_an_order_that_moves_between_two_reads_is_counted_once(world: people.Place) -> None:
    history = History(world, 1)
    key = people.rated(1)
    order = orders.open_for(evaluation_id=key, at=NOON)
    cut = queries.Cut(PROVINCE, SINCE, UNTIL)
    for expected in ("opened", "dispatched", "dispatched", "verified", "rectified", "replied"):
        found = queries.loops(cut, now=queries.fresh())[0]
        assert (found["opened"], found[expected]) == (1, 1)
        if expected != "verified":
            while feed.sequence(at=NOON) or actions.fold():
                pass
        history.move(order)
    found = queries.loops(cut, now=queries.fresh())[0]
    assert (found["due"], found["due_replied"], found["call_due"]) == (1, 1, 1)


@given(
    st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    st.integers(0, 500),
    st.sampled_from([of for of in (*grains.OF.values(), grains.OF_LOOP) if of.days]),
)
def test_a_plan_answers_every_day_of_a_period_once(
    since: date, days: int, of: grains.Choice
) -> None:
    until = since + timedelta(days=days)
    parts = grains.plan(of, since, until)
    answered = [
        part.since + timedelta(days=n)
        for part in parts
        for n in range((part.until - part.since).days + 1)
    ]
    assert sorted(answered) == [since + timedelta(days=n) for n in range(days + 1)]
    assert all(grains.whole_months(part.since, part.until) for part in parts if part.grain.monthly)


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.integers(0, 60))
def test_a_settled_question_is_never_answered_by_days_that_end_before_they_begin(
    since: date, days: int
) -> None:
    until = since + timedelta(days=days)
    (part,) = grains.plan(grains.Choice((), grains.OF_LOOP.months), since, until, settled=True)
    assert part.since <= part.until <= until
    assert grains.whole_months(part.since, part.until)


def test_a_limit_of_this_evening_is_not_missed_in_the_morning(world: people.Place) -> None:
    order = orders.open_for(evaluation_id=people.rated(1), at=NOON)
    History(world, 1).move(order)
    while feed.sequence(at=NOON) or actions.fold():
        pass
    due = rows("SELECT answer_due_at AS at FROM orders_order")[0]["at"]
    day = business_day(due)
    cut = queries.Cut(PROVINCE, day - timedelta(days=40), day + timedelta(days=9))
    for at, count in ((begin_of(day), 0), (begin_of(day + timedelta(days=1)), 1)):
        (found,) = queries.loops(cut, now=replace(queries.fresh(), today=business_day(at)))
        assert (found["opened"], found["due"]) == (1, count)


@pytest.mark.parametrize("people_", [0, 12, 900, 30_000])
def test_people_are_estimated_from_registers_within_the_error_that_is_shown(people_: int) -> None:
    from haochaping.analytics.rules.people import ERROR, estimate

    dice = random.Random(people_)
    registers: dict[int, int] = {}
    for _ in range(people_):
        blind = dice.randbytes(32)
        bucket = blind[0] * 16 + blind[1] // 16
        bits = f"{int.from_bytes(blind[2:6]):032b}"
        registers[bucket] = max(registers.get(bucket, 0), 33 - len(bits.lstrip("0")))
    found = estimate(len(registers), sum(2.0**-rho for rho in registers.values()))
    assert abs(found - people_) <= 4 * ERROR * people_ + 0.5


def test_whoever_rated_twice_is_one_person(world: people.Place) -> None:
    for _ in range(3):
        people.rated(5)
    people.rated(5, applicant=people.record.Applicant("别人", 1, "111", phone="13900001111"))
    while feed.sequence(at=NOON) or actions.fold():
        pass
    from haochaping.analytics.rules.people import estimate

    people.rated(5, region=str(PROVINCE[0]))  # an office of the province itself
    while feed.sequence(at=NOON) or actions.fold():
        pass
    now = queries.fresh()
    for place in (PROVINCE, scope(people.CITY)):
        assert round(estimate(*queries.registers(queries.Cut(place, DAY, DAY), now=now))) == 2


def test_what_was_asked_is_told_again_only_until_the_fold_goes_on(world: people.Place) -> None:
    cut = queries.Cut(PROVINCE, grains.month_of(DAY), grains.last_of_month(DAY))

    def counted() -> tuple[int, int]:
        """Return ratings, and how often the roll-ups were asked."""
        before = kept._asked.cache_info().misses
        (row,) = queries.totals(cut, now=queries.fresh(NOON))
        return sum(queries.counts(row).levels), kept._asked.cache_info().misses - before

    people.rated(5)
    while feed.sequence(at=NOON) or actions.fold():
        pass
    assert counted() == (1, 1)
    assert counted() == (1, 0)
    people.rated(4)
    assert counted() == (2, 0)  # what is not folded is added each time
    assert counted() == (2, 0)
    while feed.sequence(at=NOON) or actions.fold():
        pass
    assert counted() == (2, 1)
    rows("SELECT set_config('app.low', '1', true)")
    assert counted() == (2, 1)  # who sees other regions asks for themselves
