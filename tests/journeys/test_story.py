"""The story end to end.

In a browser as people live it, and over the interface as a department's system does.
"""

import gzip
import re
import time
from datetime import timedelta

import httpx
import pytest
from office import DEMO_PASSWORD, sign_in
from people import BUREAU, item_of
from playwright.sync_api import Browser, Page, expect
from stack import Stack, wait_for

from haochaping.kernel import clock

pytestmark = pytest.mark.browser


def phone(browser: Browser, **options: object) -> Page:
    """Open a page as an old phone shows it."""
    return browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", **options
    ).new_page()


def open_mine(citizen: Page) -> None:
    """Open what the receipt hides at first sight."""
    citizen.get_by_test_id("mine").locator("summary").first.click()


def work(page: Page, button: str, **fields: str) -> None:
    """Make a move of the order that is shown."""
    form = page.locator(".moves details").filter(has_text=f"确认{button}")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(label=value) if value else field.select_option(index=0)
        else:
            field.fill(value)
    form.get_by_role("button", name=f"确认{button}").click()


def service_in(platform: Stack, bureau: str) -> str:
    """Register a finished service of a demonstration department and return a link to rate it."""
    with platform.database() as database:
        row = database.execute(
            "SELECT d.uscc, i.code FROM directory_department d JOIN directory_item i ON "
            "i.department_id = d.id WHERE d.name = %s LIMIT 1",
            [bureau],
        ).fetchone()
    assert row is not None
    number = f"32JOURNEY{time.time_ns()}"
    served = (clock.now() - timedelta(minutes=5)).isoformat()
    facts = {
        "project_no": number,
        "service_number": 1,
        "region": "320700",
        "department_code": row[0],
        "item_code": row[1],
        "served_at": served,
    }
    assert platform.post("/api/v1/records", facts).status_code == 201
    said = platform.hcp("invite", number, "1").stdout
    return platform.page + said.strip().split()[-1]


def test_a_bad_rating_is_put_right_and_everybody_can_see_it(
    platform: Stack, browser: Browser
) -> None:
    public = phone(browser)
    public.goto(f"{platform.page}/open/")
    bad_before = int(public.inner_text("[data-testid=bad]").split("/")[0].replace(",", ""))

    citizen = phone(browser)
    link = service_in(platform, "连云港市行政审批局")
    citizen.goto(link)
    citizen.locator("label[for=l2]").click()
    citizen.get_by_label("没有提供材料清单").check()
    citizen.fill("textarea", "来了两趟，每次都说缺材料，联系我13812345678。")
    citizen.get_by_role("button", name="提交评价").click()
    citizen.wait_for_url("**/done")
    receipt = citizen.inner_text("[data-testid=receipt]")
    assert re.fullmatch(r"\w{4}-\w{4}-\w{5}", receipt)

    agent = sign_in(browser, platform, "agent", DEMO_PASSWORD)
    with platform.database() as database:  # the order is there within seconds
        number = wait_for(
            lambda: database.execute(
                "SELECT number FROM orders_order o JOIN evaluations_evaluation e ON e.id = "
                "evaluation_id WHERE words LIKE '来了两趟%'"
            ).fetchone(),
            15,
        )[0]
    agent.goto(f"{platform.page}/admin/orders/?search={number}")
    opened = agent.locator("a[data-drawer]")
    order = f"{platform.page}{opened.get_attribute('href')}"
    opened.click()
    expect(agent.locator("#drawer #order")).to_be_visible()
    assert "13812345678" not in agent.content()
    assert "138****5678" in agent.content()
    agent.get_by_label("责任单位").last.select_option(label="连云港市行政审批局")
    agent.get_by_role("button", name="确认派单").click()
    expect(agent.locator("#drawer dd").first).to_contain_text("待签收")

    handler = sign_in(browser, platform, "handler", DEMO_PASSWORD)
    handler.goto(order)
    work(handler, "签收")
    expect(handler.get_by_test_id("state")).to_have_text("核实中")
    work(handler, "属实", finding="窗口未摆放材料清单，情况属实")
    work(handler, "整改完成", measures="已补充材料清单并公示")
    work(handler, "答复群众", reply="您反映的问题已整改，材料清单已上墙。")
    expect(handler.get_by_test_id("state")).to_have_text("待回访")

    citizen.reload()
    assert "材料清单已上墙" not in citizen.locator("main").inner_text()  # not before it is opened
    open_mine(citizen)
    expect(citizen.get_by_test_id("reply")).to_have_text("您反映的问题已整改，材料清单已上墙。")

    agent.goto(order)
    work(agent, "登记回访", satisfaction="满意")
    work(agent, "办结")
    expect(agent.get_by_test_id("state")).to_have_text("已办结")
    citizen.reload()
    open_mine(citizen)
    expect(citizen.locator("[data-testid=steps] li.done")).to_have_count(5)

    public.reload()
    assert (
        int(public.inner_text("[data-testid=bad]").split("/")[0].replace(",", ""))
        == bad_before  # sealed: no single rating is seen to come in
    )

    citizen.get_by_role("link", name="追加评价").click()
    citizen.locator("label[for=l4]").click()
    citizen.get_by_role("button", name="提交评价").click()
    citizen.wait_for_url("**/done")
    expect(citizen.get_by_role("link", name="追加评价")).to_have_count(0)


def test_it_works_without_javascript_and_with_the_keyboard_alone(
    platform: Stack, browser: Browser
) -> None:
    page = phone(browser, java_script_enabled=False)
    page.goto(service_in(platform, "连云港市公安局"))
    page.locator("#l5").focus()
    page.keyboard.press("ArrowRight")  # 5 → 4
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    page.get_by_text("点开查看").click()
    expect(page.get_by_text("满意", exact=True)).to_be_visible()


def test_a_rating_given_offline_is_kept_and_counted_once(platform: Stack, browser: Browser) -> None:
    page = phone(browser)
    page.goto(service_in(platform, "连云港市公安局"))
    page.locator("label[for=l5]").click()
    page.context.set_offline(True)
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("#status")).to_contain_text("已保存在本页")
    page.context.set_offline(False)
    page.wait_for_url("**/done")


def test_the_citizens_page_fits_the_first_round_trip_and_its_targets_fit_a_thumb(
    platform: Stack, browser: Browser
) -> None:
    link = service_in(platform, "连云港市公安局")
    for size in ("", "?size=large"):
        page = httpx.get(link + size).content
        assert len(gzip.compress(page, 6)) <= 14 * 1024
    screen = phone(browser)
    screen.goto(link + "?size=large")
    screen.locator("label[for=l1]").click()
    small = screen.evaluate(
        """() => [...document.querySelectorAll('.face, .chip, .go, .tool')]
              .filter(node => node.offsetParent !== null)
              .map(node => [node.className, node.getBoundingClientRect().height])
              .filter(([name, height]) => height < (/face|go/.test(name) ? 60 : 44))"""
    )
    assert small == []
    assert screen.evaluate("document.documentElement.scrollWidth") <= 390


_ANSWERS = """() => {
  const bar = document.querySelector('.bar').getBoundingClientRect().top;
  return [...document.querySelectorAll('.face')].every(
    (face) => face.getBoundingClientRect().bottom <= bar && face.scrollWidth <= face.clientWidth);
}"""


@pytest.mark.parametrize("java_script", [True, False])
def test_a_small_screen_shows_all_answers_and_nothing_typed_is_lost(
    platform: Stack, browser: Browser, java_script: bool
) -> None:
    page = browser.new_context(
        viewport={"width": 360, "height": 640}, locale="zh-CN", java_script_enabled=java_script
    ).new_page()
    page.goto(service_in(platform, "连云港市公安局"))
    if java_script:
        page.evaluate("document.querySelector('.demo').remove()")  # no real site has this line
        assert page.evaluate(_ANSWERS)
    page.locator("label[for=l1]").click()
    page.fill("textarea", "窗口没有人")
    page.fill("[name=phone]", "123")
    for says, answer in (("大字", "非常不满意"), ("特大", "非常不满意"), ("English", "Very dis")):
        with page.expect_navigation():  # what is expected stood on the page before, too
            page.get_by_role("button", name=says).click()
        expect(page.locator("label[for=l1]")).to_contain_text(answer)
        expect(page.locator("textarea")).to_have_value("窗口没有人")
        expect(page.locator("[name=phone]")).to_have_value("123")
        expect(page.locator("#l1")).to_be_checked()
        if java_script and says == "特大":
            assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
    with page.expect_navigation():
        page.get_by_role("button", name="Normal").click()
    if java_script:
        page.evaluate("document.querySelector('.demo').remove(), scrollTo(0, 0)")
        assert page.evaluate(_ANSWERS)  # in English too
    page.get_by_role("button", name="Send rating").click()
    problem = page.locator(".bar [role=alert]")  # where the thumb is
    expect(problem).to_be_in_viewport()
    expect(problem).to_contain_text("phone")
    expect(page.locator("[name=phone]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=phone]", "")
    page.locator("textarea").press("Tab")
    page.locator("[name=phone]").press("Enter")  # sends; it does not change the size
    page.wait_for_url("**/done")
    expect(page.get_by_test_id("promise")).to_contain_text("working day")


def test_the_list_is_filtered_in_place_and_back_restores_it(
    platform: Stack, browser: Browser
) -> None:
    page = sign_in(browser, platform, "province", DEMO_PASSWORD)
    page.goto(f"{platform.page}/admin/ratings")
    before = page.locator("tbody tr").count()
    page.get_by_label("评价等级").select_option("bad")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("**level=bad**")
    expect(page.locator("tbody .f5")).to_have_count(0)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(before)


def test_the_interface_speaks_english_when_asked(platform: Stack, browser: Browser) -> None:
    page = phone(browser)
    page.goto(service_in(platform, "连云港市公安局"))
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="Send rating")).to_be_visible()
    assert re.findall(r"[\u4e00-\u9fff]+", page.inner_text("fieldset")) == []


# --- the story as a department's system tells it


def test_a_system_registers_rates_and_everything_follows(platform: Stack) -> None:
    number = f"32API{time.time_ns()}"
    now = clock.now()
    record = {
        "project_no": number,
        "service_number": 1,
        "region": "320703",
        "department_code": BUREAU,
        "department_name": "连云区测试局",
        "item_code": item_of(BUREAU),
        "item_name": "测试事项",
        "served_at": (now - timedelta(minutes=9)).isoformat(),
        "applicant": {"name": "李雷", "phone": "13900001111"},
    }
    rating = {
        "project_no": number,
        "service_number": 1,
        "level": 1,
        "channel": 9,
        "codes": [108],
        "words": "附加了条件",
        "rated_at": now.isoformat(),
    }
    assert platform.post("/api/v1/evaluations", rating).json()["code"] == "record_unknown"
    assert platform.post("/api/v1/records", record).status_code == 201
    assert platform.post("/api/v1/records", record).json()["outcome"] == "duplicate"
    first = platform.post("/api/v1/evaluations", rating)
    assert first.status_code == 201
    again = platform.post("/api/v1/evaluations", rating)
    assert (again.status_code, again.json()["receipt"]) == (200, first.json()["receipt"])
    other = platform.post("/api/v1/evaluations", {**rating, "level": 5, "codes": []})
    assert (other.status_code, other.json()["code"]) == (409, "already_rated")
    follow = platform.post("/api/v1/evaluations", {**rating, "kind": 2, "level": 3, "codes": []})
    assert follow.status_code == 201
    with platform.database() as database:
        found = wait_for(
            lambda: database.execute(
                "SELECT o.state, o.city FROM orders_order o JOIN records_key k ON k.record_id = "
                "o.evaluation_id WHERE k.project_no = %s",
                [number],
            ).fetchone(),
            15,
        )
    assert found == ("opened", 320700)


def test_a_batch_answers_for_each_item_and_a_repeat_stores_nothing(platform: Stack) -> None:
    stamp = time.time_ns()
    now = clock.now()
    records = [
        {
            "project_no": f"32B{stamp}{n}",
            "service_number": 1,
            "region": "320700",
            "department_code": BUREAU,
            "item_code": item_of(BUREAU),
            "served_at": now.isoformat(),
        }
        for n in range(20)
    ]
    records[3]["region"] = "999999"
    answer = platform.post("/api/v1/records/batch", records)
    assert answer.status_code == 200
    assert [item.get("outcome") or item["code"] for item in answer.json()["items"]] == [
        "accepted"
    ] * 3 + ["region_unknown"] + ["accepted"] * 16
    again = platform.post("/api/v1/records/batch", records).json()["items"]
    assert {item.get("outcome") for item in again} == {"duplicate", None}


def test_a_replayed_request_is_refused_and_stores_nothing_new(platform: Stack) -> None:
    rating = {"project_no": "none", "service_number": 1, "level": 5, "channel": 1}
    assert platform.post("/api/v1/evaluations", rating, nonce="the-same-nonce").status_code == 422
    replay = platform.post("/api/v1/evaluations", rating, nonce="the-same-nonce")
    assert (replay.status_code, replay.json()["code"]) == (409, "replayed")
    late = platform.post("/api/v1/evaluations", rating, at=time.time() - 400)
    assert (late.status_code, late.json()["code"]) == (401, "bad_signature")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"level":5}',
        b'{"project_no":"a","service_number":1,"level":true,"channel":1}',
        b'{"project_no":"a","service_number":1,"level":"5","channel":1}',
        b'{"project_no":"a","service_number":1,"level":NaN,"channel":1}',
        b'{"project_no":"a","service_number":1,"level":1e400,"channel":1}',
        b'{"project_no":"a","service_number":9223372036854775808,"level":5,"channel":1}',
        b'{"project_no":"a\\u0000b","service_number":1,"level":5,"channel":1}',
        b'{"project_no":"a","service_number":1,"level":5,"channel":1,"words":"\\ud800"}',
        b'{"project_no":"a","service_number":1,"level":5,"channel":1,"words":"\xff\xfe"}',
        b'{"project_no":"a","service_number":1,"level":5,"channel":1,"rated_at":"9999-12-31T23:59:59+14:00"}',
        b'{"project_no":"a","service_number":1,"level":5,"channel":1,"codes":[99999999999]}',
        b"[" * 100000,
        b'{"a":' * 20000,
        b"x" * 70000,
    ],
    ids=range(18),
)
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/evaluations",
        "/api/v1/evaluations/batch",
        "/api/v1/records",
        "/api/v1/records/batch",
    ],
)
def test_bad_input_gets_a_clear_refusal_and_never_a_500(
    platform: Stack, path: str, body: bytes
) -> None:
    answer = platform.post(path, body)
    assert answer.status_code < 500, answer.text
    if answer.status_code == 200:  # a batch, or []: each item was answered
        assert all("code" in item for item in answer.json()["items"])
        return
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["detail_zh"]
    assert answer.json()["detail"]


def test_unsigned_requests_unknown_paths_and_other_methods_are_told_what_to_do(
    platform: Stack,
) -> None:
    assert httpx.post(f"{platform.api}/api/v1/evaluations", content=b"{}").status_code == 401
    assert httpx.post(f"{platform.api}/api/v2/evaluations").status_code == 404
    assert httpx.get(f"{platform.api}/api/v1/evaluations").status_code == 405
