"""The platform behind nginx with ops/nginx.conf, as in production: slow connections stop nobody,
addresses are those of the callers, and plain HTTP is led to HTTPS.
"""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from stack import Stack, free_port, wait_for

NGINX = "/usr/sbin/nginx"
CONFIG = Path(__file__).resolve().parents[2] / "ops" / "nginx.conf"
NAME = "pingjia.example.gov.cn"
BEHIND = {  # the settings that the file names
    "HCP_HTTPS": "1",
    "HCP_TRUSTED_PROXIES": "127.0.0.1",
    "HCP_HOSTS": f"{NAME},localhost",
    "HCP_PUBLIC_URL": f"https://{NAME}",
    "HCP_COLLECTOR_URL": f"https://{NAME}",
}
pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed")


class Proxy:
    """A platform and nginx before it."""

    def __init__(self, platform: Stack) -> None:
        self.platform = platform
        self.plain, self.secure = free_port(), free_port()
        self.home = platform.home / "nginx"
        self.home.mkdir()
        subprocess.run(
            f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={NAME} "
            "-keyout haochaping.key -out haochaping.crt".split(),
            cwd=self.home,
            check=True,
            capture_output=True,
        )
        text = CONFIG.read_text()
        for shipped, here in (
            ("127.0.0.1:8000", f"127.0.0.1:{platform.port}"),
            ("127.0.0.1:8001", f"127.0.0.1:{platform.collector_port}"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
            ("listen 443 ", f"listen 127.0.0.1:{self.secure} "),
            ("/etc/nginx/", f"{self.home}/"),
            ("/var/log/nginx/", f"{self.home}/"),
            ("/var/cache/nginx-", f"{self.home}/"),
        ):
            assert shipped in text
            text = text.replace(shipped, here)
        (self.home / "site.conf").write_text(text)
        folders = "".join(
            f"{kind}_temp_path {self.home}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""  # it reads a folder of root's
        (self.home / "nginx.conf").write_text(
            f"daemon off; {user} pid {self.home}/pid; error_log {self.home}/error.log;"
            "events { worker_connections 1024; }"
            f"http {{ {folders} include {self.home}/site.conf; }}"
        )
        self.process = subprocess.Popen([NGINX, "-c", self.home / "nginx.conf"])
        wait_for(self.listens, 20)

    def listens(self) -> bool:
        """Say whether it takes connections."""
        with contextlib.suppress(OSError), self.connect():
            return True
        return False

    def connect(self) -> ssl.SSLSocket:
        """Open one connection to the secure door."""
        raw = socket.create_connection(("127.0.0.1", self.secure), timeout=30)
        trust = ssl.create_default_context(cafile=self.home / "haochaping.crt")
        return trust.wrap_socket(raw, server_hostname=NAME)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        """Ask for a page under the public name."""
        return httpx.get(
            f"https://127.0.0.1:{self.secure}{path}",
            headers={"Host": NAME} | (headers or {}),
            verify=False,  # noqa: S501 - the name is not that of the address
            timeout=10,
        )

    def stop(self) -> None:
        """End nginx."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    """Both, with the settings that the file names."""
    platform = Stack()
    platform.env |= BEHIND
    platform.start()
    nginx = Proxy(platform)
    yield nginx
    nginx.stop()
    platform.stop()


def test_hundred_slow_connections_stop_no_page_and_no_system(proxy: Proxy) -> None:
    with contextlib.ExitStack() as stack:
        for number in range(100):
            slow = stack.enter_context(proxy.connect())
            path = b"/find" if number % 2 else b"/api/v1/records"
            slow.sendall(b"POST %b HTTP/1.1\r\nHost: %b\r\n" % (path, NAME.encode()))
            slow.sendall(b"Content-Length: 500000\r\n\r\nslow")
        begun = time.monotonic()
        assert proxy.get("/").status_code == 200
        assert proxy.get("/api/v1/health").status_code == 200
        assert time.monotonic() - begun < 8


def test_a_body_that_stalls_is_let_go(proxy: Proxy) -> None:
    with proxy.connect() as slow:
        slow.sendall(b"POST /api/v1/records HTTP/1.1\r\nHost: %b\r\n" % NAME.encode())
        slow.sendall(b"Content-Length: 500\r\n\r\nslow")
        said = b""
        with contextlib.suppress(OSError):
            said = slow.recv(100)
        assert said == b"" or b"408" in said


def test_plain_http_is_led_to_https_and_says_to_stay_there(proxy: Proxy) -> None:
    plain = httpx.get(f"http://127.0.0.1:{proxy.plain}/find?a=1", headers={"Host": NAME})
    assert (plain.status_code, plain.headers["Location"]) == (301, f"https://{NAME}/find?a=1")
    assert "max-age=31536000" in proxy.get("/").headers["Strict-Transport-Security"]


def test_a_caller_cannot_choose_the_address_that_brakes_count(proxy: Proxy) -> None:
    with httpx.Client(
        base_url=f"https://127.0.0.1:{proxy.secure}",
        transport=httpx.HTTPTransport(verify=False, local_address="127.0.0.2"),
        headers={"Host": NAME, "Referer": f"https://{NAME}/"},
    ) as client:
        page = client.get("/admin/sign-in")
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        cookies = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
        answer = client.post(
            "/admin/sign-in",
            data={"username": "nobody", "password": "x", "csrfmiddlewaretoken": token},
            headers={"Cookie": cookies, "X-Forwarded-For": "203.0.113.9"},
        )
        assert answer.status_code < 500
    with proxy.platform.database() as database:
        noted = database.execute("SELECT host(address) FROM identity_signinfailure").fetchall()
    assert noted == [("127.0.0.2",)]


@pytest.mark.parametrize("path", ["/open/", "/ledger/"])
def test_no_address_writes_headers_into_what_is_asked_behind(proxy: Proxy, path: str) -> None:
    asked = f"{path}%20HTTP/1.1%0d%0aCookie:%20sessionid=x%0d%0aX-A:%20"
    assert proxy.get(asked).status_code == 404
    assert proxy.get("/open/search?q=%E7%AA%97%20%E5%8F%A3&other=1").status_code == 200


def test_the_log_holds_no_secret_of_a_link(proxy: Proxy) -> None:
    proxy.get("/e/THISWOULDBEASECRET")
    written = proxy.home / "haochaping.log"
    wait_for(lambda: written.stat().st_size > 0, 10)
    assert "SECRET" not in written.read_text()


def test_a_rush_on_the_public_site_is_answered_by_the_cache_in_each_language(proxy: Proxy) -> None:
    first = proxy.get("/open/method", {"Accept-Language": "zh-CN"})
    assert (first.status_code, first.headers["X-Cache"]) == (200, "MISS")
    assert "s-maxage" in first.headers["Cache-Control"]
    assert "Set-Cookie" not in first.headers
    for told in ({"Accept-Language": "zh-CN,en"}, {"Cookie": "sessionid=stolen"}, {}):
        again = proxy.get("/open/method", told)
        assert (again.headers["X-Cache"], again.text) == ("HIT", first.text)
    english = proxy.get("/open/method", {"Cookie": "django_language=en"})
    assert english.headers["X-Cache"] == "MISS"
    assert english.text != first.text
    assert proxy.get("/open/method", {"Accept-Language": "en-GB"}).text == english.text
    plain = proxy.get("/open/method", {"Accept-Encoding": "identity", "Accept-Language": "zh"})
    assert "Content-Encoding" not in plain.headers
    assert plain.text == first.text
    same = proxy.get("/open/method", {"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert proxy.get("/admin/").headers.get("X-Cache") is None
    assert proxy.get("/open/method?x=1&_=2").headers["X-Cache"] == "HIT"  # nothing reads these
    sought = [proxy.get(f"/open/search?q={word}") for word in ("%E5%B1%80", "nothing")]
    assert [one.headers["X-Cache"] for one in sought] == ["MISS", "MISS"]
    assert 'value="局"' in sought[0].text
    assert proxy.get("/open/search?page=1&q=nothing").headers["X-Cache"] == "MISS"
    for _ in range(2):
        verify = proxy.get("/open/verify")
    assert verify.headers["X-Cache"] == "HIT"
    assert "nonce" not in verify.headers["Content-Security-Policy"]
