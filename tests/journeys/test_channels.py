"""Channels without a page of their own.

The signed interface in full, files, late records, the telephone, and the watch over all of them.
"""

import csv
import hashlib
import hmac
import io
import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from office import sign_in
from people import BUREAU, item_of
from playwright.sync_api import Browser, expect
from stack import Stack, wait_for

SERVED = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 90))
RATED = "FROM evaluations_evaluation e JOIN records_key k ON k.record_id = e.id WHERE"


@pytest.fixture(scope="module")
def platform() -> Iterator[Stack]:
    """A platform of its own: what it counts, nobody else adds to."""
    stack = Stack(furnished=True)
    stack.start()
    yield stack
    stack.stop()


def record(number: str, **changes: Any) -> dict[str, Any]:
    """Return a service of this minute."""
    facts = {
        "project_no": number,
        "service_number": 1,
        "region": "320700000000",
        "department_code": BUREAU,
        "item_code": item_of(BUREAU),
        "served_at": SERVED,
    }
    return facts | changes


def number() -> str:
    """Return a fresh case number."""
    return f"32CH{time.time_ns()}"


def one(platform: Stack, sql: str, *values: Any) -> Any:
    """Return the first column of the first row, None without one."""
    with platform.database() as database:
        row = database.execute(sql, values).fetchone()
    return row[0] if row else None


def test_a_rating_that_comes_before_its_service_waits_and_then_counts_once(platform: Stack) -> None:
    case = number()
    rating = {
        "project_no": case,
        "service_number": 1,
        "level": 5,
        "channel": 9,
        "wait": True,
        "rater": {"phone": "13812345678"},
    }
    assert platform.post("/api/v1/evaluations", {**rating, "wait": False}).status_code == 422
    for _ in range(2):
        answer = platform.post("/api/v1/evaluations", rating)
        assert (answer.status_code, answer.json()) == (202, {"outcome": "waiting"})
    assert (
        platform.post("/api/v1/evaluations", {**rating, "level": 4}).json()["code"]
        == "already_rated"
    )
    assert b"13812345678" not in one(
        platform, "SELECT parcel FROM evaluations_waiting WHERE project_no = %s", case
    )
    assert (
        platform.post("/api/v1/records", record(case, served_at="2026-11-01T02:00:00Z")).status_code
        == 201
    )
    wait_for(lambda: one(platform, f"SELECT level {RATED} project_no = %s", case) == 5)
    assert one(platform, "SELECT count(*) FROM evaluations_waiting") == 0
    assert platform.post("/api/v1/evaluations", rating).status_code == 200


def test_growing_service_numbers_make_services_of_their_own_and_amendments_keep_history(
    platform: Stack,
) -> None:
    case = number()
    for service in (1, 2, 3):
        assert (
            platform.post(
                "/api/v1/records",
                record(
                    case,
                    service_number=service,
                    service_name=f"第{service}次",
                    stage=5 if service == 3 else 3,
                ),
            ).status_code
            == 201
        )
    assert one(platform, "SELECT count(*) FROM records_key WHERE project_no = %s", case) == 3
    changed = record(case, status=2, service_name="受理")
    first = platform.post("/api/v1/records/amendments", {**changed, "reason": "登记时状态有误"})
    assert (first.status_code, first.json()["outcome"]) == (201, "accepted")
    again = platform.post("/api/v1/records/amendments", {**changed, "reason": "登记时状态有误"})
    assert (again.status_code, again.json()["outcome"]) == (200, "duplicate")
    assert (
        platform.post(
            "/api/v1/records/amendments", {**changed, "status": 3, "reason": "办结"}
        ).status_code
        == 201
    )
    refused = platform.post(
        "/api/v1/records/amendments", {**changed, "region": "320706000000", "reason": "换地区"}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "not_amendable")
    assert (
        platform.post("/api/v1/records/amendments", {**record(number()), "reason": "x"}).json()[
            "code"
        ]
        == "record_unknown"
    )
    with platform.database() as database:
        history = database.execute(
            "SELECT no, a.status, reason FROM records_amendment a JOIN records_key k USING "
            "(record_id) WHERE project_no = %s ORDER BY no",
            [case],
        ).fetchall()
        untouched = database.execute(
            "SELECT r.status FROM records_record r JOIN records_key k ON k.record_id = r.id WHERE "
            "k.project_no = %s LIMIT 1",
            [case],
        ).fetchone()
    assert history == [(1, 2, "登记时状态有误"), (2, 3, "办结")]
    assert untouched == (3,)
    status = platform.post("/api/v1/status", {"project_no": case, "service_number": 1}).json()
    assert (status["amendments"], status["rated"]) == (2, False)


def test_a_file_of_services_is_pushed_and_answered_row_by_row(platform: Stack) -> None:
    rows = [
        [
            "projectNo",
            "serviceNumber",
            "areaCode",
            "deptCode",
            "taskCode",
            "taskName",
            "proStatus",
            "serviceTime",
        ]
    ]
    cases = [number() + str(place) for place in range(5)]
    rows += [
        [case, "1", "320700", BUREAU, item_of(BUREAU), "企业设立登记", "3", "2026-11-20 10:00:00"]
        for case in cases
    ]
    rows[3][3] = "11320700MB01070A1X"
    table = io.StringIO()
    csv.writer(table).writerows(rows)
    for accepted, duplicate in ((4, 0), (0, 4)):
        answer = push(platform, "/api/v1/records/file", table.getvalue().encode())
        assert (answer["accepted"], answer["duplicate"], answer["refused"]) == (
            accepted,
            duplicate,
            1,
        )
        assert (answer["rows"][0]["line"], answer["rows"][0]["code"]) == (4, "department_code")
    lines = "\n".join(
        f'{{"projectNo": "{case}", "serviceNumber": 1, "satisfaction": 4, "pf": 1, "assessTime": "2026-11-20 11:00:00"}}'
        for case in cases
    )
    answer = push(platform, "/api/v1/evaluations/file", lines.encode(), "format=jsonl")
    assert (answer["accepted"], answer["refused"]) == (4, 1)
    assert push(platform, "/api/v1/records/file", b"rubbish")["code"] == "wrong_columns"
    assert (
        push(platform, "/api/v1/records/file", b"\xff\xfe", "format=xlsx")["code"]
        == "unreadable_table"
    )


def push(platform: Stack, path: str, body: bytes, query: str = "") -> dict[str, Any]:
    """Send a file, signed."""
    kid, secret = platform.key
    moment, nonce = str(int(time.time())), secrets.token_hex(12)
    text = "\n".join(
        ["HCP1", "POST", path, query, hashlib.sha256(body).hexdigest(), moment, nonce, kid]
    )
    headers = {
        "X-HCP-Key": kid,
        "X-HCP-Time": moment,
        "X-HCP-Nonce": nonce,
        "X-HCP-Signature": hmac.new(secret.encode(), text.encode(), "sha256").hexdigest(),
    }
    return dict(
        httpx.post(
            f"{platform.api}{path}{'?' if query else ''}{query}",
            content=body,
            headers=headers,
            timeout=60,
        ).json()
    )


def test_replays_strangers_and_other_regions_are_refused_at_every_door(platform: Stack) -> None:
    case = number()
    platform.post("/api/v1/records", record(case))
    said = platform.hcp("issue-key", f"suzhou {case}", "--region", "320500000000").stdout.split()
    foreign = said[said.index("id") + 1], said[said.index("secret") + 1]
    ours = platform.key
    platform.key = foreign
    wait_for(
        lambda: (
            platform.post("/api/v1/status", {"project_no": case, "service_number": 1}).status_code
            == 403
        )
    )  # a new key is known in a second
    platform.key = ours
    doors = {
        "/api/v1/links": {"project_no": case, "service_number": 1},
        "/api/v1/calls": {"project_no": case, "service_number": 1, "window_code": "W1"},
        "/api/v1/status": {"project_no": case, "service_number": 1},
        "/api/v1/records/amendments": {**record(case, status=1), "reason": "x"},
    }
    for path, body in doors.items():
        assert httpx.post(f"{platform.api}{path}", json=body).status_code == 401
        nonce = f"nonce-{time.time_ns()}"
        assert platform.post(path, body, nonce=nonce).status_code < 300, path
        assert platform.post(path, body, nonce=nonce).json()["code"] == "replayed"
        try:
            platform.key = foreign
            assert platform.post(path, body).status_code == 403, path
        finally:
            platform.key = ours
        for bad in (b"", b"[]", b"{", b'{"project_no": 5}', b"\xff", b"{" * 100_000 + b"1"):
            assert 400 <= platform.post(path, bad).status_code < 500, (path, bad[:20])


@pytest.mark.browser
def test_an_agent_registers_what_a_caller_says_after_making_sure_who_it_is(
    platform: Stack, browser: Browser
) -> None:
    case, _ = platform.service(applicant={"name": "张芳华", "phone": "13911112222"})
    other, _ = platform.service(applicant={"name": "张芳华", "phone": "13911112222"})
    agent = sign_in(browser, platform, "agent")
    agent.goto(f"{platform.page}/admin/phone/")
    agent.fill("[name=search]", "139 1111 2222")
    agent.get_by_role("button", name="查询").click()
    assert "张芳华" not in agent.content()
    assert "1111" not in agent.url
    agent.get_by_role("button", name="登记评价").last.click()
    agent.locator("label[for=p1]").click()
    agent.get_by_role("button", name="登记评价").click()
    expect(agent.get_by_role("alert")).to_contain_text("核对")
    agent.get_by_label("已核对身份").check()
    agent.locator("label[for=p1]").click()
    agent.get_by_role("button", name="登记评价").click()
    expect(agent.get_by_role("alert")).to_contain_text("至少一个问题")
    agent.fill("[name=words]", "来电人说：窗口中午没人")
    agent.get_by_role("button", name="登记评价").click()
    expect(agent.get_by_test_id("receipt")).to_have_text(
        r := agent.inner_text("[data-testid=receipt]")
    )
    assert len(r) == 15
    row = f"SELECT count(*) {RATED} channel = 6 AND level = 1 AND project_no IN (%s, %s)"
    assert one(platform, row, case, other) == 1
    wait_for(
        lambda: one(platform, "SELECT count(*) FROM orders_order WHERE level = 1") == 1
    )  # 不满意诉求 becomes an order


@pytest.mark.browser
def test_agents_take_calls_see_a_number_only_on_asking_and_leave_in_peace_who_does_not_want_to(
    platform: Stack, browser: Browser
) -> None:
    with platform.database() as database:
        before = database.execute(
            "SELECT count(*) FROM audit_entry WHERE verb = 'reveal_phone'"
        ).fetchone()
    yesterday = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 86400))
    for place in range(2):
        platform.service(
            served_at=yesterday, applicant={"name": "李明", "phone": f"1370000000{place}"}
        )
    agent = sign_in(browser, platform, "agent")
    agent.goto(f"{platform.page}/admin/calls/")
    agent.get_by_role("button", name="再取").click()
    expect(agent.get_by_test_id("call")).to_have_count(2)
    expect(agent.locator("body")).not_to_contain_text("13700000")
    agent.get_by_label("查看理由").first.fill("请群众评价")
    agent.get_by_role("button", name="查看").first.click()
    assert agent.inner_text("[data-testid=phone]").startswith("1370000000")
    assert before is not None
    assert (
        one(platform, "SELECT count(*) FROM audit_entry WHERE verb = 'reveal_phone'")
        == before[0] + 1
    )
    agent.get_by_role("button", name="不愿接受").first.click()
    agent.get_by_role("button", name="未接通").first.click()
    expect(agent.get_by_test_id("call")).to_have_count(0)
    agent.get_by_role("button", name="再取").click()
    # one is left in peace, the other is called in four hours
    expect(agent.get_by_test_id("call")).to_have_count(0)
    assert (
        one(platform, "SELECT count(*) FROM callbacks_call WHERE due_at IS NOT NULL AND tries = 1")
        == 1
    )


@pytest.mark.browser
def test_a_platform_that_takes_good_ratings_only_is_seen_the_same_day(
    platform: Stack, browser: Browser
) -> None:
    counted = "SELECT COALESCE(sum(n5 + n4 + n3 + n2 + n1), 0) FROM analytics_placeday"
    wait_for(lambda: one(platform, "SELECT count(*) FROM feed_pending") == 0)
    before, orders = one(platform, counted), one(platform, "SELECT count(*) FROM orders_order")
    probes = "SELECT count(*) FROM audit_entry WHERE verb = 'probe'"
    # a platform tests its channels as it starts, and again each morning
    wait_for(lambda: one(platform, probes) >= 1)
    tested = one(platform, probes)
    done = platform.hcp("probe")
    assert done.returncode == 0, done.stdout + done.stderr
    page = sign_in(browser, platform, "province")
    page.goto(f"{platform.page}/admin/channels/")
    expect(page.locator(".probe.yes")).to_have_count(45)
    expect(page.locator(".alert")).to_have_count(0)
    wait_for(lambda: one(platform, "SELECT count(*) FROM feed_pending") == 0)
    assert one(platform, counted) == before  # never counted
    assert one(platform, "SELECT count(*) FROM orders_order") == orders  # never dispatched
    assert one(platform, probes) == tested + 1
    with platform.database() as database:
        database.execute(
            "ALTER TABLE evaluations_evaluation ADD CONSTRAINT only_good CHECK (level > 2) NOT "
            "VALID"
        )  # as in the case of domain §9.1
    try:
        assert platform.hcp("probe").returncode == 1
    finally:
        with platform.database() as database:
            database.execute("ALTER TABLE evaluations_evaluation DROP CONSTRAINT only_good")
    page.reload()
    expect(page.locator(".alert").first).to_contain_text("差评提交不了，好评可以")
    expect(page.locator(".probe.no")).to_have_count(18)
