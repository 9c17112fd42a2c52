"""An integrator who knows nobody: a key without asking, a first call that is refused, the page that
says why, and every step done with the client that we give away.
"""

import re
import sys
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from stack import Stack

sys.path.append(str(Path(__file__).parents[2] / "clients" / "python"))
from haochaping_client import Client, Refused


def test_an_integrator_gets_a_key_is_refused_reads_why_and_does_every_step(
    bureau: Stack, browser: Browser
) -> None:
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{bureau.page}/dev/")
    page.get_by_label("系统名称").fill("市审批系统")
    page.get_by_role("button", name="建一个沙箱").click()
    kid, secret = (page.locator(f"[data-{name}]").inner_text() for name in ("kid", "secret"))
    page.get_by_role("link", name="进度与每次调用的说明").click()
    expect(page.get_by_text("还没有调用")).to_be_visible()

    service = {"project_no": f"3207SANDBOX{time.time_ns()}", "service_number": 1}
    record = {
        **service,
        "region": "320700",
        "department_code": "11320700MB01070A14",
        "item_code": "11320700MB01070A143320101001000",
        "served_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60)),
    }
    with pytest.raises(Refused):
        Client(bureau.api, kid, secret + " ").register(**record)  # copied with a space
    page.reload()
    page.get_by_role("link", name="/api/v1/records").click()
    expect(page.get_by_text("注意首尾空白")).to_be_visible()
    page.get_by_role("link", name="我的沙箱").click()

    client = Client(bureau.api, kid, secret)
    assert client.register(**record)["outcome"] == "accepted"
    assert client.register(**record)["outcome"] == "duplicate"
    client.rate(**service, level=5, channel=9)
    assert [one["outcome"] for one in client.register_all([record])] == ["duplicate"]
    assert client.status(**service)["rated"] is True
    told = client.post("/api/v1/key/rotate", {})
    Client(bureau.api, told["key"], told["secret"]).post("/api/v1/key", {})
    page.reload()
    expect(page.locator("ol.checks")).to_be_visible()
    expect(page.locator("ol.checks li[data-state=good]")).to_have_count(7)
    assert re.search(r"7 / 7", page.inner_text("main"))
    with bureau.database() as database:
        counted = "SELECT count(*) FROM records_record WHERE project_no LIKE '3207SANDBOX%'"
        assert database.execute(counted).fetchone() == (0,)
    page.close()


def test_a_stranger_who_makes_up_keys_is_stopped_by_the_address(bureau: Stack) -> None:
    with httpx.Client() as client:
        answers = [
            client.post(f"{bureau.api}/api/v1/key", headers={"X-HCP-Key": f"sb{number:012x}"})
            for number in range(140)
        ]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert answers[-1].headers["Retry-After"].isdigit()
