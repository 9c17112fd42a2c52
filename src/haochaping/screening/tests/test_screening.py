"""Screening holds with reasons, clears the rest, and a person releases."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import people
import pytest
from people import NOON, given_rating, given_record, rated, register, signed_in, submit
from procrastinate.contrib.django.models import ProcrastinateJob

from haochaping.audit import queries as trail
from haochaping.directory import models as directory
from haochaping.directory.queries import WindowFacts
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations.models import Restored, SetAside
from haochaping.feed import actions as feed
from haochaping.identity import queries as identity
from haochaping.identity.models import User
from haochaping.kernel.errors import NotAllowed
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.moments import LOCAL
from haochaping.notifications import queries as notices
from haochaping.notifications.models import Notice
from haochaping.screening import actions, models, queries, rules


def screened() -> None:
    """Let screening read everything that was handed in."""
    feed.sequence(at=NOON)
    actions.pull(at=NOON)


def jobs() -> list[int]:
    """Return the ratings for which an order was asked."""
    return [
        job.args["evaluation_id"]
        for job in ProcrastinateJob.objects.filter(task_name="orders.open_from")
    ]


def test_a_bad_rating_that_is_clear_asks_for_its_order_and_a_good_one_for_nothing(
    world: people.Place,
) -> None:
    bad, _good = rated(2), rated(5)
    screened()
    assert jobs() == [bad]
    assert not models.Hold.objects.exists()


@pytest.mark.parametrize(
    ("record", "rating", "reason"),
    [
        ({"window_code": "NOBODY"}, {}, rules.Reason.WINDOW_UNKNOWN),
        (
            {"served_at": (NOON - timedelta(hours=13)).isoformat()},
            {"rated_at": (NOON + timedelta(hours=10)).isoformat()},
            rules.Reason.OFF_HOURS,
        ),
        (
            {"accepted_at": (NOON + timedelta(hours=2)).isoformat()},
            {},
            rules.Reason.RATED_BEFORE_ACCEPTED,
        ),
        ({"service_number": 3}, {}, rules.Reason.SERVICE_GAP),
        ({"online": True}, {}, rules.Reason.ON_SITE_BUT_ONLINE),
    ],
)
def test_each_hard_rule_holds_the_rating_with_its_reason(
    world: people.Place, record: dict[str, object], rating: dict[str, object], reason: rules.Reason
) -> None:
    service = given_record(**record)
    register(service)
    submit(given_rating(service, 2, **rating))
    screened()
    assert models.Hold.objects.get().reasons == [reason]
    assert jobs() == []


def test_a_release_needs_a_reason_a_right_and_happens_once(world: people.Place) -> None:
    key = rated(1, window_code="NOBODY")
    screened()
    hold = models.Hold.objects.get()
    with pytest.raises(actions.NoteMissing):
        actions.release(hold_id=hold.pk, note=" ", by=world.users["city"], at=NOON)
    with pytest.raises(NotAllowed):
        actions.release(hold_id=hold.pk, note="x", by=world.users["foreign"], at=NOON)
    actions.release(hold_id=hold.pk, note="窗口刚启用，尚未登记", by=world.users["city"], at=NOON)
    with pytest.raises(actions.AlreadyReleased):
        actions.release(hold_id=hold.pk, note="again", by=world.users["city"], at=NOON)
    assert jobs() == [key]


def test_every_reason_has_its_detector_and_its_words() -> None:
    assert set(rules.DETECTORS) == set(rules.REASONS) == set(rules.Reason)


def facts(**changes: object) -> rules.Facts:
    """Return what is known of a rating that is as it should be."""
    usual = rules.Facts(
        rated_at=NOON,
        received_at=NOON,
        accepted_at=None,
        on_site=True,
        online=None,
        window_code="W1",
        window_known=True,
        window_in_use=True,
        opens=time(9),
        closes=time(17),
        service_number=1,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def clock_at(hour: int, minute: int, second: int = 0) -> datetime:
    """Return a moment of the day in China."""
    return datetime(2026, 11, 18, hour, minute, second, tzinfo=LOCAL)


def test_a_window_is_judged_as_it_was_when_it_was_rated() -> None:
    day = timedelta(days=1)
    usual = WindowFacts(1, "W1", "1", "H", time(9), time(17), in_use=True)
    closed = replace(usual, in_use=False, turns=((NOON, False),))
    assert [closed.in_use_at(NOON + n * day) for n in (-1, 0, 1)] == [True, False, False]
    again = replace(usual, turns=((NOON, False), (NOON + day, True)))
    assert [again.in_use_at(NOON + n * day) for n in (-1, 0, 1)] == [True, False, True]
    hall = replace(usual, in_use=False, hall_closed_on=(NOON + day).date())
    assert [hall.in_use_at(NOON + n * day) for n in (0, 1)] == [True, False]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"accepted_at": NOON}, None),
        ({"accepted_at": NOON + timedelta(seconds=1)}, "rated_before_accepted"),
        ({"rated_at": NOON + timedelta(minutes=10)}, None),
        ({"rated_at": NOON + timedelta(minutes=10, seconds=1)}, "future"),
        ({"window_code": None, "window_known": False, "window_in_use": False}, None),
        ({"window_known": False}, "window_unknown"),
        ({"window_in_use": False}, "window_closed"),
        ({"window_in_use": False, "on_site": False}, None),
        ({"online": False}, None),
        ({"online": True}, "on_site_but_online"),
        ({"online": True, "on_site": False}, None),
        ({"service_number": 2, "services_known": frozenset({1, 2})}, None),
        ({"service_number": 3, "services_known": frozenset({1, 3})}, "service_gap"),
        ({"service_number": 2}, "service_gap"),
        ({"on_site": False, "rated_at": clock_at(3, 0), "received_at": clock_at(3, 0)}, None),
    ],
)
def test_each_detector_fires_from_its_edge_on(
    changes: dict[str, object], reason: str | None
) -> None:
    assert rules.findings(facts(**changes)) == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (clock_at(8, 14, 59), True),
        (clock_at(8, 15), False),
        (clock_at(17, 45), False),
        (clock_at(17, 45, 1), True),
    ],
)
def test_a_window_may_run_three_quarters_of_an_hour_over(at: datetime, held: bool) -> None:
    assert bool(rules.findings(facts(rated_at=at, received_at=at))) == held


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (clock_at(6, 14), True),
        (clock_at(6, 15), False),
        (clock_at(21, 45), False),
        (clock_at(21, 46), True),
    ],
)
def test_a_window_without_hours_is_open_from_seven_to_nine(at: datetime, held: bool) -> None:
    found = rules.findings(facts(rated_at=at, received_at=at, opens=None, closes=None))
    assert bool(found) == held


def test_a_rating_is_screened_whenever_it_comes_after_its_service(world: people.Place) -> None:
    service = given_record()
    (stored,) = register(service)
    screened()
    assert jobs() == []
    submit(given_rating(service, 1))
    screened()
    assert jobs() == [stored.key]


def test_the_second_service_of_a_case_needs_the_first(world: people.Place) -> None:
    first = given_record()
    second = given_record(project_no=first.project_no, service_number=2)
    alone = given_record(service_number=2)
    register(first, second, alone)
    (good,) = submit(given_rating(second, 1))
    submit(given_rating(alone, 1))
    screened()
    assert jobs() == [good.key]
    assert models.Hold.objects.get().reasons == [rules.Reason.SERVICE_GAP]


def test_who_sets_a_windows_hours_hides_no_bad_rating_from_the_office_above(
    world: people.Place,
) -> None:
    directory.Window.objects.filter(code=world.window).update(opens="00:00", closes="00:01")
    bad, good = given_record(), given_record()
    register(bad, good)
    (held,) = submit(given_rating(bad, 1))
    submit(given_rating(good, 5))
    screened()
    assert models.Hold.objects.count() == 2
    (notice,) = Notice.objects.all()
    assert (notice.topic, notice.subject_id, notice.office) == ("held", held.key, 320000000000)
    province = identity.person(world.users["province"])
    assert list(notices.notices_for(province)) == [notice]


def test_a_rating_is_judged_by_the_hours_of_its_own_moment(world: people.Place) -> None:
    window = directory.Window.objects.get(code=world.window)
    bad = rated(1)
    directory.HoursChange.objects.create(
        window=window,
        region=people.CITY,
        was_opens=window.opens,
        was_closes=window.closes,
        opens="00:00",
        closes="00:01",
        proposed_by=1,
        proposed_at=NOON,
        decided_by=2,
        decided_at=NOON + timedelta(hours=1),
        approved=True,
    )
    directory.Window.objects.update(opens="00:00", closes="00:01")
    screened()
    assert jobs() == [bad]


def left_out(key: int) -> bool:
    """Say whether the adjusted figures leave a rating out."""
    restored = Restored.objects.filter(evaluation_id=key)
    return SetAside.objects.filter(evaluation_id=key).exists() and not restored.exists()


def test_a_rating_is_found_invalid_by_two_offices_and_can_be_taken_in_again(
    world: people.Place,
) -> None:
    key = rated(1, window_code="NOBODY")
    screened()
    hold = models.Hold.objects.get()
    both = {"hold_id": hold.pk, "note": "测试设备误报", "at": NOON}
    assert not actions.refute(by=world.users["city"], **both)
    assert not left_out(key)
    with pytest.raises(actions.OtherOffice):
        actions.refute(by=world.users["city"], **both)
    colleague = people.appointed("city2", "city", name="同事")
    with pytest.raises(actions.OtherOffice):  # a bad rating is nobody's own business
        actions.refute(by=colleague, **both)
    assert actions.refute(by=world.users["province"], **both)
    assert left_out(key)
    assert jobs() == []
    assert not queries.open_holds((0, 10**12)).exists()
    refuted = queries.found((0, 10**12), queries.Asked(state=rules.State.REFUTED))
    assert [one.pk for one in refuted] == [hold.pk]
    again = {**both, "note": "申诉成立"}
    for involved in ("city", "province"):
        with pytest.raises(actions.NotOfThose):
            actions.release(by=world.users[involved], **again)
    assert not actions.release(by=colleague, **again)
    with pytest.raises(actions.NotOfThose):
        actions.release(by=colleague, **again)
    assert left_out(key)
    fourth = people.appointed("city3", "city", name="又一同事")
    # an objection that was upheld as well leaves it out all the same
    evaluations.set_aside(evaluation_ids=[key], ground="objection", at=NOON)
    assert actions.release(by=fourth, **again)
    assert left_out(key)
    assert evaluations.restore(evaluation_id=key, ground="objection", at=NOON)
    assert not left_out(key)
    assert jobs() == [key]
    verbs = [one.verb for one in trail.of("evaluation", key)]
    assert verbs == ["doubt", "refute", "propose_restore", "restore"]


def test_a_second_opinion_is_possible_once_the_first_person_has_left(world: people.Place) -> None:
    key = rated(1, window_code="NOBODY")
    screened()
    both = {"hold_id": models.Hold.objects.get().pk, "note": "误报", "at": NOON}
    assert not actions.refute(by=world.users["city"], **both)
    User.objects.filter(pk=world.users["city"]).update(is_active=False)
    assert actions.refute(by=world.users["province"], **both)
    assert left_out(key)


def test_many_are_decided_at_once_and_each_refusal_is_told(world: people.Place) -> None:
    keys = [rated(level, window_code="NOBODY") for level in (5, 1, 4)]
    screened()
    # by key: in which order they are screened is the dice of their numbers
    found = dict(models.Hold.objects.values_list("evaluation_id", "pk"))
    holds = [found[key] for key in keys]
    city = signed_in(world.users["city"])
    page = city.post("/admin/holds/decide", {"hold": holds, "do": "release", "note": " "})
    assert page.status_code == 422
    form = {"hold": [*holds[:2], holds[0]], "do": "release", "note": "设备已补登记"}
    page = city.post("/admin/holds/decide?bad=1", form).content.decode()
    assert "已处理 2 条" in " ".join(page.split())
    assert "已被其他人员放行" in page
    assert models.Hold.objects.filter(released_at=None).count() == 1
    assert len(jobs()) == sum(level == 1 for level in (5, 1))
    for query, told in (
        ("?bad=1", False),
        ("?reason=window_unknown", True),
        ("?city=320500", False),
    ):
        shown = receipt_number(keys[2]) in city.get(f"/admin/holds/{query}").content.decode()
        assert shown is told
    assert city.get("/admin/holds/?state=released").status_code == 200
    foreign = signed_in(world.users["foreign"])
    stranger = foreign.post("/admin/holds/decide", {"hold": holds[2:], "do": "refute", "note": "x"})
    assert stranger.status_code == 403
