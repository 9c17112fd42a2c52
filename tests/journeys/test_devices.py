"""Devices at windows.

The tablet's page through outages, a hardware box over its socket, codes on posters, and the clerk
who asks.
"""

import asyncio
import functools
import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest
import websockets
import zxingcpp
from conftest import FLAGS
from office import sign_in
from playwright.sync_api import Browser, Page, Playwright, Route, expect
from playwright.sync_api import Error as PlaywrightError
from stack import Stack, wait_for

pytestmark = pytest.mark.browser
RATED = "FROM evaluations_evaluation e JOIN records_key k ON k.record_id = e.id WHERE"


@pytest.fixture(scope="module")
def platform(bureau: Stack) -> Stack:
    """A platform with one bureau and its people."""
    return bureau


def scene(page: Page, name: str, seconds: float = 30) -> None:
    """Wait for a scene of the device's page; fail with what the page says instead."""
    try:
        page.wait_for_selector(f"[data-is={name}]:not([hidden])", timeout=seconds * 1000)
    except PlaywrightError:
        shown = page.locator("body").get_attribute("data-scene")
        said = [page.locator(f"[data-{part}]").text_content() for part in ("pair-problem", "net")]
        pytest.fail(f"the device shows {shown!r} instead of {name!r} and says {said}")


def pair(platform: Stack, page: Page, kind: str = "tablet") -> Page:
    """Open the page on a fresh device and pair it with window W1, at which no call stands."""
    with platform.database() as database:  # one that another module left would be shown at once
        database.execute("UPDATE devices_call SET answered_at = now() WHERE answered_at IS NULL")
    page.goto(f"{platform.page}/k/")
    scene(page, "pair")
    page.fill("#pair-code", platform.hcp("pair-device", "W1", "--kind", kind).stdout.strip())
    page.get_by_role("button", name="配对").click()
    scene(page, "idle")
    expect(page.locator("[data-window]")).to_have_text("A03 号窗口")
    return page


def give(page: Page, level: int) -> str:
    """Rate from the idle scene and return the tracking code."""
    page.locator("[data-start]").click()
    page.locator(f"[data-level='{level}']").click()
    if level <= 2:
        page.locator(f"[data-codes='{level}'] input").first.check()
    page.locator("[data-send]").click()
    scene(page, "thanks")
    code = page.inner_text("[data-code]")
    page.evaluate(
        "document.body.dataset.scene === 'thanks' && document.querySelector('[data-home]').click()"
    )
    return code


def count(platform: Stack, sql: str, *values: Any) -> Any:
    """Return one value from the database."""
    with platform.database() as database:
        row = database.execute(sql, values).fetchone()
    assert row is not None
    return row[0]


class Tablet:
    """A browser of its own whose data outlives it, and that can be killed."""

    def __init__(self, driver: Playwright) -> None:
        self.driver, self.profile = driver, Path(tempfile.mkdtemp(prefix="hcp-tablet-"))

    def open(self) -> Page:
        """Start the browser."""
        size = {"width": 1280, "height": 800}
        self.context = self.driver.chromium.launch_persistent_context(
            str(self.profile),
            executable_path="/usr/bin/chromium",
            args=FLAGS,
            viewport=size,
            locale="zh-CN",
        )
        return self.context.pages[0]

    def kill(self) -> None:
        """Pull the plug."""
        for entry in Path("/proc").iterdir():
            try:
                ours = (
                    entry.name.isdigit()
                    and str(self.profile).encode() in (entry / "cmdline").read_bytes()
                )
            except OSError:
                continue
            if ours:
                with suppress(ProcessLookupError):
                    os.kill(int(entry.name), signal.SIGKILL)
        with suppress(Exception):
            self.context.close()


@pytest.mark.nightly  # takes over a minute
def test_twenty_ratings_survive_a_dead_server_a_killed_browser_and_lost_answers(
    platform: Stack, driver: Playwright
) -> None:
    tablet = Tablet(driver)
    page = tablet.open()
    pair(platform, page)
    page.reload()
    scene(page, "idle")
    kid = count(platform, "SELECT kid FROM devices_device ORDER BY id DESC LIMIT 1")
    wait_for(lambda: page.evaluate("!!navigator.serviceWorker.controller"))
    platform.halt()
    for number in range(20):
        give(page, 2 if number == 7 else 5)
        if number == 9:
            tablet.kill()
            page = tablet.open()
            page.goto(f"{platform.page}/k/")  # from the service worker: the server is dead
            scene(page, "idle")
    page.locator("[data-self]").click()
    expect(page.locator("[data-check=待上传]")).to_have_text("20 条")
    sent: list[int] = []

    def lossy(route: Route) -> None:
        sent.append(len(route.request.post_data_json["items"]))
        try:
            answer = route.fetch()
        except PlaywrightError:  # the server is still dead
            sent.pop()
            return route.abort()
        if len(sent) <= 3:
            route.abort()  # the server has stored them; the answer is lost
        else:
            route.fulfill(response=answer)
        return None

    tablet.context.route("**/k/ratings", lossy)
    platform.start()
    wait_for(
        lambda: (
            (
                page.locator("[data-flush]").click(),
                page.locator("[data-self]").click(),
                page.inner_text("[data-check=待上传]"),
            )[2]
            == "0 条"
        ),
        60,
    )
    assert len(sent) > 3
    ours = f"SELECT count(*) {RATED} project_no LIKE %s"
    assert count(platform, ours, f"DEV-{kid}-%") == 20
    assert (
        count(platform, ours + " AND level = 2 AND channel = 4 AND origin = 2", f"DEV-{kid}-%") == 1
    )
    gap = "SELECT last_seq - received FROM devices_devicestate s JOIN devices_device d ON d.id = s.device_id WHERE kid = %s"
    assert count(platform, gap, kid) == 0
    tablet.context.close()
    shutil.rmtree(tablet.profile, ignore_errors=True)


def test_a_clerk_asks_the_tablet_shows_the_service_and_the_clerk_sees_that_it_was_rated_never_how(
    platform: Stack, browser: Browser
) -> None:
    number, _ = platform.service()
    page = pair(
        platform,
        browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page(),
    )
    clerk = sign_in(browser, platform, "clerk", width=390)  # on a telephone, nothing beside it
    clerk.fill("[name=number]", number)
    ask = clerk.get_by_role("button", name="请评价").first
    expect(ask).to_be_in_viewport()
    ask.click()
    scene(page, "rate", 8)
    expect(page.locator("[data-what]")).to_contain_text("企业设立登记")
    page.locator("[data-level='1']").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-why-problem]")).to_contain_text("至少选择一个问题")
    page.locator("[data-codes='1'] input").first.check()
    page.locator("[data-send]").click()
    scene(page, "thanks")
    code = page.inner_text("[data-code]")
    # the tablet thanks at once and sends from its outbox: the clerk looks when it has arrived
    stored = f"SELECT level {RATED} project_no = %s AND channel = 4 AND origin = 1"
    assert wait_for(lambda: count(platform, f"SELECT ({stored})", number)) == 1
    clerk.reload()
    expect(clerk.locator(".plainlist li").first).to_contain_text("已评")
    assert "非常不满意" not in clerk.content()
    # the whole code opens the progress, on any browser; a wrong or a short one does not
    find = functools.partial(httpx.get, f"{platform.page}/find", follow_redirects=True)
    opened = find(params={"number": code.lower()})
    assert opened.url.path.startswith("/e/")
    assert "非常不满意" in opened.text
    assert "凡不满意的评价" in opened.text
    assert "已收到" in find(params={"number": code[:9]}).text
    wrong = code[:10] + f"{(int(code[10:]) + 1) % 10_000:04d}"
    assert "没有查到" in find(params={"number": wrong}).text
    assert find(params={"number": ""}).url.fragment == "find"
    along = page.locator("[data-along]")
    expect(along).to_be_visible()
    assert along.get_attribute("src").startswith("data:image/svg+xml;base64,")
    page.locator("[data-finish]").click()
    scene(page, "idle")


@pytest.mark.nightly  # takes over a minute
def test_silence_for_a_minute_is_not_rated_and_never_praise(
    platform: Stack, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = context.new_page()
    page.clock.install()
    pair(platform, page)
    number, _ = platform.service()
    before = count(platform, "SELECT count(*) FROM evaluations_evaluation")
    assert (
        platform.post(
            "/api/v1/calls", {"project_no": number, "service_number": 1, "window_code": "W1"}
        ).status_code
        == 201
    )
    wait_for(
        lambda: (
            (page.clock.run_for(1000), page.locator("body").get_attribute("data-scene"))[1]
            == "rate"
        ),
        20,
    )
    page.clock.run_for(61_000)
    scene(page, "idle")
    wait_for(
        lambda: (
            count(platform, "SELECT outcome FROM devices_call ORDER BY id DESC LIMIT 1")
            == "not_rated"
        )
    )
    assert count(platform, "SELECT count(*) FROM evaluations_evaluation") == before


def test_a_terminal_uses_the_same_page_and_says_so(platform: Stack, browser: Browser) -> None:
    page = pair(
        platform,
        browser.new_context(viewport={"width": 800, "height": 1280}, locale="zh-CN").new_page(),
        "terminal",
    )
    expect(page.locator("[data-staff]")).to_have_text("自助服务终端")
    ours = "SELECT count(*) FROM evaluations_evaluation WHERE channel = 5 AND origin <> 3"
    before = count(platform, ours)
    give(page, 4)
    wait_for(lambda: count(platform, ours) == before + 1)


def test_a_wrong_pairing_code_is_refused_and_a_disabled_device_is_told_to_pair_again(
    platform: Stack, browser: Browser
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page()
    page.goto(f"{platform.page}/k/")
    scene(page, "pair")
    page.fill("#pair-code", "000000")
    page.get_by_role("button", name="配对").click()
    expect(page.locator("[data-pair-problem]")).to_contain_text("不正确或已过期")
    pair(platform, page)
    hall = sign_in(browser, platform, "hall")
    hall.goto(f"{platform.page}/admin/devices/")
    kid = count(platform, "SELECT kid FROM devices_device ORDER BY id DESC LIMIT 1")
    row = hall.locator("tr").filter(has_text=kid)
    row.get_by_text("停用", exact=True).click()
    row.get_by_role("button", name="确认停用").click()
    page.reload()
    scene(page, "pair", 10)


def in_a_thread[T](work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine beside Playwright, which has an event loop in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _box(platform: Stack, kid: str, secret: str, number: str) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    address = platform.api.replace("http", "ws") + "/api/v1/devices/ws"
    async with websockets.connect(address) as box:

        async def hear(code: int) -> dict[str, Any]:
            while True:
                message = json.loads(await asyncio.wait_for(box.recv(), 15))
                said.append(message)
                if message["code"] == code:
                    return dict(message["data"])

        async def say(code: int, **data: Any) -> None:
            await box.send(json.dumps({"code": code, "data": data}))

        await say(40000)
        await hear(40002)  # not logged in
        await say(40001, work_no=kid, key=secret)
        assert (await hear(40001))["result"] == "ok"
        await say(40000)
        assert "time" in await hear(40000)
        await box.send("not json")
        await hear(40002)
        await say(1)
        await hear(50000)
        call = {"project_no": number, "service_number": 1, "window_code": "W2"}
        assert (await asyncio.to_thread(platform.post, "/api/v1/calls", call)).status_code == 201
        url = (await hear(50100))["url"]
        assert (await asyncio.to_thread(httpx.get, url)).status_code == 200
        await say(40100, seq=1, model="keypad-0", key=9)
        assert (await hear(40100))["code"] == "key_unknown"
        await say(40100, seq=1, model="keypad-0", key=-2)
        assert (await hear(40100))["outcome"] == "not_rated"
        await asyncio.to_thread(platform.post, "/api/v1/calls", call)
        await hear(50100)
        for _ in range(2):  # the answer is lost, the box says it again
            await say(40100, seq=2, model="keypad-0", key=0)
            assert (await hear(40100))["outcome"] == "rated"
        await say(40100, seq=2, model="keypad-0", key=3)  # another rating under the same number
    return said


def test_a_hardware_box_logs_in_is_told_what_to_open_and_reports_keys(platform: Stack) -> None:
    number, _ = platform.service(window_code="W2")
    told = httpx.post(
        f"{platform.page}/k/pair",
        json={"code": platform.hcp("pair-device", "W2", "--kind", "box").stdout.strip()},
    ).json()
    in_a_thread(_box(platform, told["kid"], told["secret"], number))
    row = f"SELECT (SELECT level || ' ' || words || ' ' || channel {RATED} project_no = %s)"
    assert (
        count(platform, row, number) == "2 （评价器按键，未说明原因） 4"
    )  # key 0 of this model is “not satisfied”

    async def stranger() -> str:
        async with websockets.connect(
            platform.api.replace("http", "ws") + "/api/v1/devices/ws"
        ) as box:
            await box.send(
                json.dumps({"code": 40001, "data": {"work_no": told["kid"], "key": "guess"}})
            )
            return str(json.loads(await box.recv())["data"]["result"])

    assert in_a_thread(stranger()) == "refused"


def _first_code(page: Page, platform: Stack) -> str:
    """Return the address that the first QR code of the list leads to."""
    return f"{platform.page}/p/{page.locator('td.keep a').first.inner_text()}"


def test_posters_are_pdf_with_chinese_text_and_codes_that_scanners_read(
    platform: Stack, browser: Browser
) -> None:
    hall = sign_in(browser, platform, "hall")
    hall.goto(f"{platform.page}/admin/codes/?kind=window")
    hall.locator("[data-tick-all]").check()
    with hall.expect_download() as download:
        hall.get_by_role("button", name="下载海报 PDF").click()
    document = pypdfium2.PdfDocument(download.value.path())
    assert len(document) == 2
    assert (
        "A03 号窗口"
        in document[0].get_textpage().get_text_bounded()
        + document[1].get_textpage().get_text_bounded()
    )
    addresses = [zxingcpp.read_barcode(page.render(scale=3).to_pil()).text for page in document]
    assert all(re.fullmatch(rf"{platform.page}/p/\w{{8}}", address) for address in addresses)
    hall.goto(f"{platform.page}/admin/codes/?kind=window")
    old = _first_code(hall, platform)
    hall.get_by_text("换新码", exact=True).first.click()
    hall.get_by_role("button", name="确认换新码").first.click()
    assert _first_code(hall, platform) != old
    assert httpx.get(old).status_code == 200  # the old poster leads on
    # nothing at the first click
    expect(hall.get_by_role("button", name="确认停用")).to_have_count(0)
    hall.get_by_text("停用", exact=True).first.click()
    expect(hall.get_by_text("立即失效").first).to_be_visible()
    hall.get_by_role("button", name="确认停用").first.click()
    assert httpx.get(old).status_code == 410


def test_scanning_finds_the_service_of_a_verified_phone_or_takes_a_marked_rating_without_one(
    platform: Stack, browser: Browser
) -> None:
    number, _ = platform.service(applicant={"name": "张芳华", "phone": "13900001111"})
    hall = sign_in(browser, platform, "hall")
    hall.goto(f"{platform.page}/admin/codes/?kind=hall")
    hall.locator("[name=target]").first.check()
    hall.get_by_role("button", name="批量生成").click()
    address = _first_code(hall, platform)
    for phone, registered in (("13900001111", True), ("13900002222", False)):
        page = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="zh-CN", java_script_enabled=False
        ).new_page()
        page.goto(address)
        page.fill("[name=phone]", phone)
        page.get_by_role("button", name="获取验证码").click()
        page.fill("[name=digits]", "000000")
        page.get_by_role("button", name="下一步").click()
        expect(page.get_by_role("alert")).to_contain_text("验证码不正确")
        page.fill("[name=digits]", code_sent(platform))
        page.get_by_role("button", name="下一步").click()
        if not registered:
            page.select_option("[name=item]", label="企业设立登记")
        page.get_by_role("button", name="去评价").click()
        page.locator("label[for=l4]").click()
        page.get_by_role("button", name="提交评价").click()
        page.wait_for_url("**/done")
    stored = f"SELECT count(*) {RATED} channel = 3 AND origin = %s AND project_no LIKE %s"
    assert count(platform, stored, 1, number) == 1
    assert count(platform, stored, 2, "SCAN-%") == 1
    again = httpx.post(address, data={"phone": "13900002222"})
    assert again.status_code == 429
    assert int(again.headers["Retry-After"]) > 0


def code_sent(platform: Stack) -> str:
    """Return the digits of the last code.

    Nothing is configured that would send them, so they are opened with the site's own secret.
    """
    from haochaping.kernel.crypto import Keyring

    with platform.database() as database:
        sealed = database.execute(
            "SELECT values, phone_index, queued_at FROM notifications_message "
            "WHERE template = 'check' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert sealed is not None
    values, index, queued_at = sealed
    whose = f"{index.hex()}/{queued_at.astimezone(UTC).isoformat()}"
    ring = Keyring((platform.home / "secret").read_bytes())
    return str(json.loads(ring.open(values, "message.values", whose) or "{}")["code"])
