"""Management as offices do it in a browser: windows by file and their posters, a version of the
indicators, a colleague who signs in with two steps, a key that is rotated under load, and a trail
that is proved intact.
"""

import io
import re
import sys
import threading
from pathlib import Path
from typing import Any

import openpyxl
import pyotp
import pypdfium2
import pytest
from office import DEMO_PASSWORD, sign_in
from playwright.sync_api import Browser, Download, Page, expect
from stack import Stack

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "clients" / "python"))

from haochaping_client import Client

pytestmark = pytest.mark.browser
WINDOWS, WRONG = 300, 7


def workbook(rows: list[list[Any]]) -> bytes:
    """Return rows as an XLSX file."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def opened(download: Download) -> openpyxl.Workbook:
    """Return a workbook that was downloaded."""
    return openpyxl.load_workbook(io.BytesIO(Path(download.path()).read_bytes()))


def handed_in(page: Page, name: str, data: bytes) -> None:
    """Choose a file and look at its preview."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files(
        "input[type=file]", files=[{"name": name, "mimeType": kind, "buffer": data}]
    )
    page.get_by_role("button", name="预览").click()


def test_a_clerk_imports_windows_mends_the_wrong_ones_and_prints_their_posters(
    platform: Stack, browser: Browser
) -> None:
    page = sign_in(browser, platform, "city", DEMO_PASSWORD)
    with page.expect_download() as template:
        page.goto(f"{platform.page}/admin/directory/windows/import")
        page.get_by_role("link", name="下载模板").click()
    heading = [cell.value for cell in next(opened(template.value).active.iter_rows())]
    with platform.database() as connection:
        hall, department = connection.execute(
            "SELECT hall.code, department.uscc FROM directory_window AS window_ "
            "JOIN directory_hall AS hall ON hall.id = window_.hall_id "
            "JOIN directory_department AS department ON department.id = window_.department_id "
            "WHERE hall.region BETWEEN 320700000000 AND 320799999999 ORDER BY window_.id LIMIT 1"
        ).fetchone()
    rows = [
        [f"LYG-NEW-{n:03d}", hall, f"新{n:03d}", department, "09:00", "17:00"]
        for n in range(WINDOWS)
    ]
    spoilt = [
        (3, 1, "NO-HALL"),
        (40, 3, "1132"),
        (77, 4, "25:00"),
        (120, 0, ""),
        (180, 5, "abc"),
        (250, 1, ""),
        (299, 4, "18:30"),
    ]
    assert len(spoilt) == WRONG
    wrong = [list(row) for row in rows]
    for number, column, value in spoilt:
        wrong[number][column] = value
    handed_in(page, "windows.xlsx", workbook([heading, *wrong]))
    expect(page.locator("h2").first).to_contain_text(f"{WINDOWS - WRONG} 行可导入")
    expect(page.locator("h2").first).to_contain_text(f"{WRONG} 行有错")
    expect(page.locator("table").first.locator("tbody tr")).to_have_count(WRONG)
    with page.expect_download() as mended:
        page.get_by_role("button", name="下载有错的行").click()
    bad = list(opened(mended.value).active.iter_rows(values_only=True))
    assert len(bad) == WRONG + 1
    assert all(row[-1] for row in bad)  # each says why
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("[role=status]")).to_contain_text(f"已导入 {WINDOWS - WRONG}")
    page.goto(f"{platform.page}/admin/directory/windows/import")
    fixed = [rows[number] for number, _, _ in spoilt]
    handed_in(page, "mended.xlsx", workbook([heading, *fixed]))
    expect(page.locator("h2").first).to_contain_text(f"{WRONG} 行可导入")
    page.get_by_role("button", name="确认导入").click()
    page.goto(f"{platform.page}/admin/codes/?kind=window&search=新")
    expect(page.locator(".bar-h")).to_contain_text(f"{WINDOWS} 处")
    page.get_by_label(re.compile(f"全部 {WINDOWS} 处")).check()
    page.get_by_role("button", name="下载海报 PDF").click()
    expect(page).to_have_url(re.compile("/admin/exports/"))
    link = page.get_by_role("link", name=re.compile("下载")).first
    expect(link).to_be_visible(timeout=60_000)  # the page looks again by itself
    with page.expect_download() as posters:
        link.click()
    assert len(pypdfium2.PdfDocument(posters.value.path())) == WINDOWS


def test_the_province_puts_a_version_of_the_indicators_in_force(
    platform: Stack, browser: Browser
) -> None:
    page = sign_in(browser, platform, "province", DEMO_PASSWORD)
    page.goto(f"{platform.page}/admin/indicators/")
    page.get_by_role("button", name=re.compile("起草|继续")).click()
    edition = page.url
    page.get_by_label("新代码 1").fill("198")
    page.get_by_label("新内容 1").fill("叫号系统故障")
    page.get_by_label("新英文 1").fill("The queue machine was broken")
    page.get_by_label("渠道 新1").fill("3,4")
    page.fill("[name=note]", "增加叫号原因")
    page.get_by_role("button", name="保存并提交复核").click()
    expect(page.get_by_test_id("changes")).to_contain_text("198 叫号系统故障")
    expect(page.locator("body")).to_contain_text("须由另一人复核发布")
    leader = sign_in(browser, platform, "leader", DEMO_PASSWORD)
    expect(leader.get_by_test_id("approvals")).to_contain_text("指标版本")
    leader.goto(edition)
    leader.get_by_role("button", name="发布，今天起生效").click()
    expect(leader.locator("body")).to_contain_text("已发布")
    leader.goto(f"{platform.page}/admin/indicators/")
    expect(leader.locator("body")).to_contain_text("叫号系统故障")


def test_an_administrator_invites_a_handler_who_signs_in_with_two_steps(
    platform: Stack, browser: Browser
) -> None:
    admin = sign_in(browser, platform, "admin", DEMO_PASSWORD)
    admin.goto(f"{platform.page}/admin/people/new")
    with platform.database() as connection:
        (uscc,) = connection.execute(
            "SELECT uscc FROM directory_department WHERE name = '连云港市行政审批局'"
        ).fetchone()
    admin.fill("[name=account]", "qian.new")
    admin.fill("[name=name]", "钱新")
    admin.select_option("[name=role]", "handler")
    admin.select_option("[name=region]", "320700000000")
    admin.fill("[name=department]", uscc)
    # pressed twice it is done once, and what is shown once is seen
    admin.get_by_role("button", name="提交，待复核").dblclick()
    password = admin.get_by_test_id("password").locator("code").inner_text()
    security = sign_in(browser, platform, "security", DEMO_PASSWORD)
    expect(security.get_by_test_id("approvals")).to_contain_text("岗位")
    security.get_by_test_id("approvals").get_by_role("link", name="岗位").click()
    security.get_by_role("link", name="钱新").or_(
        security.get_by_role("link", name="qian.new")
    ).first.click()
    security.get_by_role("button", name="复核通过").click()
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{platform.page}/admin/")
    page.fill("[name=account]", "qian.new")
    page.fill("[name=password]", password)
    page.get_by_role("button", name="登录").click()
    own = "a-long-password-of-qian"
    page.fill("[name=old]", password)
    page.fill("[name=new]", own)
    page.fill("[name=again]", own)
    page.get_by_role("button", name="修改").click()
    page.goto(f"{platform.page}/admin/account")
    page.fill("form:has([value=begin]) [name=old]", own)
    page.locator("form:has([value=begin]) button").click()
    totp = pyotp.TOTP(page.locator("[data-secret]").inner_text())
    page.fill("[name=code]", totp.now())
    page.get_by_role("button", name="启用").click()
    expect(page.locator("[data-codes] code").first).to_be_visible()
    codes = page.locator("[data-codes] code").all_inner_texts()
    assert len(codes) >= 8
    again = browser.new_context(locale="zh-CN").new_page()
    again.goto(f"{platform.page}/admin/")
    again.fill("[name=account]", "qian.new")
    again.fill("[name=password]", own)
    again.get_by_role("button", name="登录").click()
    again.fill("[name=code]", codes[0])  # the telephone was left at home
    again.get_by_role("button", name=re.compile("登录|验证")).click()
    expect(again.locator("h1")).to_contain_text("工作台")
    again.goto(f"{platform.page}/admin/notices/")
    expect(again.locator("body")).to_contain_text("您的岗位")


def test_an_integrator_rotates_a_key_and_no_call_fails(platform: Stack, browser: Browser) -> None:
    kid, secret = platform.another_key()
    outcomes: list[str] = []
    done = threading.Event()

    def call(key: tuple[str, str]) -> None:
        client = Client(platform.api, *key)
        while not done.is_set():
            try:
                client.post("/api/v1/key", {})
                outcomes.append("good")
            except Exception as bug:  # noqa: BLE001 - whatever a client may meet
                outcomes.append(repr(bug))

    caller = threading.Thread(target=call, args=((kid, secret),))
    caller.start()
    try:
        page = sign_in(browser, platform, "admin", DEMO_PASSWORD)
        page.goto(f"{platform.page}/admin/keys")
        row = page.locator("tr", has_text=kid)
        row.get_by_role("button", name="轮换").click()
        shown = page.get_by_test_id("made").locator("code")
        expect(shown).to_have_count(2)
        made = shown.all_inner_texts()
        fresh = threading.Thread(target=call, args=((made[0], made[1]),))
        fresh.start()
        page.wait_for_timeout(3000)
    finally:
        done.set()
    caller.join()
    fresh.join()
    assert set(outcomes) == {"good"}
    assert len(outcomes) > 20
    page.goto(f"{platform.page}/admin/keys")
    expect(page.locator("tr", has_text=kid)).to_contain_text("至")


def test_an_auditor_proves_the_trail_intact_and_sees_that_it_was_changed(
    platform: Stack, browser: Browser
) -> None:
    page = sign_in(browser, platform, "auditor", DEMO_PASSWORD)
    expect(page.locator(".chart").first).to_be_visible()  # the desk shows the trail's own days
    page.goto(f"{platform.page}/admin/audit")
    page.get_by_role("button", name=re.compile("核验|校验|验证")).click()
    verdict = page.locator("[role=status]").first
    expect(verdict).to_contain_text("未被改动")
    with platform.database() as connection:
        (pk, before) = connection.execute(
            "SELECT entry.id, entry.verb FROM audit_entry AS entry "
            "JOIN ledger_trail AS trail ON trail.entry_id = entry.id ORDER BY entry.id LIMIT 1"
        ).fetchone()
        connection.execute("UPDATE audit_entry SET verb = 'nothing' WHERE id = %s", (pk,))
        connection.commit()
        page.get_by_role("button", name=re.compile("核验|校验|验证")).click()
        expect(page.locator("body")).to_contain_text(str(pk))
        connection.execute("UPDATE audit_entry SET verb = %s WHERE id = %s", (before, pk))
