"""What the back-office shows of single ratings, and the trail in words."""

import importlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import people
import pytest
from django.conf import settings
from django.test import Client
from people import given_rating, given_record, rated, register, signed_in, submit

import haochaping
from haochaping.audit import actions as audit
from haochaping.audit import queries as trail
from haochaping.config.permissions import ROUTES
from haochaping.console.views import door, ratings
from haochaping.console.views.audit_trail import TRAIL
from haochaping.directory.models import Hall
from haochaping.identity.queries import person
from haochaping.kernel import clock, jobs
from haochaping.kernel.db import rows
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.orders import actions as orders

HIDDEN = ("hall", "leader")


@pytest.fixture
def near(world: people.Place) -> people.Place:
    """The world with people who work near the window."""
    for role in HIDDEN:
        world.users[role] = people.appointed(role, role)
    return world


def rated_days_ago(days: int) -> str:
    """Rate a service some days ago and return its receipt number."""
    at = clock.now() - timedelta(days=days, minutes=1)
    service = given_record(served_at=(at - timedelta(minutes=1)).isoformat())
    register(service)
    (stored,) = submit(given_rating(service, 1, rated_at=at.isoformat()))
    return receipt_number(stored.id)


@pytest.mark.parametrize(
    ("who", "sees"),
    [("province", True), ("city", True), ("agent", True), *((r, False) for r in HIDDEN)],
)
def test_near_the_window_a_rating_is_seen_from_the_next_day_on(
    near: people.Place, who: str, sees: bool
) -> None:
    today, before = rated_days_ago(0), rated_days_ago(2)
    client = signed_in(near.users[who])
    assert client.get(f"/admin/ratings/{before}").status_code == 200
    assert client.get(f"/admin/ratings/{today}").status_code == (200 if sees else 404)
    for query in ("", "?until=2099-01-01", f"?search={today}"):
        listed = client.get(f"/admin/ratings{query}").content.decode()
        assert (f"/admin/ratings/{today}" in listed) == sees
    assert f"/admin/ratings/{before}" in client.get("/admin/ratings").content.decode()


def test_a_flood_of_passwords_is_told_to_wait_and_hashes_no_more_than_two_at_a_time(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_HASHING_SECONDS", 0.01)
    told = {"account": "city", "password": "wrong"}
    with door._HASHING, door._HASHING:
        busy = Client().post("/admin/sign-in", told)
    assert busy.status_code == 503
    assert "稍后" in busy.text
    assert Client().post("/admin/sign-in", told).status_code == 422  # wrong, and said so


def test_whoever_reads_a_case_leaves_a_trace_where_it_lies(near: people.Place) -> None:
    order = orders.open_for(evaluation_id=rated(1), at=people.NOON)
    client = signed_in(near.users["city"])
    assert client.get(f"/admin/orders/{order}").status_code == 200
    (read,) = [entry for entry in trail.of("order", order) if entry.verb == "read"]
    assert (read.by, read.region) == (near.users["city"], people.CITY)
    assert signed_in(near.users["foreign"]).get(f"/admin/orders/{order}").status_code == 404


def test_the_last_day_shown_is_yesterday_or_an_earlier_day_that_was_asked_for(
    near: people.Place,
) -> None:
    today = business_day(clock.now())
    yesterday, early = today - timedelta(days=1), today - timedelta(days=9)
    hall, city = person(near.users["hall"]), person(near.users["city"])
    assert ratings.shown_until(hall, None) == yesterday
    assert ratings.shown_until(hall, today) == yesterday
    assert ratings.shown_until(hall, early) == early
    assert ratings.shown_until(city, None) is None
    assert ratings.shown_until(city, today) == today


def test_another_citys_ratings_are_not_there(near: people.Place) -> None:
    number = rated_days_ago(2)
    client = signed_in(near.users["foreign"])
    assert client.get(f"/admin/ratings/{number}").status_code == 404
    assert number not in client.get("/admin/ratings").content.decode()
    assert client.get("/admin/ratings/nonsense").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("level=bad", True),
        ("level=1", True),
        ("level=good", False),
        ("level=5", False),
        (f"channel={people.rating.Channel.TABLET:d}", True),
        ("channel=7", False),
        ("city=320700", True),
        ("city=320500", False),
        ("since=2099-01-01", False),
        ("until=2001-01-01", False),
        ("level=x&channel=y&city=z&since=q", True),
    ],
)
def test_the_list_is_narrowed_by_what_was_asked(
    near: people.Place, query: str, found: bool
) -> None:
    number = rated_days_ago(2)
    page = signed_in(near.users["province"]).get(f"/admin/ratings?{query}").content.decode()
    assert (f"/admin/ratings/{number}" in page) == found


def test_the_trail_is_shown_in_words_of_each_room_and_within_reach(near: people.Place) -> None:
    for region, name in ((people.CITY, "一"), (people.ELSEWHERE, "二")):
        for subject, verb in (("policy", "withdraw"), ("order", "withdraw")):
            audit.record(
                subject=subject,
                subject_id=1,
                verb=verb,
                details={"name": name},
                region=region,
                by=near.users["city"],
                at=people.NOON,
            )
    assert TRAIL["policy"].verbs["withdraw"] != TRAIL["order"].verbs["withdraw"]
    page = signed_in(near.users["city"]).get("/admin/audit").content.decode()
    rows = page.split("<tbody>")[1]
    assert TRAIL["policy"].verbs["withdraw"].zh in rows
    assert TRAIL["order"].verbs["withdraw"].zh in rows
    whole = signed_in(near.users["province"]).get("/admin/audit").content.decode()
    assert rows.count("<tr>") < whole.split("<tbody>")[1].count("<tr>")
    assert signed_in(near.users["handler"]).get("/admin/audit").status_code == 403
    assert "console:audit" in ROUTES


def test_the_trail_speaks_of_every_room(near: people.Place) -> None:
    for path in Path(haochaping.__file__).parent.glob("*/rules*"):
        rules = importlib.import_module(f"haochaping.{path.parent.name}.rules")
        for subject, words in getattr(rules, "TRAIL", {}).items():
            assert words.verbs.keys() <= TRAIL[subject].verbs.keys(), path


def test_the_trail_is_searched_by_person_number_and_day_and_leaves_as_a_file(
    near: people.Place,
) -> None:
    city = near.users["city"]
    for number, by in enumerate((city, near.users["province"], city)):
        audit.record(
            subject="policy",
            subject_id=number + 1,
            verb="withdraw",
            details={"region": people.CITY, "reason": f"=理由{number}", "role": "handler"},
            region=people.CITY,
            by=by,
            at=people.NOON + timedelta(days=number),
        )
    client = signed_in(city)

    def found(query: str) -> int:
        page = client.get(f"/admin/audit?verb=policy.withdraw&{query}").content.decode()
        return page.split("<tbody>")[1].count("=理由")

    assert found("") == 3
    assert found("who=province") == 1
    assert found("what=3") == 1
    # a bare number is of many things: it says nothing until a kind is chosen
    assert client.get("/admin/audit?what=3").status_code == 422
    day = people.NOON.date()
    assert found(f"since={day}&until={day}") == 1
    for nobody in ("who=nobody", "what=abc", "since=tomorrow"):
        answer = client.get(f"/admin/audit?{nobody}")
        assert answer.status_code == 422
        assert "没有这样的账号" in answer.content.decode()
    file = client.get("/admin/audit?verb=policy.withdraw&as=csv").content.decode("utf-8-sig")
    lines = file.splitlines()
    assert len(lines) == 4
    assert "角色 部门经办；理由 =理由2；地区 连云港市" in lines[1]


def test_an_administrator_sees_what_failed_in_the_background_and_has_it_tried_again(
    near: people.Place,
) -> None:
    admin = people.appointed("admin", "admin", region=320000000000)
    client = signed_in(admin)
    rows(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts) "
        "VALUES ('default', 'orders.open_from', '{}', 'failed', 3)"
    )
    desk = client.get("/admin/").content.decode()
    assert "失败的后台任务" in desk
    steps = desk.split('data-testid="steps"')[1].split("</section>")[0]
    assert steps.count("待录入") == 2  # of the seven, items and systems are not there yet
    page = client.get("/admin/system").content.decode()
    assert "失败的任务" in page
    (job,) = jobs.failed()
    client.post("/admin/system/retry", {"job": str(job.id)})
    assert jobs.failed() == []
    assert [(one.task, one.waiting) for one in jobs.queues()] == [("orders.open_from", 1)]
    again = client.post("/admin/system/retry", {"job": str(job.id)})
    assert again.status_code == 409
    assert "该任务不存在" in again.content.decode()
    assert signed_in(near.users["city"]).get("/admin/system").status_code == 403


def test_an_auditor_proves_the_trail_intact_and_sees_what_was_changed(
    world: people.Place, tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    ledger.enter_trail(at=clock.now())
    auditor = people.signed_in(world.users["auditor"])
    assert "逐条一致" in auditor.post("/admin/audit/verify").content.decode()
    (row,) = rows("SELECT min(id) AS id FROM audit_entry")
    rows("UPDATE audit_entry SET by = by + 1 WHERE id = $1", row["id"])
    page = auditor.post("/admin/audit/verify").content.decode()
    assert "日志被改动" in page
    assert f"{row['id']}" in page
    assert people.signed_in(world.users["handler"]).post("/admin/audit/verify").status_code == 403


def test_what_was_changed_is_told_in_words_and_in_the_readers_language(near: people.Place) -> None:
    client = signed_in(near.users["city"])
    row = {"name": "连云港市政务服务大厅", "region": "320700", "address": "海州区"}
    key = Hall.objects.get(code="H1").pk
    assert client.post(f"/admin/directory/halls/{key}", row).status_code == 302
    told = client.get("/admin/audit").content.decode().split("<tbody>")[1]
    assert "名称 连云港市政务服务中心" in told
    assert "地址 海州区" in told
    assert "H1" in told
    for raw in ("name ", "address ", "fields"):
        assert raw not in re.sub("<[^>]*>", "", told)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = client.get("/admin/audit").content.decode().split("<tbody>")[1]
    assert "address 海州区" in english or "Address 海州区" in english
