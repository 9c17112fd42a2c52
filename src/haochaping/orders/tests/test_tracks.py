"""What goes on beside an order.

Extension, objection, return and arbitration, supervision, merging, undoing, the citizen's word.
"""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta

import people
import pytest
from django.db import connection
from people import NOON

from haochaping.calendar import actions as working_days
from haochaping.calendar import queries as calendars
from haochaping.directory import models as directory
from haochaping.feedback import actions as feedback
from haochaping.feedback.queries import progress as progress_of
from haochaping.identity.rules import SamePerson
from haochaping.kernel.errors import NotAllowed
from haochaping.notifications import models as messages
from haochaping.orders import actions, models, queries, rules
from haochaping.orders.tests.test_orders import RETURN, go, opened
from haochaping.policies import actions as policies
from haochaping.policies.rules import BadTerms
from haochaping.routing import actions as routing
from haochaping.supervision.queries import board

OBJECTION = {"claim": "malicious", "reason": "群众未到过本窗口", "evidence": "监控与取号记录"}


def dispatched(world: people.Place) -> int:
    """Return an order that its department has signed for."""
    order = opened()
    go(order, "dispatch", world.users["agent"], department=str(world.bureau))
    go(order, "sign", world.users["handler"])
    return order


def at(order: int) -> models.Order:
    """Return the order as it is now."""
    return models.Order.objects.get(pk=order)


def test_an_extension_is_asked_once_before_the_deadline_and_granted_by_another_office(
    world: people.Place,
) -> None:
    order = dispatched(world)
    due = at(order).due_at
    go(order, "extend", world.users["handler"], days="3", reason="需专家论证")
    with pytest.raises(NotAllowed):
        go(order, "grant_extension", world.users["handler"])
    go(order, "grant_extension", world.users["city"])
    assert due is not None
    assert at(order).due_at == calendars.current(people.CITY).after(due, 3)
    with pytest.raises(rules.TooLate):
        go(order, "extend", world.users["handler"], days="1", reason="再延")
    late = dispatched(world)
    with pytest.raises(rules.TooLate):
        go(
            late,
            "extend",
            world.users["handler"],
            NOON + timedelta(days=30),
            days="1",
            reason="晚了",
        )
    progress = progress_of(at(order).evaluation_id)
    assert progress is not None
    assert progress.extended


def test_two_persons_uphold_an_objection_and_one_cannot(world: people.Place) -> None:
    order = dispatched(world)
    go(order, "object", world.users["handler"], **OBJECTION)
    with pytest.raises(NotAllowed):
        go(order, "uphold_objection", world.users["handler"], finding="x")
    go(order, "uphold_objection", world.users["city"], finding="监控显示无此人")
    assert at(order).state == rules.State.VERIFYING
    with pytest.raises(SamePerson):
        go(order, "uphold_objection", world.users["city"], finding="再来一次")
    assert (
        go(order, "uphold_objection", world.users["province"], finding="复核属实")
        is rules.State.CLOSED
    )
    assert at(order).set_aside
    (track,) = models.Track.objects.filter(order_id=order)
    assert (track.first_by, track.ended_by) == (world.users["city"], world.users["province"])


def test_an_objection_that_one_person_rejects_fails_and_the_order_goes_on(
    world: people.Place,
) -> None:
    order = dispatched(world)
    go(order, "object", world.users["handler"], **OBJECTION)
    go(order, "reject_objection", world.users["city"], finding="确有此事")
    go(order, "uphold_objection", world.users["province"], finding="有疑")
    assert (at(order).state, at(order).set_aside) == (rules.State.VERIFYING, False)
    with pytest.raises(rules.TooLate):
        go(order, "object", world.users["handler"], **OBJECTION)
    late = dispatched(world)
    with pytest.raises(rules.TooLate):
        go(late, "object", world.users["handler"], NOON + timedelta(days=20), **OBJECTION)


def test_a_return_needs_a_ground_and_comes_once_in_time_then_it_is_arbitrated(
    world: people.Place,
) -> None:
    agent, handler, city = (world.users[name] for name in ("agent", "handler", "city"))
    order = opened()
    go(order, "dispatch", agent, department=str(world.bureau))
    with pytest.raises(rules.NotNow):
        go(order, "dispute", handler, **RETURN)
    with pytest.raises(rules.Incomplete):
        go(order, "decline", handler, reason="不归我管", ground="no such ground")
    go(order, "decline", handler, **RETURN)
    go(order, "dispatch", agent, department=str(world.bureau))
    with pytest.raises(rules.TooLate):
        go(order, "decline", handler, **RETURN)
    go(order, "dispute", handler, **RETURN)
    since = at(order).dispatched_at
    assert (
        go(
            order,
            "arbitrate",
            city,
            NOON + timedelta(hours=3),
            department=str(world.bureau),
            reason="依三定属该局",
        )
        is rules.State.DISPATCHED
    )
    assert (at(order).dispatched_at, at(order).declined) == (since, 1)  # the clock went on
    other = opened()
    go(other, "dispatch", agent, department=str(world.bureau))
    with pytest.raises(rules.TooLate):
        go(other, "decline", handler, NOON + timedelta(days=2), **RETURN)
    row = next(
        row
        for row in board(people.EVERYWHERE, NOON).departments
        if row.name == "连云港市行政审批局"
    )
    assert row.returned == 1


def test_nobody_acts_and_the_whole_ladder_fires_once_with_cards_and_the_office_above_is_told(
    world: people.Place,
) -> None:
    order = dispatched(world)
    due = at(order).due_at
    assert due is not None
    moment = NOON
    while moment < due + timedelta(days=20):
        moment += timedelta(hours=5)
        actions.sweep(at=moment)
        actions.sweep(at=moment)
    verbs = list(
        models.Step.objects.filter(order_id=order, move__in=rules.RUNGS)
        .order_by("pk")
        .values_list("move", flat=True)
    )
    assert verbs == list(rules.RUNGS)
    assert {track.kind for track in models.Track.objects.filter(order_id=order, ended_at=None)} == {
        "supervision",
        "circular",
    }
    (row,) = board(people.EVERYWHERE, moment).departments
    assert (row.yellow, row.red, row.urged, row.overdue) == (1, 1, 1, 1)
    told = messages.Notice.objects.filter(subject_id=order)
    assert set(told.filter(department_id=world.bureau).values_list("topic", flat=True)) >= {
        "remind",
        "warn",
        "urge",
        "supervise",
        "circular",
    }
    assert set(
        told.filter(office=320000000000, right="supervise").values_list("topic", flat=True)
    ) == {"supervise", "circular"}  # a city's bureau
    go(order, "answer_supervision", world.users["handler"], moment, measures="已安排专人")
    go(order, "lift_supervision", world.users["province"], moment, reason="已整改")
    go(order, "interview", world.users["province"], moment, note="约谈分管负责人")
    assert not models.Track.objects.filter(order_id=order, ended_at=None).exists()


def test_people_supervise_with_the_same_verbs(world: people.Place) -> None:
    order = dispatched(world)
    with pytest.raises(NotAllowed):
        go(order, "supervise", world.users["agent"])
    go(order, "urge", world.users["city"], note="请尽快")
    go(order, "supervise", world.users["city"], note="群众反映强烈")
    with pytest.raises(rules.NotNow):
        go(order, "supervise", world.users["province"])
    with pytest.raises(rules.NotNow):
        go(order, "remind", world.users["province"])  # the platform's own
    go(order, "instruct", world.users["province"], note="限期办结")


def test_what_took_others_along_is_not_taken_back(world: people.Place) -> None:
    agent, handler = world.users["agent"], world.users["handler"]
    lead, follower = opened(), opened()
    go(lead, "dispatch", agent, department=str(world.bureau))
    go(follower, "dispatch", agent, department=str(world.bureau))
    go(follower, "merge", agent, lead=at(lead).number)
    go(lead, "sign", handler)  # alone it could be undone
    with pytest.raises(rules.NotNow):
        actions.undo(order_id=lead, by=handler, at=NOON)
    assert at(lead).state == at(follower).state == "verifying"


def test_followers_go_with_their_lead_until_each_citizen_is_called(world: people.Place) -> None:
    agent, handler = world.users["agent"], world.users["handler"]
    lead, second, third = opened(), opened(), opened()
    go(lead, "dispatch", agent, department=str(world.bureau))
    for other in (second, third):
        go(other, "dispatch", agent, department=str(world.bureau))
        go(other, "merge", agent, lead=at(lead).number)
    with pytest.raises(rules.NotNow):
        go(second, "sign", handler)
    with pytest.raises(actions.NoLead):
        go(lead, "merge", agent, lead=at(second).number)
    go(lead, "sign", handler)
    go(lead, "contact", handler, way="phone", note="已联系")
    go(lead, "interim", handler, reply="正在排查")
    for order in (second, third):  # what is said to one citizen is said to all
        told = {step.move for step in queries.timeline(order)}
        assert {"contact", "interim"} <= told
    go(lead, "dismiss", handler, finding="系统故障")
    go(lead, "reply", handler, reply="已修复")
    assert {at(order).state for order in (lead, second, third)} == {"replied"}
    go(second, "call_back", agent, satisfaction="unsatisfied")
    go(second, "reopen", agent, reason="仍有问题")
    assert (at(second).state, at(lead).state, at(second).lead_id) == ("rectifying", "replied", None)
    assert models.Step.objects.filter(order_id=third, move="reply").exists()


def test_followers_are_free_when_their_lead_ends_or_their_own_history_forbids_the_move(
    world: people.Place,
) -> None:
    agent, handler = world.users["agent"], world.users["handler"]
    lead, returned, other = opened(), opened(), opened()
    go(returned, "dispatch", agent, department=str(world.bureau))
    go(returned, "decline", handler, **RETURN)
    for order in (lead, returned, other):
        go(order, "dispatch", agent, department=str(world.bureau))
    for order in (returned, other):
        go(order, "merge", agent, lead=at(lead).number)
    go(lead, "decline", handler, **RETURN)
    assert [(at(order).state, at(order).lead_id) for order in (returned, other)] == [
        ("dispatched", None),
        ("opened", lead),
    ]
    go(lead, "dispatch", agent, department=str(world.bureau))
    go(lead, "sign", handler)
    go(lead, "object", handler, **OBJECTION)
    for who in ("city", "province"):
        go(lead, "uphold_objection", world.users[who], finding="x")
    assert (at(lead).state, at(other).lead_id) == ("closed", None)
    assert go(other, "dismiss", handler, finding="x") is rules.State.ANSWERING


def test_a_move_is_taken_back_by_who_made_it_within_minutes_and_before_anything_followed(
    world: people.Place,
) -> None:
    agent, handler = world.users["agent"], world.users["handler"]
    order = opened()
    before = at(order)
    go(order, "dispatch", agent, department=str(world.bureau))
    with pytest.raises(rules.NotNow):
        actions.undo(order_id=order, by=world.users["city"], at=NOON)
    with pytest.raises(rules.NotNow):
        actions.undo(order_id=order, by=agent, at=NOON + timedelta(minutes=11))
    assert (
        actions.undo(order_id=order, by=agent, at=NOON + timedelta(minutes=1)) is rules.State.OPENED
    )
    after = at(order)
    assert (after.due_at, after.dispatched_at, after.climb_at) == (
        before.due_at,
        None,
        before.climb_at,
    )
    go(order, "dispatch", agent, department=str(world.bureau))
    go(order, "sign", handler)
    with pytest.raises(rules.NotNow):
        actions.undo(order_id=order, by=agent, at=NOON)


def test_a_bulk_move_tells_of_each_order(world: people.Place) -> None:
    orders = [opened(), opened(), dispatched(world)]
    done = actions.advance_many(
        order_ids=orders,
        move="dispatch",
        given={"department": str(world.bureau)},
        by=world.users["agent"],
        at=NOON,
    )
    assert [one.refusal.code if one.refusal else "" for one in done] == ["", "", "not_now"]
    foreign = actions.advance_many(
        order_ids=orders[:1], move="dispatch", given={}, by=world.users["foreign"], at=NOON
    )
    assert (foreign[0].refusal and foreign[0].refusal.code, foreign[0].number) == (
        "not_allowed",
        "",
    )


def replied(world: people.Place) -> int:
    """Return an order that was answered."""
    order = dispatched(world)
    go(order, "uphold", world.users["handler"], finding="属实")
    go(order, "rectify", world.users["handler"], measures="已改")
    go(order, "reply", world.users["handler"], reply="已改")
    return order


def test_the_citizen_judges_asks_again_and_can_open_a_closed_order_once_more(
    world: people.Place,
) -> None:
    order = dispatched(world)
    key = at(order).evaluation_id
    with pytest.raises(rules.NotNow):
        feedback.judge(evaluation_id=key, satisfied=True, at=NOON)
    feedback.ask_again(evaluation_id=key, words="到底什么时候能办好？", at=NOON)
    assert messages.Notice.objects.filter(topic="citizen", department_id=world.bureau).exists()
    with pytest.raises(rules.Incomplete):
        feedback.ask_again(evaluation_id=key, words=" ", at=NOON)
    order = replied(world)
    key = at(order).evaluation_id
    with pytest.raises(rules.Incomplete):
        feedback.judge(evaluation_id=key, satisfied=False, at=NOON)
    assert (
        feedback.judge(evaluation_id=key, satisfied=False, words="还是不行", at=NOON)
        is rules.State.RECTIFYING
    )
    go(order, "rectify", world.users["handler"], measures="再改")
    go(order, "reply", world.users["handler"], reply="再答")
    assert feedback.judge(evaluation_id=key, satisfied=True, at=NOON) is rules.State.CLOSED
    weeks = NOON + timedelta(days=29)
    assert [
        actions.ask_second_opinion(at=NOON),
        actions.ask_second_opinion(at=weeks),
        actions.ask_second_opinion(at=weeks),
    ] == [0, 1, 0]
    assert (
        feedback.judge(evaluation_id=key, satisfied=False, words="问题又出现了", at=weeks)
        is rules.State.RECTIFYING
    )
    assert at(order).reopened == 2
    with pytest.raises(rules.NotNow):
        feedback.judge(evaluation_id=key, satisfied=True, at=weeks)


def test_a_rule_dispatches_at_once_and_the_most_specific_one_wins(world: people.Place) -> None:
    city = world.users["city"]
    special = directory.Department.objects.create(
        uscc=people.uscc("11320700MB03070A1"), name="连云港市数据局", region=people.CITY
    )
    routing.keep(
        region=people.CITY,
        rated_department_id=None,
        item_id=None,
        department_id=world.bureau,
        by=city,
        at=NOON,
    )
    order = opened()
    assert (at(order).state, at(order).department_id) == ("dispatched", world.bureau)
    routing.keep(
        region=people.CITY,
        rated_department_id=world.bureau,
        item_id=None,
        department_id=special.pk,
        by=city,
        at=NOON,
    )
    assert at(opened()).department_id == special.pk
    with pytest.raises(NotAllowed):
        routing.keep(
            region=people.CITY,
            rated_department_id=None,
            item_id=None,
            department_id=world.bureau,
            by=world.users["foreign"],
            at=NOON,
        )


def test_orders_follow_the_successor_of_a_department_and_the_clock_goes_on(
    world: people.Place,
) -> None:
    successor = directory.Department.objects.create(
        uscc=people.uscc("11320700MB03070A1"), name="连云港市数据局", region=people.CITY
    )
    order = dispatched(world)
    due = at(order).due_at
    assert (
        actions.succeed(
            department_id=world.bureau, successor_id=successor.pk, by=world.users["city"], at=NOON
        )
        == 1
    )
    assert (at(order).department_id, at(order).due_at, at(order).state) == (
        successor.pk,
        due,
        "verifying",
    )


def test_a_policy_is_proposed_previewed_and_approved_by_another_person(world: people.Place) -> None:
    city, province = world.users["city"], world.users["province"]
    order = dispatched(world)
    due = at(order).due_at
    day = NOON.date()
    with pytest.raises(BadTerms):
        policies.propose(
            region=people.CITY,
            valid_from=day,
            values={"ordinary": 20},
            source="试行",
            redate=True,
            by=city,
            at=NOON,
        )
    values = {"ordinary": 2, "complex": 3}
    policy = policies.propose(
        region=people.CITY,
        valid_from=day,
        values=values,
        source="市政务办〔2026〕1 号",
        redate=True,
        by=city,
        at=NOON,
    )
    (shown,) = queries.would_change(policy, NOON)
    (change,) = queries.redated(policy)
    assert (shown.due_at, shown.new_due_at) == (due, change.due_at)
    assert (change.order.pk, change.due_at) == (
        order,
        calendars.current(people.CITY).after(NOON, 2),
    )
    assert at(order).due_at == due  # a preview changes nothing
    with pytest.raises(SamePerson):
        policies.approve(policy_id=policy, by=city, at=NOON)
    assert policies.approve(policy_id=policy, by=province, at=NOON) == 1
    assert at(order).due_at == change.due_at
    assert models.Step.objects.filter(order_id=order, move="redate").count() == 1
    assert at(opened()).terms["ordinary"] == 2
    with pytest.raises(NotAllowed):
        policies.propose(
            region=people.CITY,
            valid_from=day,
            values={},
            source="x",
            redate=False,
            by=world.users["foreign"],
            at=NOON,
        )


def test_a_corrected_calendar_moves_no_old_deadline_until_somebody_says_so(
    world: people.Place,
) -> None:
    order = dispatched(world)
    due = at(order).due_at
    assert due is not None
    rows = [{"日期": str(due.date()), "上班": "0"}]
    change = working_days.propose(rows=rows, source="更正", by=world.users["province"], at=NOON)
    working_days.decide(proposal_id=change, approve=True, by=0, at=NOON)
    assert at(order).due_at == due
    actions.redate(order_id=order, by=world.users["city"], at=NOON)
    assert at(order).due_at == calendars.current(people.CITY).after(due, 1)


SWEEP = """
import json, os, sys, django
from django.conf import settings
settings.DATABASES["default"].update(json.loads(os.environ["THE_DATABASE"]))
django.setup()
from datetime import datetime
from haochaping.orders import actions
from haochaping.orders.actions import _saving, climbing
told = _saving.tell_offices
def tell(*given):
    told(*given)
    if sys.argv[1] == "die":
        print("in the middle", flush=True)
        os.kill(os.getpid(), 9)
_saving.tell_offices = tell
print(climbing.climb(limit=10, at=datetime.fromisoformat(sys.argv[2])), flush=True)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_a_sweep_has_done_nothing_and_the_next_does_it_once() -> None:
    world = people.build()
    order = dispatched(world)
    late = at(order).climb_at
    assert late is not None
    database = {
        name: str(connection.settings_dict[name])
        for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    }
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "haochaping.config.settings",
        "THE_DATABASE": json.dumps(database),
    }
    for how, status in (("die", -signal.SIGKILL), ("live", 0)):
        run = subprocess.run(
            [sys.executable, "-c", SWEEP, how, late.isoformat()],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == status, run.stderr
    assert models.Step.objects.filter(order_id=order, move="remind").count() == 1
    assert messages.Notice.objects.filter(subject_id=order, topic="remind").count() == 1
