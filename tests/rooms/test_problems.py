"""Problems in the words of bad ratings: found, lasting, alarmed, handed off, and only within reach."""

import csv
import io
import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import people
import pytest
from people import NOON, given_rating, given_record, register, signed_in, submit

from haochaping.evaluations import actions as evaluations
from haochaping.evaluations.rules import Channel, Given, Rater
from haochaping.feed import actions as feed
from haochaping.identity.queries import person
from haochaping.kernel.moments import business_day
from haochaping.notifications.models import Notice
from haochaping.problems import actions, models, queries, rules
from haochaping.problems.actions import finding
from haochaping.problems.rules import campaign as stages
from haochaping.records import queries as records

pytestmark = pytest.mark.django_db
TODAY = business_day(NOON)
OTHERS = (
    "窗口排队等了两个小时",
    "材料要重复提交三遍",
    "工作人员说话不耐烦",
    "停车场找不到车位",
    "系统打不开，上传总失败",
    "办事指南和现场要求不一样",
    "承诺五天办结到现在没有消息",
    "跑了三趟还没有办成",
)
PAGES = ("三楼", "二楼", "今天上午", "上周", "带着老人", "从乡下来", "请假来的", "第二次来")
MACHINE = (
    "不动产登记窗口的取号机又坏了，取不到号",
    "取号机坏了两天没人修，不动产登记取不了号",
    "不动产登记大厅取号机坏，叫号也乱",
    "取号机一直坏，办不动产登记只能干等",
)


def complain(words: str, days_ago: int, phone: str, **changes: object) -> int:
    """Have somebody rate badly with these words, some days ago."""
    at = NOON - timedelta(days=days_ago)
    service = given_record(
        served_at=(at - timedelta(hours=1)).isoformat(),
        applicant=people.record.Applicant("某人", 1, "111", phone=phone),
        **changes,
    )
    register(service)
    (stored,) = submit(
        given_rating(service, 2, rated_at=at.isoformat(), words=words, rater=Rater(phone=phone))
    )
    assert stored.key is not None
    return stored.key


def replace_with(key: int, level: int) -> Given:
    """Return the rating that a citizen puts in place of theirs."""
    service = records.service(key)
    assert service is not None
    return Given(service.project_no, service.service_number, level, Channel.SMS, NOON.isoformat())


def read() -> None:
    """Have the feed read."""
    while feed.sequence(at=NOON) or finding.pull():
        pass


@pytest.fixture(scope="module")
def told(shared_world: people.Place) -> people.Place:
    """A year of small complaints, and this week a broken machine that five people tell of."""
    finding.seed(at=NOON)
    dice = random.Random(5)
    for number in range(210):
        words = f"{dice.choice(PAGES)}{dice.choice(OTHERS)}，{dice.choice(PAGES)}{number}号"
        complain(words, dice.randrange(10, 350), f"138{number:08d}")
    for number in range(5):
        complain(MACHINE[number % 4], number, f"139{number:08d}")
    complain(MACHINE[0], 0, "13900000000")  # the first of them once more
    read()
    assert finding.learn(since=TODAY - timedelta(days=400), at=NOON)
    finding.group(city=people.CITY // 10**6, today=TODAY)
    return shared_world


def machine() -> models.Problem:
    """Return the problem of the broken machine."""
    keys = {
        text.problem_id
        for text in models.Text.objects.filter(day__gt=TODAY - timedelta(days=7))
        if "取号机" in queries.words_of([text.pk])[text.pk]
    }
    (key,) = keys
    problem = queries.one(key or 0)
    assert problem is not None
    return problem


def test_people_are_counted_the_new_problem_is_an_alarm_and_its_id_lasts(
    told: people.Place,
) -> None:
    problem = machine()
    assert (problem.texts, problem.people, problem.lately) == (6, 5, 5)
    assert problem.emerging
    assert "取号机" in problem.name
    assert next(one.pk for one in queries.alarms(person(told.users["city"]).reach)) == problem.pk
    complain("取号机坏了，不动产登记取不到号，没人修", 0, "13955555555")
    read()
    assert finding.group(city=people.CITY // 10**6, today=TODAY) == 1
    again = machine()
    assert (again.pk, again.people) == (problem.pk, 6)
    actions.rename(problem_id=problem.pk, name="三楼取号机故障", by=told.users["city"], at=NOON)
    complain("不动产登记取号机又坏了", 0, "13966666666")
    read()
    finding.group(city=people.CITY // 10**6, today=TODAY)
    assert (machine().name, machine().people) == ("三楼取号机故障", 7)


@pytest.mark.usefixtures("told")
def test_of_erased_words_neither_they_nor_their_writer_would_be_known_again() -> None:
    gone, stays = (complain("排队太久", 1, f"1390000000{number}") for number in range(2))
    read()
    evaluations.erase(evaluation_id=gone, reason="asked", by=0, at=NOON)
    read()
    left, other = models.Text.objects.get(pk=gone), models.Text.objects.get(pk=stays)
    assert (left.digest, left.person, left.reasons) == ("", f"e{gone}", other.reasons)
    assert other.digest
    assert other.person != f"e{stays}"


@pytest.mark.usefixtures("told")
def test_a_complaint_that_was_changed_set_aside_or_restored_is_read_as_it_is_now() -> None:
    better, aside = (complain("取号机又坏了", 1, f"1390000001{number}") for number in range(2))
    read()
    assert models.Text.objects.filter(pk__in=[better, aside]).count() == 2
    given = replace_with(better, 5)
    evaluations.replace(given=given, record_id=better, by=0, at=NOON)
    evaluations.set_aside(evaluation_ids=[aside], at=NOON)
    read()
    assert not models.Text.objects.filter(pk__in=[better, aside]).exists()
    evaluations.restore(evaluation_id=aside, at=NOON)
    read()
    text = models.Text.objects.get(pk__in=[better, aside])
    assert (text.pk, text.grouped) == (aside, False)


def test_what_is_grouped_anew_leaves_no_problem_behind(
    told: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = people.CITY // 10**6
    ids = set(models.Text.objects.filter(city=city).values_list("problem_id", flat=True)) - {None}
    young = machine()
    actions.rename(problem_id=young.pk, name="坏了的取号机", by=told.users["city"], at=NOON)
    facts = {"asked": "修", "due_on": TODAY + timedelta(days=9), "at": NOON}
    campaign = actions.hand_off(
        problem_id=young.pk, department_id=told.bureau, by=told.users["city"], **facts
    )
    monkeypatch.setattr(finding, "_BACKLOG", 1)
    carried = finding.groups.carry
    monkeypatch.setattr(
        finding.groups,
        "carry",
        lambda old, new: {k: v for k, v in carried(old, new).items() if v != young.pk},
    )
    complain("取号机坏了", 0, "13977777777")
    read()
    finding.group(city=city, today=TODAY)
    there = set(models.Text.objects.filter(city=city).values_list("problem_id", flat=True))
    for gone in ids - there:
        assert models.Problem.objects.get(pk=gone).merged_into in there, gone
    into = models.Problem.objects.get(pk=young.pk).merged_into
    assert into is not None
    assert models.Campaign.objects.get(pk=campaign).problem_id == into
    assert models.Problem.objects.get(pk=into).name == "坏了的取号机"


def test_reasons_come_from_words_then_from_what_was_learnt_and_a_persons_word_stays(
    told: people.Place,
) -> None:
    spoken = dict(
        queries.reasons(person(told.users["city"]).reach, TODAY - timedelta(days=400), TODAY)
    )
    assert {"wait", "papers", "rude", "place", "system"} <= set(spoken)
    text = queries.to_judge(person(told.users["city"]).reach)[0]
    actions.judge(
        evaluation_id=text.pk, reasons=["place", "no such"], by=told.users["city"], at=NOON
    )
    finding.learn(since=TODAY - timedelta(days=400), at=NOON)
    text.refresh_from_db()
    assert (text.reasons, text.judged_by, text.doubtful) == (["place"], told.users["city"], False)


def test_what_a_person_judges_while_the_night_learns_stays(
    told: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = queries.to_judge(person(told.users["city"]).reach)[0]
    predict = finding.classify.predict

    def meanwhile(*args: Any) -> Any:
        actions.judge(evaluation_id=text.pk, reasons=["place"], by=told.users["city"], at=NOON)
        return predict(*args)

    monkeypatch.setattr(finding.classify, "predict", meanwhile)
    finding.learn(since=TODAY - timedelta(days=400), at=NOON)
    text.refresh_from_db()
    assert (text.reasons, text.judged_by) == (["place"], told.users["city"])


def test_a_problem_is_handed_to_a_department_answered_looked_at_and_closed(
    told: people.Place,
) -> None:
    city, handler = signed_in(told.users["city"]), signed_in(told.users["handler"])
    problem = machine()
    page = f"/insight/problems/{problem.pk}"
    assert "取号机" in city.get(page).content.decode()
    missing = city.post(f"{page}/hand-off", {"department": told.bureau, "asked": "", "due": ""})
    assert missing.status_code == 422
    assert "写明整改要求" in missing.content.decode()
    asked = {"department": told.bureau, "asked": "三天内修好取号机", "due": "2030-01-01"}
    made = city.post(f"{page}/hand-off", asked).headers["Location"]
    assert city.post(f"{page}/hand-off", asked).headers["Location"] == made  # not twice
    assert handler.get(made).status_code == 200
    assert "专项整改" in handler.get("/admin/notices/").content.decode()
    assert handler.post(f"{made}/close", {"outcome": "好"}).status_code == 403
    assert city.post(f"{made}/close", {"outcome": "好"}).status_code == 409  # not answered yet
    handler.post(f"{made}/answer", {"answer": "已更换主板"})
    assert handler.post(f"{made}/answer", {"answer": "再答一次"}).status_code == 409
    city.post(f"{made}/close", {"outcome": "还有人反映", "again": "1"})
    handler.post(f"{made}/answer", {"answer": "已更换整机"})
    city.post(f"{made}/close", {"outcome": "两周无人再反映"})
    shown = city.get(made).content.decode()
    assert "已办结" in shown
    assert "已更换整机" in shown


def test_a_campaign_is_reminded_of_and_its_office_hears_of_answer_and_delay(
    told: people.Place,
) -> None:
    city, problem = told.users["city"], machine()
    due = TODAY + timedelta(days=9)
    models.Campaign.objects.all().delete()
    key = actions.hand_off(
        problem_id=problem.pk, department_id=told.bureau, asked="修", due_on=due, by=city, at=NOON
    )
    told_ = [actions.remind(at=NOON + timedelta(days=day)) for day in range(7, 13)]
    assert told_ == [0, 1, 0, 1, 0, 0]
    heard = Notice.objects.filter(topic="campaign", office=people.CITY, right="supervise")
    before = heard.count()
    assert before > 0
    actions.answer(campaign_id=key, text="已修", by=told.users["handler"], at=NOON)
    assert actions.remind(at=NOON + timedelta(days=10)) == 0
    assert heard.count() >= before


def test_what_was_alarming_is_so_no_longer_when_nothing_comes(told: people.Place) -> None:
    assert machine().emerging
    assert queries.flagged() == [people.CITY // 10**6]
    finding.look_again(city=people.CITY // 10**6, today=TODAY + timedelta(days=60))
    assert queries.flagged() == []


def test_another_city_sees_neither_problem_nor_campaign_and_no_right_no_words(
    told: people.Place,
) -> None:
    problem = machine()
    foreign = signed_in(told.users["foreign"])
    assert foreign.get(f"/insight/problems/{problem.pk}").status_code == 404
    assert "取号机" not in foreign.get("/insight/problems").content.decode()
    given = {"department": told.bureau, "asked": "x", "due": "2030-01-01"}
    assert foreign.post(f"/insight/problems/{problem.pk}/hand-off", given).status_code == 403
    assert foreign.post(f"/insight/problems/{problem.pk}/rename", {"name": "x"}).status_code == 403
    mine = person(told.users["handler"]).reach
    assert [one.pk for one in queries.alarms(mine)] == [problem.pk]
    assert queries.alarms(replace(mine, department_id=told.other)) == []
    auditor = signed_in(told.users["auditor"])
    assert auditor.get("/insight/problems").status_code == 403
    handler = signed_in(told.users["handler"])
    words = {"reason": models.Keywords.objects.values_list("pk", flat=True)[0], "words": "x"}
    for who in (handler, signed_in(told.users["city"])):  # the list is the whole province's
        assert who.post("/insight/problems/reasons/words", words).status_code == 403


def test_all_problems_of_a_period_are_a_file(told: people.Place) -> None:
    page = signed_in(told.users["city"]).get("/insight/problems").content.decode()
    asked = signed_in(told.users["city"]).get("/insight/problems?as=csv").content
    table = list(csv.DictReader(io.StringIO(asked.decode("utf-8-sig"))))
    assert table
    assert all(one["问题"] in page and int(one["人数"]) >= 2 for one in table)
    foreign = signed_in(told.users["foreign"]).get("/insight/problems?as=csv").content
    assert len(foreign.decode("utf-8-sig").splitlines()) == 1


def test_problems_are_narrowed_to_a_city_and_to_departments_by_name(told: people.Place) -> None:
    def named(who: str, **asked: object) -> list[str]:
        page = signed_in(told.users[who]).get("/insight/problems", {"as": "csv", **asked})
        table = csv.DictReader(io.StringIO(page.content.decode("utf-8-sig")))
        return [line["问题"] for line in table]

    every, city, other = named("province"), people.CITY // 10**6, people.ELSEWHERE // 10**6
    assert every
    assert named("province", city=city) == named("province", department="行政审批") == every
    assert named("province", city=other) == named("province", department="公安") == []
    assert named("city", city=other) == every  # no more than one's own, whatever is asked
    page = signed_in(told.users["province"]).get("/insight/problems", {"department": "行政审批"})
    assert "department=%E8%A1%8C" in page.content.decode()  # its links keep what was asked


def test_open_campaigns_stand_first_and_any_is_found(told: people.Place) -> None:
    problem = machine()
    facts = {
        "problem_id": problem.pk,
        "title": "取号机",
        "region": people.CITY,
        "department_id": told.bureau,
        "asked": "x",
        "opened_by": 1,
        "opened_at": NOON,
        "due_on": date(2030, 1, 1),
    }
    first = models.Campaign.objects.create(**facts)
    models.Campaign.objects.bulk_create(
        models.Campaign(**facts, closed_at=NOON, closed_by=1) for _ in range(205)
    )
    reach = person(told.users["city"]).reach
    assert queries.campaigns(reach)[0] == first
    asked = signed_in(told.users["city"]).get("/insight/campaigns?as=csv").content
    table = list(csv.DictReader(io.StringIO(asked.decode("utf-8-sig"))))
    assert len(table) == queries.campaigns(reach).count()
    assert table[0]["专项"] == first.title
    foreign = signed_in(told.users["foreign"]).get("/insight/campaigns?as=csv").content
    assert len(foreign.decode("utf-8-sig").splitlines()) == 1
    for one in (
        first,
        models.Campaign.objects.earliest("pk"),
        models.Campaign.objects.latest("pk"),
    ):
        assert queries.campaign(one.pk, reach) == one


def test_whether_a_campaign_helped_is_said_by_people_a_week_and_not_too_early() -> None:
    before = [(TODAY - timedelta(days=n), f"p{n}") for n in (20, 25, 30, 35, 40, 45, 50, 55)]
    turned = TODAY - timedelta(days=14)
    assert stages.effect(before, turned, TODAY).helped
    more = [*before, *[(TODAY - timedelta(days=n), f"q{n}") for n in (1, 3, 6)]]
    # a problem of ten days is compared by these, and whoever tells each day is one person a week
    young = [(turned - timedelta(days=n), f"p{n}{k}") for n in range(1, 11) for k in (1, 2)]
    same = [(turned + timedelta(days=n), "the same") for n in range(15)]
    found = stages.effect([*young, *same], turned, TODAY)
    assert (round(found.before), round(found.since * found.weeks)) == (14, 3)
    assert stages.effect(more, turned, TODAY).helped is False
    assert stages.effect(before, TODAY - timedelta(days=3), TODAY).helped is None
    assert rules.stage_of(None, None) is rules.Stage.OPEN


def test_words_that_many_send_alike_count_once_wherever_people_are_counted(
    told: people.Place,
) -> None:
    problem, reach = machine(), person(told.users["city"]).reach
    (before,) = [
        one for one in queries.problems(reach, TODAY - timedelta(days=400), TODAY)
        if one.problem.pk == problem.pk
    ]  # fmt: skip
    models.Text.objects.filter(problem_id=problem.pk).update(teller="t1")
    assert before.people > 1
    assert not [
        one for one in queries.problems(reach, TODAY - timedelta(days=400), TODAY)
        if one.problem.pk == problem.pk
    ]  # fmt: skip
    assert {who for _, who in queries.days_told(problem.pk)} == {"t1"}
