"""A citizen proves that a rating was counted: in the browser, with a program of their own, and
against whoever holds the database.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect
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


def rated(platform: Stack, browser: Browser, link: str = "") -> Page:
    """Rate a service; return the receipt once the rating is in the ledger."""
    citizen = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", accept_downloads=True
    ).new_page()
    citizen.goto(link or f"{platform.page}/try")
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
    shown = citizen.get_by_role("link", name="入账凭证").get_attribute("href")
    with citizen.context.expect_page() as other:
        citizen.evaluate("address => { open(address) }", shown)
    expect(other.value.locator("h1")).to_be_visible()
    expect(other.value.locator("body")).not_to_contain_text(
        "非常满意"
    )  # it may be shown to anybody
    citizen.get_by_role("link", name="入账凭证").click()
    with citizen.expect_download() as download:
        citizen.get_by_role("link", name="下载承诺").click()
    download.value.save_as(tmp_path / "mine.promise")
    done = program("promise", str(tmp_path / "mine.promise"), "--key", key(platform))
    assert done.returncode == 0, done.stderr
    citizen.go_back()
    path = downloaded(citizen, tmp_path / "mine.tlog-proof")
    citizen.goto(f"{platform.page}/open/verify")
    citizen.set_input_files("#file", str(path))
    citizen.get_by_role("button", name="核验").click()
    expect(citizen.get_by_text("核验通过")).to_be_visible()
    expect(citizen.locator("[data-said] details p")).to_be_hidden()
    citizen.get_by_text("显示我评的等级").click()
    expect(citizen.locator("[data-said] details p")).to_have_text("非常满意")
    assert program("receipt", str(path), "--key", key(platform)).returncode == 0
    proof = citizen.locator("#proof")
    proof.fill(proof.input_value().replace("\nindex ", "\nindex 1"))
    citizen.get_by_role("button", name="核验").click()
    expect(citizen.get_by_text("核验不通过")).to_be_visible()


def downloaded(citizen: Page, path: Path) -> Path:
    """Take the proof of a receipt home."""
    citizen.get_by_role("link", name="入账凭证").click()
    with citizen.expect_download() as download:
        citizen.get_by_role("link", name="我知道了，下载凭证").click()
    download.value.save_as(path)
    return path


CLOSE = """
import django; django.setup()
from haochaping.kernel import clock
from haochaping.ledger import actions as logs, queries
from haochaping.proofs import actions
now = clock.now()
assert actions.close_days(at=now) == 1
[logs.publish(log_id=log.pk, at=now) for log in queries.logs()]
assert actions.prove_days(at=now) == 1
"""


def test_the_next_day_a_citizen_finds_the_rating_in_the_day_book_and_another_counts_it_again(
    bureau: Stack, browser: Browser, tmp_path: Path
) -> None:
    for _ in range(12):  # a cell of fewer than ten is in no book
        number, _ = bureau.service()
        facts = {"project_no": number, "service_number": 1, "level": 4, "channel": 9}
        assert bureau.post("/api/v1/evaluations", facts).status_code == 201
    citizen = rated(bureau, browser, bureau.service()[1])
    with bureau.database() as database:  # a day goes by
        database.execute("UPDATE proofs_opening SET at = at - interval '1 day'")
    settings = bureau.env | {"DJANGO_SETTINGS_MODULE": "haochaping.config.settings"}
    subprocess.run([sys.executable, "-c", CLOSE], env=settings, check=True)
    citizen.reload()
    path = downloaded(citizen, tmp_path / "mine.tlog-proof")
    citizen.goto(f"{bureau.page}/open/verify")
    citizen.set_input_files("#file", str(path))
    citizen.get_by_role("button", name="核验").click()
    expect(citizen.get_by_text("核验通过")).to_be_visible()
    expect(citizen.locator("[data-step=book]")).to_have_attribute("data-state", "good")
    refused(citizen)
    base = f"{bureau.page}/ledger/{time.gmtime().tm_year}"
    (day,) = httpx.get(f"{base}/daybook/index.json").json()
    done = program("day", day, "--from", base, "--key", key(bureau))
    assert done.returncode == 0, done.stderr
    again = bureau.hcp("recount", day)
    assert (again.returncode, day in again.stdout) == (0, True), again.stderr
    assert bureau.hcp("recount", "2020-01-01").returncode == 1


def refused(citizen: Page) -> None:
    """See the browser refuse a book that is not the log's, and a receipt that too few have seen."""
    again = citizen.get_by_role("button", name="核验")

    def one_more(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.body() + b"\xff" * 40 + b"\5\0")

    citizen.route("**/*.rows", one_more)
    again.click()
    expect(citizen.locator("[data-step=book]")).to_have_attribute("data-state", "bad")
    expect(citizen.get_by_text("核验不通过")).to_be_visible()
    citizen.unroute("**/*.rows")
    citizen.get_by_text("账本和见证人的公钥").click()
    citizen.locator("#enough").fill("1")
    again.click()
    expect(citizen.locator("[data-step=witness]")).to_have_attribute("data-state", "bad")


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
    ours = str(tmp_path / "ours")
    assert platform.hcp("ledger", "mirror", "2026", ours).returncode == 0
    assert program("log", "--from", ours, "--key", vkey).returncode == 0
    assert platform.hcp("ledger", "mirror", "1999", ours).returncode == 1


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

        wait_for(lambda: "ledger" in alarms(), 20)  # nine seconds, and what a busy machine takes
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
