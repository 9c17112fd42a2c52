"""A city is set up from nothing by people who never open a terminal: an administrator, a security
administrator, and whom they let in. The installer made the first two accounts.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from office import PASSWORD, sign_in
from people import BUREAU, item_of
from playwright.sync_api import Browser, Page, expect
from stack import Stack

pytestmark = pytest.mark.browser
CITY = "320700000000"
OWN = "Lianyungang-2026-first"
TABLES = {
    "departments": f"统一社会信用代码,名称,行政区划代码\n{BUREAU},连云港市行政审批局,320700\n",
    "halls": "编号,名称,行政区划代码,地址\nH1,连云港市政务服务中心,320700,海州区\n",
    "windows": "编号,大厅编号,窗口号,部门信用代码,开始时间,结束时间\n"
    f"W1,H1,A03,{BUREAU},00:00,23:59\n",
    "staff": f"工号,姓名,部门信用代码,窗口编号\n0321,王晓燕,{BUREAU},W1\n",
    "items": f"编号,名称,部门信用代码,事项类型\n{item_of(BUREAU)},企业设立登记,{BUREAU},01\n",
}


@pytest.fixture(scope="module")
def platform() -> Iterator[Stack]:
    """An empty platform, with the two accounts that its installer made."""
    stack = Stack()
    stack.start()
    for account, role in (("root", "admin"), ("guard", "security")):
        who = ["--role", role, "--region", CITY, "--name", account, "--password", PASSWORD]
        assert stack.hcp("appoint", account, *who).returncode == 0
    yield stack
    stack.stop()


def invited(platform: Stack, browser: Browser, admin: Page, guard: Page, **post: str) -> Page:
    """Have somebody be invited by one and confirmed by another; return their page, signed in."""
    admin.goto(f"{platform.page}/admin/people/new")
    for name in ("account", "name", "department", "window"):
        if name in post:
            admin.fill(f"[name={name}]", post[name])
    admin.select_option("[name=role]", post["role"])
    admin.get_by_role("button", name="提交，待复核").click()
    password = admin.get_by_test_id("password").locator("code").inner_text()
    guard.goto(f"{platform.page}/admin/people")
    guard.get_by_role("link", name=post["name"]).first.click()
    guard.get_by_role("button", name="复核通过").click()
    expect(guard.locator("h1")).to_be_visible()
    page = browser.new_context(viewport={"width": 1366, "height": 850}, locale="zh-CN").new_page()
    page.goto(f"{platform.page}/admin/")
    page.fill("[name=account]", post["account"])
    page.fill("[name=password]", password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/admin/account")
    for name, value in (("old", password), ("new", OWN), ("again", OWN)):
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="修改").click()
    page.goto(f"{platform.page}/admin/")
    expect(page.locator("h1")).to_contain_text("工作台")
    return page


def test_a_city_begins_without_a_terminal(
    platform: Stack, browser: Browser, tmp_path: Path
) -> None:
    admin, guard = (sign_in(browser, platform, who) for who in ("root", "guard"))
    for kind, text in TABLES.items():
        file = tmp_path / f"{kind}.csv"
        file.write_text(text, encoding="gb18030")
        admin.goto(f"{platform.page}/admin/directory/{kind}/import")
        admin.set_input_files("[name=file]", str(file))
        admin.get_by_role("button", name="预览").click()
        admin.get_by_role("button", name="确认导入").click()
        expect(admin.get_by_role("status")).to_contain_text("已导入 1 行")
    # codes for the posters, and a tablet
    admin.goto(f"{platform.page}/admin/codes/?kind=window")
    admin.locator("[data-tick-all]").check()
    admin.get_by_role("button", name="批量生成").click()
    code = admin.locator("td.keep a").first.inner_text()
    assert httpx.get(f"{platform.page}/p/{code}", follow_redirects=True).status_code == 200
    admin.goto(f"{platform.page}/admin/devices/")
    admin.select_option("[name=window]", index=1)
    admin.get_by_role("button", name="生成配对码").click()
    expect(admin.locator("main")).to_contain_text(re.compile(r"\b\d{6}\b"))
    # people: an office, a handler
    office = invited(
        platform, browser, admin, guard, account="zhou.office", name="周敏", role="city"
    )
    handler = invited(
        platform,
        browser,
        admin,
        guard,
        account="zhao.lei",
        name="赵磊",
        role="handler",
        department=BUREAU,
    )
    # a department's system, started by another than who connected it
    admin.goto(f"{platform.page}/admin/keys")
    admin.fill("[name=client]", "市行政审批系统")
    admin.get_by_role("button", name="签发密钥").click()
    made = admin.get_by_test_id("made").locator("code")
    expect(made).to_have_count(2)
    key = tuple(made.all_inner_texts())
    office.goto(f"{platform.page}/admin/interface/checklists")
    office.get_by_role("link", name="市行政审批系统").click()
    office.get_by_role("button", name="启用").click()
    expect(office.get_by_text("对接检查单").first).to_be_visible()
    # where bad ratings go by themselves
    office.goto(f"{platform.page}/admin/orders/rules")
    office.select_option("[name=to]", label="连云港市行政审批局")
    office.get_by_role("button", name="启用").click()
    # the first service, and the first citizen is not satisfied
    platform.key = (key[0], key[1])
    platform.wait_for(
        lambda: platform.post("/api/v1/key", {}).status_code == 200, 30
    )  # the collector reads keys anew
    _, link = platform.service()
    citizen = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN").new_page()
    citizen.goto(link)
    citizen.locator("label[for=l1]").click()
    citizen.fill("textarea", "材料要了三次")
    citizen.get_by_role("button", name="提交评价").click()
    citizen.wait_for_url("**/done")

    def arrived() -> bool:
        handler.goto(f"{platform.page}/admin/orders/")
        return handler.locator("tbody tr, .order").count() > 0

    platform.wait_for(arrived, 60)
    handler.locator("tbody a").first.click()
    expect(handler.get_by_text("材料要了三次").first).to_be_visible()
