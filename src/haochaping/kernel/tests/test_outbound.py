"""The one door to the outside calls nobody inside."""

import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import override_settings

from haochaping.kernel import outbound
from haochaping.kernel.addresses import networks

NOBODY = networks("")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://[::1]:9/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00::1]/",
        "http://[fec0::1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[::7f00:1]/",
        "http://[::ffff:0:7f00:1]/",
        "http://168.63.129.16/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://224.0.0.1/",
        "http://100.64.0.1/",
        "ftp://example.com/",
        "http://",
        "nonsense",
    ],
)
def test_what_lies_within_our_network_is_not_called(url: str) -> None:
    with override_settings(OUTBOUND_ALLOW=NOBODY), pytest.raises(outbound.Unreachable):
        outbound.post(url, headers={})


class _Partner(BaseHTTPRequestHandler):
    """Leads everybody elsewhere."""

    def do_POST(self) -> None:
        # Before the answer: whoever has the answer may look at once.
        self.server.hosts.append(self.headers["Host"])  # type: ignore[attr-defined]
        self.send_response(302)
        self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Drip: a byte a tenth of a second, without end."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b"x")
                time.sleep(0.1)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def partner() -> Any:
    """A server on this machine."""
    server = HTTPServer(("127.0.0.1", 0), _Partner)
    server.hosts = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()


def test_a_listed_address_is_called_under_its_own_name_and_no_redirect_is_followed(
    partner: Any,
) -> None:
    port = partner.server_address[1]
    with override_settings(OUTBOUND_ALLOW=networks("127.0.0.1, ::1")):
        answer = outbound.post(f"http://localhost:{port}/x", headers={})
    assert answer.status == 302
    assert partner.hosts == [f"localhost:{port}"]


def test_nobody_holds_us_by_an_answer_that_drips(
    partner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "_SECONDS", 0.5)
    monkeypatch.setattr(outbound, "_PER_MEGABYTE", 0)
    port = partner.server_address[1]
    with (
        override_settings(OUTBOUND_ALLOW=networks("127.0.0.1, ::1")),
        pytest.raises(outbound.Unreachable, match="takes too long"),
    ):
        outbound.get(f"http://localhost:{port}/", headers={}, params={})


def test_the_address_that_was_checked_is_the_one_that_is_called(
    partner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = partner.server_address[1], list[str]()
    real = socket.getaddrinfo

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "partner.example":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "10.9.9.9", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with override_settings(OUTBOUND_ALLOW=networks("127.0.0.1")):
        outbound.post(f"http://partner.example:{port}/", headers={})
    assert asked == ["partner.example"]
    assert partner.hosts == [f"partner.example:{port}"]


def test_only_https_is_called_once_we_are_served_over_it() -> None:
    with override_settings(OUTBOUND_ALLOW=NOBODY, HTTPS=True), pytest.raises(outbound.Refused):
        outbound.post("http://93.184.216.34/", headers={})


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("999999999", 3600),
        ("Thu, 26 Nov 2026 00:02:00 GMT", 120),
        ("Wed, 25 Nov 2026 23:00:00 GMT", 0),
        ("soon", 0),
        ("-5", 0),
        ("", 0),
        ("9" * 40, 0),
    ],
)
def test_for_how_long_somebody_asks_to_be_left_alone(told: str, seconds: float) -> None:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    assert outbound.seconds_to_wait(told, at) == seconds
