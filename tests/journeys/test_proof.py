"""A citizen proves that a rating was counted: in the browser, with a program of their own, and
against whoever holds the database.
"""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from stack import Stack, wait_for

pytestmark = pytest.mark.browser
VERIFY = str(Path(__file__).resolve().parents[2] / "clients/verify/hcp_verify.py")


def key(platform: Stack) -> str:
    """Return the ledger's key as one pins it."""
    log = json.loads(httpx.get(f"{platform.page}/ledger/2026/daybook/index.json").text)
    assert log
    return httpx.get(f"{platform.page}/ledger/2026/keys").text.splitlines()[0]


def program(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the standalone verifier."""
    return subprocess.run(
        [sys.executable, VERIFY, *words], capture_output=True, text=True, check=False
    )


def rated(platform: Stack, browser: Browser) -> Page:
    """Rate a service; return the receipt once the rating is in the ledger."""
    citizen = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", accept_downloads=True
    ).new_page()
    citizen.goto(f"{platform.page}/try")
    citizen.locator("label").filter(has_text="非常满意").first.click()
    citizen.get_by_role("button", name="提交").first.click()
    citizen.wait_for_url("**/done*")

    def entered() -> bool:
        citizen.reload()
        return "已入账" in citizen.get_by_test_id("ledger").inner_text()

    wait_for(entered, 30)
    return citizen


def test_a_citizen_takes_a_proof_home_and_checks_it(
    platform: Stack, browser: Browser, tmp_path: Path
) -> None:
    citizen = rated(platform, browser)
    citizen.get_by_role("link", name="入账凭证").click()
    expect(citizen.locator("body")).not_to_contain_text("非常满意")  # it may be shown to anybody
    with citizen.expect_download() as download:
        citizen.get_by_role("link", name="我知道了，下载凭证").click()
    path = tmp_path / "mine.tlog-proof"
    download.value.save_as(path)
    citizen.goto(f"{platform.page}/open/verify")
    citizen.set_input_files("input[name=file]", str(path))
    citizen.get_by_role("button", name="核验").click()
    expect(citizen.get_by_text("核验通过")).to_be_visible()
    expect(citizen.locator("[data-said] details p")).to_be_hidden()
    citizen.get_by_text("显示我评的等级").click()
    expect(citizen.locator("[data-said] details p")).to_have_text("非常满意")
    assert program("receipt", str(path), "--key", key(platform)).returncode == 0
    proof = citizen.locator("textarea[name=proof]")
    proof.fill(proof.input_value().replace("\nindex ", "\nindex 1"))
    citizen.get_by_role("button", name="核验").click()
    expect(citizen.get_by_text("核验不通过")).to_be_visible()


def test_anybody_counts_a_closed_day_again_and_copies_the_ledger(
    platform: Stack, tmp_path: Path
) -> None:
    base = f"{platform.page}/ledger/2026"
    days = json.loads(httpx.get(f"{base}/daybook/index.json").text)
    vkey = key(platform)
    done = program("day", days[-1], "--from", base, "--key", vkey)
    assert done.returncode == 0, done.stderr
    copy = str(tmp_path / "copy")
    done = program("mirror", base, copy, "--key", vkey)
    assert done.returncode == 0, done.stderr
    assert program("log", "--from", copy, "--key", vkey).returncode == 0
    assert program("day", days[-1], "--from", copy, "--key", vkey).returncode == 0


def test_a_superuser_who_changes_one_rating_is_noticed_and_nothing_is_signed_until_it_is_put_back(
    platform: Stack, browser: Browser
) -> None:
    with platform.database() as database:
        before = database.execute(
            "SELECT id, level FROM evaluations_evaluation WHERE level <= 2 AND origin <> 3 LIMIT 1"
        ).fetchone()
        assert before
        change = "UPDATE evaluations_evaluation SET level = %s WHERE id = %s"
        database.execute(change, [5, before[0]])

        def alarms() -> list[str]:
            found: list[str] = httpx.get(f"{platform.page}/health").json()["alarms"]
            return found

        wait_for(lambda: "ledger" in alarms(), 20)  # eight seconds, and what a busy machine takes
        held = httpx.get(f"{platform.page}/ledger/2026/checkpoint").text
        said = platform.hcp("ledger", "status").stdout
        assert "altered: " in said
        database.execute(change, [before[1], before[0]])
    said = platform.hcp("ledger", "thaw", "2026", "--reason", "put back")
    assert said.returncode == 0, said.stderr
    rated(platform, browser)
    assert httpx.get(f"{platform.page}/ledger/2026/checkpoint").text != held
    assert "ledger" not in alarms()
    told = platform.hcp("ledger", "rotate-key", "2026")
    assert told.returncode == 0, told.stderr
    rated(platform, browser)
    fresh = told.stdout.splitlines()[0]  # the new key signs, and so does the old one
    base = f"{platform.page}/ledger/2026"
    for vkey in (fresh, key(platform)):
        assert program("log", "--from", base, "--key", vkey).returncode == 0
    assert platform.hcp("ledger", "verify").returncode == 0
