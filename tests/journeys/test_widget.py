"""The widget in a page of another origin under a strict policy; the page inside web-views.

And what a citizen meets on a small or old phone.
"""

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from stack import Stack

pytestmark = pytest.mark.browser


class Host:
    """A department's own site, under a policy that allows nothing but itself and the platform's
    widget.
    """

    def __init__(self, platform: Stack) -> None:
        self.url, host = "", self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                policy = f"default-src 'none'; script-src 'self' {platform.page}; frame-src {platform.page}; style-src 'self'"
                if self.path == "/heard.js":
                    kind = "text/javascript"
                    body = (
                        "addEventListener('haochaping:done', () => document.title = 'rated'); "
                        "document.title = 'usable';"
                    )
                else:
                    kind = "text/html"
                    body = (
                        "<!doctype html><html lang=zh><title>wait</title><script async "
                        f"src='{platform.page}/widget.js'></script>"
                        f"<h1>办事大厅</h1><hao-cha-ping url='{host.url}'></hao-cha-ping><script "
                        "src='/heard.js'></script>"
                    )
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def host(platform: Stack) -> Iterator[Host]:
    """A running site."""
    site = Host(platform)
    yield site
    site.server.shutdown()


def link(platform: Stack, **wanted: object) -> str:
    """Register a service and ask for an address to rate it at."""
    number, _ = platform.service(window_code="", staff_number="")
    answer = platform.post("/api/v1/links", {"project_no": number, "service_number": 1, **wanted})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def test_the_widget_rates_inside_a_page_of_another_origin_under_a_strict_policy(
    platform: Stack, browser: Browser, host: Host
) -> None:
    host.url = link(platform, embed=host.origin, channel=1)
    page = browser.new_context(locale="zh-CN").new_page()
    problems: list[str] = []
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    page.goto(host.origin)
    page.get_by_role("button", name="评价本次服务").click()
    frame = page.frame_locator("iframe")
    frame.locator("label[for=l5]").click()
    frame.get_by_role("button", name="提交评价").click()
    expect(page).to_have_title("rated")
    assert problems == []


def test_no_other_origin_may_frame_the_page_and_a_frame_that_does_not_open_becomes_a_link(
    platform: Stack, browser: Browser, host: Host
) -> None:
    address = link(platform)
    assert "frame-ancestors 'none'" in httpx.get(address).headers["Content-Security-Policy"]
    host.url = "https://elsewhere.example/e/x"
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(host.origin)
    page.get_by_role("button", name="评价本次服务").click()
    expect(page.get_by_role("link", name="在新页面评价")).to_have_attribute("href", host.url)


def test_the_host_is_usable_while_the_platform_hangs(
    platform: Stack, browser: Browser, host: Host
) -> None:
    page = browser.new_context(locale="zh-CN").new_page()
    page.route("**/widget.js", lambda _route: None)  # never answered
    page.goto(host.origin, wait_until="commit")
    expect(page).to_have_title("usable")


def test_the_script_is_small_and_an_address_that_is_no_https_is_refused(platform: Stack) -> None:
    assert len(gzip.compress(httpx.get(f"{platform.page}/widget.js").content)) < 3072
    number, _ = platform.service(window_code="", staff_number="")
    for bad in (
        "javascript:alert(1)",
        "http://elsewhere.example",
        "https://a b",
        "https://u:p@x.cn",
        "//x",
    ):
        for field in ("back_url", "embed"):
            answer = platform.post(
                "/api/v1/links", {"project_no": number, "service_number": 1, field: bad}
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "bad_address")


@pytest.mark.parametrize(
    ("width", "language"),
    [
        (320, "en"),
        pytest.param(390, "en", marks=pytest.mark.nightly),
        (360, "zh-CN"),
        pytest.param(390, "zh-CN", marks=pytest.mark.nightly),
    ],
)
def test_every_face_is_on_the_screen_whatever_language_and_text_size(
    platform: Stack, browser: Browser, width: int, language: str
) -> None:
    page = browser.new_context(
        viewport={"width": width, "height": 800},
        locale=language,
        extra_http_headers={"Accept-Language": language},
    ).new_page()
    for scale in ("", "?scale=1.3", "?scale=abc", "?size=large"):
        page.goto(link(platform) + scale)
        for level in range(1, 6):
            box = page.locator(f"label[for=l{level}]").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width, (scale, level)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(link(platform) + "?scale=1.5")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "27px"


def test_what_is_missing_is_said_on_the_page_and_nothing_that_was_written_is_lost(
    platform: Stack, browser: Browser
) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 800}, locale="zh-CN").new_page()
    problems: list[str] = []
    page.on(
        "console",
        lambda message: (
            problems.append(message.text) if "Content Security" in message.text else None
        ),
    )
    page.goto(link(platform, back_url="https://www.example.gov.cn/done"))
    page.locator("label[for=l1]").click()
    page.fill("[name=phone]", "13812345678")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("至少一个问题")
    assert page.input_value("[name=phone]") == "13812345678"
    page.fill("textarea", "跑了三趟")
    page.get_by_role("button", name="提交评价").click()
    page.wait_for_url("**/done")
    assert (
        page.get_by_role("link", name="返回办事页面").get_attribute("href")
        == "https://www.example.gov.cn/done"
    )
    assert problems == []


def test_the_page_works_in_chromium_87(platform: Stack, tmp_path: Path) -> None:
    script = Path(__file__).resolve().parents[1] / "old_browser.py"
    done = subprocess.run(
        [sys.executable, str(script), link(platform), str(tmp_path / "old.png")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert "Chrome/87." in said["browser"]
    assert (said["faces"], said["inside"], said["inARow"], said["reasons"], said["styled"]) == (
        5,
        True,
        True,
        True,
        "rgb(27, 79, 156)",
    )
    assert said["ended"].endswith("/done")
